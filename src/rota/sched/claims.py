"""Promised starts, held: what others may still use on the nodes they are about.

A promise is kept by holding its place from its start on.  Who ends before that is not
concerned; who runs on must leave the promised nodes what they need:

    node 3   │ free now: 4 │ free when HEAD starts: 8, HEAD takes 6 │   2 may be used on
    node 7   │ free now: 4 │ not promised                           │   4 may be used on
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from rota.sched.future import Claim
from rota.sched.mirror import Mirror
from rota.sched.problem import Snapshot
from rota.sched.releases import UNBOUNDED, Release, Releases, release_of
from rota.sched.space import Free, Rest, Space, Take, moved

Amounts = Iterable[tuple[str, int]]


class Hidden(NamedTuple):
    """What was free before a search was told to spare what is promised."""

    spots: Mapping[int, Free]
    licences: Mapping[str, int]


class Frame:
    """What may still be used beyond a promised start, on the nodes it is about."""

    __slots__ = ("at", "left", "licences")

    def __init__(self, at: int, left: dict[int, Free], licences: dict[str, int]) -> None:
        self.at, self.left, self.licences = at, left, licences


class Claims:
    """The promises of a round, and of the rounds before it that are still good."""

    def __init__(self, snapshot: Snapshot, space: Space) -> None:
        self._snapshot = snapshot
        self._space = space
        self._by_job: dict[int, Claim] = {}
        self._frames: list[Frame] | None = []
        self._known: Releases | None = None
        self._new: list[Release] = []

    def __len__(self) -> int:
        return len(self._by_job)

    def all(self) -> Sequence[Claim]:
        """Return the claims, in the order they were made."""
        return list(self._by_job.values())

    def add(self, job: int, claim: Claim) -> None:
        """Hold *claim* for *job*."""
        self._by_job[job] = claim
        self._frames = None

    def lift(self, job: int) -> Claim | None:
        """Hold nothing for *job* any more; return what was held."""
        self._frames = None
        return self._by_job.pop(job, None)

    def good(self, claim: Claim) -> bool:
        """Say whether *claim* could be held beside all that are held."""
        space = self._space
        if any(space.closed[take.spot] is not None for take in claim.takes):
            return False
        later = (c.start for c in self._by_job.values())
        for at in {claim.start, *(t for t in later if claim.start <= t < claim.end)}:
            spots = self._left({take.spot for take in claim.takes}, at)
            for take in claim.takes:
                if _lacks(_less(spots[take.spot], take, space)):
                    return False
            left = self._licences_left(claim.licences, at)
            if any(left[name] < amount for name, amount in claim.licences):
                return False
        return True

    def started(self, release: Release) -> None:
        """Take note of a start in this round; it gives back *release*."""
        self._new.append(release)
        for frame in self._frames or ():
            if frame.at < release.at or release.at >= UNBOUNDED:
                for take in release.takes:
                    if take.spot in frame.left:
                        left = frame.left[take.spot]
                        frame.left[take.spot] = _less(left, take, self._space)
                for name, amount in release.licences:
                    if name in frame.licences:
                        frame.licences[name] -= amount

    def hide(self, end: int) -> Hidden:
        """Cut what is free down to what may be used until *end*; return what it was."""
        space = self._space
        before: dict[int, Free] = {}
        licences: dict[str, int] = {}
        for frame in self._built():
            if frame.at >= end:
                continue
            for spot, (cores, rest) in frame.left.items():
                before.setdefault(spot, (space.cores[spot], space.rest[spot]))
                fewer = max(0, min(cores, space.cores[spot]))
                space.set_free(spot, fewer, _smaller(rest, space.rest[spot]))
            for name, amount in frame.licences.items():
                licences.setdefault(name, space.licences.get(name, 0))
                space.licences[name] = min(amount, space.licences.get(name, 0))
        return Hidden(before, licences)

    def show(self, hidden: Hidden) -> None:
        """Undo ``hide``."""
        for spot, (cores, rest) in hidden.spots.items():
            self._space.set_free(spot, cores, rest)
        self._space.licences.update(hidden.licences)

    def releases(self) -> Releases:
        """Return what all that runs gives back, and what started in this round."""
        return self._running().beside(self._new)

    def _running(self) -> Releases:
        if self._known is None:
            nodes, running = self._snapshot.nodes, self._snapshot.running
            if isinstance(nodes, Mirror):
                self._known = nodes.releases
            else:
                self._known = Releases(release_of(r, self._space) for r in running)
        return self._known

    def _built(self) -> list[Frame]:
        if self._frames is None:
            self._frames = []
            for claim in self._by_job.values():
                left = self._left({take.spot for take in claim.takes}, claim.start)
                licences = self._licences_left(claim.licences, claim.start)
                # An urgent job nobody can name a start for is passed by nobody.
                at = claim.start if claim.passable else self._snapshot.at
                self._frames.append(Frame(at, left, licences))
        return self._frames

    def _left(self, spots: Iterable[int], at: int) -> dict[int, Free]:
        """Return what is free on *spots* at instant *at*, all claims taken off."""
        left: dict[int, Free] = {}
        for spot in spots:
            free = self._running().free_at(at, spot, self._space)
            for release in self._new:
                if release.at <= at:
                    for take in release.takes:
                        if take.spot == spot:
                            free = _more(free, take, self._space)
            for claim in self._by_job.values():
                if claim.start <= at < claim.end:
                    for take in claim.takes:
                        if take.spot == spot:
                            free = _less(free, take, self._space)
            left[spot] = free
        return left

    def _licences_left(self, asked: Amounts, at: int) -> dict[str, int]:
        left = {name: self._space.licences.get(name, 0) for name, _ in asked}
        if not left:
            return left
        for release in self.releases():
            if release.at <= at:
                _count(left, release.licences, 1)
        for claim in self._by_job.values():
            if claim.start <= at < claim.end:
                _count(left, claim.licences, -1)
        return left


def _count(left: dict[str, int], amounts: Amounts, sign: int) -> None:
    for name, amount in amounts:
        if name in left:
            left[name] += sign * amount


def _less(free: Free, take: Take, space: Space) -> Free:
    return _more(free, take, space, sign=-1)


def _more(free: Free, take: Take, space: Space, *, sign: int = 1) -> Free:
    return moved(free, take, names=space.kind_of[take.spot].names, sign=sign)


def _lacks(free: Free) -> bool:
    cores, (memory, gpus, amounts) = free
    return min(cores, memory, gpus, *amounts) < 0


def _smaller(one: Rest, other: Rest) -> Rest:
    amounts = tuple(min(a, b) for a, b in zip(one[2], other[2], strict=True))
    return (min(one[0], other[0]), min(one[1], other[1]), amounts)
