"""What runs and when it gives back what it holds, kept in order from round to round.

    at        10   10   40   60  ...        sooner ones first
    alloc      7    3    9    4
    on node    a    b    a    a,b           and by node: what a promise there rests on

Whoever starts and ends allocations (the engine) tells what changed; a round that has to
find a promised start walks along them and looks at no more than it must.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterable, Iterator

from rota.sched.future import Release

_Row = tuple[int, int, Release]


class Releases:
    """See the head of the file; an allocation is known by its number."""

    def __init__(self) -> None:
        self._rows: list[_Row] = []
        self._of: dict[int, Release] = {}
        self._on_spot: dict[int, dict[int, Release]] = {}

    def __len__(self) -> int:
        return len(self._rows)

    def __iter__(self) -> Iterator[Release]:
        return (row[2] for row in self._rows)

    def of(self, alloc: int) -> Release | None:
        """Return what *alloc* gives back, and when; None: it is not known here."""
        return self._of.get(alloc)

    def on(self, spot: int) -> Iterable[Release]:
        """Return the releases of all that holds something of the node at *spot*."""
        return self._on_spot.get(spot, {}).values()

    def put(self, alloc: int, release: Release) -> None:
        """Let *alloc* give back *release*, whatever it was known to give back before."""
        self.drop(alloc)
        self._of[alloc] = release
        insort(self._rows, (release.at, alloc, release))
        for take in release.takes:
            self._on_spot.setdefault(take.spot, {})[alloc] = release

    def drop(self, alloc: int) -> None:
        """Forget *alloc*: it has given back what it held; nothing if it is not known."""
        release = self._of.pop(alloc, None)
        if release is None:
            return
        del self._rows[bisect_left(self._rows, (release.at, alloc))]
        for take in release.takes:
            held = self._on_spot[take.spot]
            held.pop(alloc, None)
            if not held:
                del self._on_spot[take.spot]

    def clear(self) -> None:
        """Forget all."""
        self._rows.clear()
        self._of.clear()
        self._on_spot.clear()
