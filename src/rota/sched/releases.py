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

FEW = 100
"""So many changes are put in their places one by one; more are sorted in."""

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

    The rows are put in order when somebody looks at them: most rounds nobody does.
    """

    def __init__(self, known: Iterable[Release] = ()) -> None:
        self._rows: list[Row] = []
        self._of: dict[int, Release] = {}
        self._on_spot: dict[int, dict[int, Release]] = {}
        self._fresh: set[int] = set()
        self._stale: set[Row] = set()
        for alloc, release in enumerate(known):
            self.put(alloc, release)

    def __len__(self) -> int:
        return len(self._of)

    def __iter__(self) -> Iterator[Release]:
        """Yield all, sooner ones first."""
        last = None
        for _, alloc, *_ in self.rows:
            if alloc != last:
                last = alloc
                yield self._of[alloc]

    @property
    def rows(self) -> Sequence[Row]:
        """All, sooner ones first; whoever walks along them changes nothing."""
        if self._stale or self._fresh:
            self._put_in_order()
        return self._rows

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
        self._fresh.add(alloc)
        for take in release.takes:
            self._on_spot.setdefault(take.spot, {})[alloc] = release

    def drop(self, alloc: int) -> None:
        """Forget *alloc*: it has given back what it held; nothing if it is not known."""
        release = self._of.pop(alloc, None)
        if release is None:
            return
        if alloc in self._fresh:
            self._fresh.remove(alloc)
        else:
            self._stale.update(_rows(alloc, release))
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
        both._rows, both._of = [*self.rows], dict(self._of)
        both._on_spot = dict(self._on_spot)
        for spot in {take.spot for release in started for take in release.takes}:
            both._on_spot[spot] = dict(both._on_spot.get(spot, {}))
        for at, release in enumerate(started):
            both.put(-1 - at, release)  # A number that is nobody else's.
        return both

    def clear(self) -> None:
        """Forget all."""
        self._rows.clear()
        self._fresh.clear()
        self._stale.clear()
        self._of.clear()
        self._on_spot.clear()

    def _put_in_order(self) -> None:
        stale, rows = self._stale, self._rows
        fresh = [row for alloc in self._fresh for row in _rows(alloc, self._of[alloc])]
        if len(stale) + len(fresh) <= FEW:
            for row in stale:
                del rows[bisect_left(rows, row)]
            for row in fresh:
                insort(rows, row)
        else:
            rows = self._rows = [row for row in rows if row not in stale] + fresh
            rows.sort()  # What was in order before is found to be so, and kept.
        stale.clear()
        self._fresh.clear()


def _rows(alloc: int, release: Release) -> list[Row]:
    at = release.at
    if not release.takes:
        return [(at, alloc, NOWHERE, 0, 0)]
    return [(at, alloc, take.spot, take.cores, take.memory) for take in release.takes]
