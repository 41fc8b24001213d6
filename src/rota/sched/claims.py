"""Promised starts, held: what others may still use on the nodes they are about.

A promise is kept by holding its place from its start on.  Who ends before that is not
concerned; who runs on must leave the promised nodes what they need:

    node 3   │ free now: 4 │ free when HEAD starts: 8, HEAD takes 6 │   2 may be used on
    node 7   │ free now: 4 │ not promised                           │   4 may be used on
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from rota.sched.fleet import Fleet
from rota.sched.future import UNBOUNDED, Claim, Release, release_of
from rota.sched.mirror import Mirror
from rota.sched.problem import Snapshot
from rota.sched.space import Rest, Space, Take

Free = tuple[int, Rest]
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
        nodes = snapshot.nodes
        self._fleet = nodes if isinstance(nodes, Fleet) else None
        self._kept = nodes.releases if isinstance(nodes, Mirror) else None
        self._by_job: dict[int, Claim] = {}
        self._frames: list[Frame] | None = []
        self._new: list[Release] = []
        self._known: list[Release] | None = None
        self._by_spot: dict[int, list[Release]] | None = None

    def __len__(self) -> int:
        return len(self._by_job)

    @property
    def persistent(self) -> bool:
        """Whether the nodes are kept from round to round: a server's, not a test's."""
        return isinstance(self._snapshot.nodes, Fleet | Mirror)

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

    def releases(self) -> list[Release]:
        """Return what all that runs gives back, sooner ones first."""
        if self._known is None:
            if self._fleet is not None:
                held = self._fleet.all_held()
                rows = [
                    Release(h.ends_by or UNBOUNDED, (h.take,), h.licences) for h in held
                ]
            elif self._kept is not None:
                return self._with_new(list(self._kept))
            else:
                rows = [release_of(r, self._space) for r in self._snapshot.running]
            self._known = rows
        return self._with_new(self._known)

    def _with_new(self, known: list[Release]) -> list[Release]:
        return sorted(known + self._new, key=lambda release: release.at)

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
            free = (self._space.cores[spot], self._space.rest[spot])
            for take in self._given_back(spot, at):
                free = _more(free, take, self._space)
            for claim in self._by_job.values():
                if claim.start <= at < claim.end:
                    for take in claim.takes:
                        if take.spot == spot:
                            free = _less(free, take, self._space)
            left[spot] = free
        return left

    def _given_back(self, spot: int, at: int) -> Iterable[Take]:
        if self._fleet is not None:
            for held in self._fleet.held(spot):
                if (held.ends_by or UNBOUNDED) <= at:
                    yield held.take
        else:
            for release in self._on_spot(spot):
                if release.at <= at:
                    yield from (take for take in release.takes if take.spot == spot)
        for release in self._new:
            if release.at <= at:
                yield from (take for take in release.takes if take.spot == spot)

    def _on_spot(self, spot: int) -> Iterable[Release]:
        if self._kept is not None:
            return self._kept.on(spot)
        if self._by_spot is None:
            self._by_spot = {}
            self.releases()
            for release in self._known or ():
                for take in release.takes:
                    self._by_spot.setdefault(take.spot, []).append(release)
        return self._by_spot.get(spot, ())

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
    cores, (memory, gpus, amounts) = free
    if take.resources:
        given, names = dict(take.resources), space.kind_of[take.spot].names
        pairs = zip(names, amounts, strict=True)
        amounts = tuple(amount + sign * given.get(name, 0) for name, amount in pairs)
    rest = (memory + sign * take.memory, gpus + sign * take.gpus, amounts)
    return cores + sign * take.cores, rest


def _lacks(free: Free) -> bool:
    cores, (memory, gpus, amounts) = free
    return min(cores, memory, gpus, *amounts) < 0


def _smaller(one: Rest, other: Rest) -> Rest:
    amounts = tuple(min(a, b) for a, b in zip(one[2], other[2], strict=True))
    return (min(one[0], other[0]), min(one[1], other[1]), amounts)
