"""What runs and when it gives back what it holds, kept in order from round to round.

    at        10   10   40   60  60       sooner ones first, a row for each node
    alloc      7    3    9    4   4
    on node    a    b    a    a   b       and by node: what a promise there rests on

Whoever starts and ends allocations (the engine) tells what changed; a round that has to
find a promised start walks along them and looks at no more than it must.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from rota.sched.problem import Running
from rota.sched.space import Free, Space, Take, moved

UNBOUNDED = 1 << 61
"""When something ends that has no limit; what starts without one ends after it."""

NOWHERE = -1
"""The spot in the row of a release that gives back nothing of any node."""

Row = tuple[int, int, int, int, int]
"""(when, allocation, spot, cores and memory given back there)."""


class Release(NamedTuple):
    """What an allocation gives back, and when at the latest."""

    at: int
    takes: tuple[Take, ...]
    licences: tuple[tuple[str, int], ...]


def release_of(running: Running, space: Space) -> Release:
    """Return what *running* gives back to *space*; nodes that are gone give nothing."""
    takes = []
    for grant in running.grants:
        spot = space.by_name.get(grant.node)
        if spot is not None:
            size = (len(grant.cores), grant.memory, len(grant.gpus))
            takes.append(Take(spot, *size, grant.resources))
    ends_by = UNBOUNDED if running.ends_by is None else running.ends_by
    return Release(ends_by, tuple(takes), running.request.licences)


class Releases:
    """See the head of the file; an allocation is known by its number.

    Attributes:
        rows: sooner ones first; whoever walks along them changes nothing
    """

    def __init__(self, known: Iterable[Release] = ()) -> None:
        self.rows: list[Row] = []
        self._of: dict[int, Release] = {}
        self._on_spot: dict[int, dict[int, Release]] = {}
        self._add(enumerate(known))

    def __len__(self) -> int:
        return len(self._of)

    def __iter__(self) -> Iterator[Release]:
        """Yield all, sooner ones first."""
        last = None
        for _, alloc, *_ in self.rows:
            if alloc != last:
                last = alloc
                yield self._of[alloc]

    def of(self, alloc: int) -> Release | None:
        """Return what *alloc* gives back, and when; None: it is not known here."""
        return self._of.get(alloc)

    def on(self, spot: int) -> Iterable[Release]:
        """Return the releases of all that holds something of the node at *spot*."""
        return self._on_spot.get(spot, {}).values()

    def free_at(self, at: int, spot: int, space: Space) -> Free:
        """Return what will be free at *at* on the node at *spot* of *space*."""
        free = (space.cores[spot], space.rest[spot])
        names = space.kind_of[spot].names
        for release in self.on(spot):
            if release.at <= at:
                for take in release.takes:
                    if take.spot == spot:
                        free = moved(free, take, names=names)
        return free

    def put(self, alloc: int, release: Release) -> None:
        """Let *alloc* give back *release*, whatever it was known to give back before."""
        self.drop(alloc)
        self._of[alloc] = release
        for row in _rows(alloc, release):
            insort(self.rows, row)
        for take in release.takes:
            self._on_spot.setdefault(take.spot, {})[alloc] = release

    def drop(self, alloc: int) -> None:
        """Forget *alloc*: it has given back what it held; nothing if it is not known."""
        release = self._of.pop(alloc, None)
        if release is None:
            return
        for row in _rows(alloc, release):
            del self.rows[bisect_left(self.rows, row)]
        for take in release.takes:
            held = self._on_spot[take.spot]
            held.pop(alloc, None)
            if not held:
                del self._on_spot[take.spot]

    def beside(self, started: Sequence[Release]) -> Releases:
        """Return these and those that *started* since; these stay as they are."""
        if not started:
            return self
        both = Releases()
        both.rows, both._of = self.rows[:], dict(self._of)
        both._on_spot = dict(self._on_spot)
        # Their numbers are nobody else's.
        numbered = [(-1 - at, release) for at, release in enumerate(started)]
        for spot in {take.spot for release in started for take in release.takes}:
            both._on_spot[spot] = dict(both._on_spot.get(spot, {}))
        both._add(numbered)
        return both

    def clear(self) -> None:
        """Forget all."""
        self.rows.clear()
        self._of.clear()
        self._on_spot.clear()

    def _add(self, numbered: Iterable[tuple[int, Release]]) -> None:
        for alloc, release in numbered:
            self._of[alloc] = release
            self.rows += _rows(alloc, release)
            for take in release.takes:
                self._on_spot.setdefault(take.spot, {})[alloc] = release
        self.rows.sort()


def _rows(alloc: int, release: Release) -> list[Row]:
    at = release.at
    if not release.takes:
        return [(at, alloc, NOWHERE, 0, 0)]
    return [(at, alloc, take.spot, take.cores, take.memory) for take in release.takes]
