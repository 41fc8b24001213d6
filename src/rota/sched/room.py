"""The machine as nodes: what the walk along the queue may start, and what it promised.

A promise is kept by holding its place from its start on.  Who ends before that is not
concerned; who runs on must leave the promised nodes what they need:

    node 3   │ free now: 4 │ free when HEAD starts: 8, HEAD takes 6 │   2 may be used on
    node 7   │ free now: 4 │ not promised                           │   4 may be used on
"""

from __future__ import annotations

from collections.abc import Callable
from heapq import merge

from rota.core.reasons import Reason, reason
from rota.sched.fleet import Fleet
from rota.sched.future import (
    CLOSED,
    UNBOUNDED,
    Claim,
    Future,
    Place,
    Release,
    closed_by,
    fit_together,
    licences_of,
    release_of,
)
from rota.sched.grants import Ids
from rota.sched.limits import Quota
from rota.sched.lineup import Head, longest, parts
from rota.sched.problem import Promise, Snapshot, Start
from rota.sched.roster import Group
from rota.sched.space import Rest, Space, Take

RENEW_MS = 30_000
"""A server looks for an earlier start of whom it promised one no more often than that."""

PROMISES_MAX = 100
"""Conservative backfill promises so many starts in a round; who is behind just passes."""


class Frame:
    """What may still be used beyond a promised start, on the nodes it is about."""

    __slots__ = ("at", "left", "licences", "names")

    def __init__(
        self,
        at: int,
        left: dict[int, tuple[int, Rest]],
        *,
        licences: dict[str, int],
        names: dict[int, tuple[str, ...]],
    ) -> None:
        self.at, self.left, self.licences, self.names = at, left, licences, names


class NodeRoom:
    """A ``backfill.Room`` over the nodes of a snapshot."""

    def __init__(self, snapshot: Snapshot, space: Space, ids: Ids) -> None:
        self.space = space
        self.taken: list[Take] = []
        self.starts: list[Start] = []
        self.promises: list[Promise] = []
        self.held_back: dict[int, Reason] = {}
        self._snapshot = snapshot
        self._ids = ids
        self._quota = Quota(
            snapshot.limits, snapshot.running, at=snapshot.at, recent=snapshot.recent
        )
        self.full: set[Group] = set()
        self._claims: list[Claim] = []
        self._frames: list[Frame] = []
        self._new: list[Release] = []
        self._releases: list[Release] | None = None
        self._fleet = snapshot.nodes if isinstance(snapshot.nodes, Fleet) else None
        self._unsettled: list[Head] = []

    def start(self, head: Head) -> bool:
        """Start as many tasks of *head* as may start; say whether all did."""
        line = head.line
        while head.left:
            if refused := self._quota.refuses(line):
                self.held_back[head.index] = refused
                return True  # It waits for its limit: nobody need keep a place for it.
            place = None if head.group in self.full else self._find(head)
            if place is None:
                self.full.add(head.group)
                head.full = True
                return False
            self._begin(head, place)
        return True

    def promise(self, head: Head) -> None:
        """Promise *head* its earliest start; it is worked out when somebody could pass."""
        if len(self._claims) + len(self._unsettled) < PROMISES_MAX:
            self._unsettled.append(head)

    def _find(self, head: Head) -> Place | None:
        requests, length = parts(head.line), longest(head.line)
        end = self._end(length)
        if not (self._claims or self._unsettled or self._snapshot.windows):
            return fit_together(requests, self.space)
        if fit_together(requests, self.space) is None:
            return None
        self._settle()
        return self._masked(head, end, lambda: fit_together(requests, self.space))

    def _end(self, length: int | None) -> int:
        # What has no limit is taken to end after everything else that has none.
        return UNBOUNDED + 1 if length is None else self._snapshot.at + length

    def _masked(
        self, head: Head, end: int, look: Callable[[], Place | None]
    ) -> Place | None:
        """Look while all is hidden that would be missing for a promise or a window."""
        space, at = self.space, self._snapshot.at
        wanted = head.line.request.reservation
        closed = closed_by(
            self._snapshot.windows, space, at=at, end=end, reservation=wanted
        )
        if closed is None:
            self.held_back[head.index] = reason(
                "reservation", what=f"waits for its reservation {wanted}"
            )
            return None
        hidden, licences = self._hide(end)
        for spot in closed:
            space.close(spot, CLOSED)
        place = look()
        for spot in closed:
            space.close(spot, None)
        for spot, (cores, rest) in hidden.items():
            space.set_free(spot, cores, rest)
        space.licences.update(licences)
        if place is None:
            self._say_why(head, bool(closed))
        return place

    def _hide(self, end: int) -> tuple[dict[int, tuple[int, Rest]], dict[str, int]]:
        """Cut what is free down to what may be used until *end*; return what it was."""
        space = self.space
        before: dict[int, tuple[int, Rest]] = {}
        licences: dict[str, int] = {}
        for frame in self._frames:
            if frame.at >= end:
                continue
            for spot, (cores, rest) in frame.left.items():
                before.setdefault(spot, (space.cores[spot], space.rest[spot]))
                fewer = min(cores, space.cores[spot])
                space.set_free(spot, max(0, fewer), _smaller(rest, space.rest[spot]))
            for name, amount in frame.licences.items():
                licences.setdefault(name, space.licences.get(name, 0))
                space.licences[name] = min(amount, space.licences.get(name, 0))
        return before, licences

    def _say_why(self, head: Head, closed: bool) -> None:
        if closed and not self._frames:
            names = ", ".join(window.name for window in self._snapshot.windows)
            text = f"it could run into {names}"
            self.held_back.setdefault(head.index, reason("reservation", what=text))
        elif self.promises:
            ahead = f"job {self.promises[0].job}, whose start it would delay"
            self.held_back.setdefault(head.index, reason("priority", ahead=ahead))

    def _begin(self, head: Head, place: Place) -> None:
        space, requests = self.space, parts(head.line)
        licences = licences_of(requests)
        space.take(place.takes)
        self.taken += place.takes
        space.take_licences(licences)
        end = self._end(longest(head.line))
        for frame in self._frames:
            if frame.at < end:
                _use(frame, place.takes, licences)
        self._new.append(Release(min(end, UNBOUNDED), place.takes, licences))
        grants = self._ids.name(place.takes)
        counts = place.parts if len(place.parts) > 1 else ()
        self.starts.append(Start(head.job.job, grants, counts))
        self._quota.add(head.line)
        head.left -= 1

    def _settle(self) -> None:
        """Work out the promises made since the last time."""
        for head in self._unsettled:
            self._claim(head)
        self._unsettled.clear()

    def _claim(self, head: Head) -> None:
        """Hold the earliest place for *head*, or the one found not long ago."""
        snapshot, length = self._snapshot, longest(head.line)
        licences = licences_of(parts(head.line))
        made_at = snapshot.at
        if kept := self._kept(head, licences):
            place, left, made_at = kept
            names: dict[str, int] = {}
        else:
            future = self._future()
            found = future.earliest(
                parts(head.line), length=length, reservation=head.line.request.reservation
            )
            if found is None:
                return  # It fits nowhere, ever, with the nodes that are open now.
            place = found
            left = future.left_at(take.spot for take in place.takes)
            free = future.licences_left()
            names = {name: free.get(name, 0) for name, _ in licences}
        end = UNBOUNDED + 1 if length is None else place.at + length
        claim = Claim(place.at, end, place.takes, licences)
        bounded = place.at < UNBOUNDED
        # Nobody knows when it could start: once its patience is over, nobody passes.
        since = place.at if bounded or head.key[0] > 0 else snapshot.at
        kinds = {spot: self.space.kind_of[spot].names for spot in left}
        frame = Frame(since, left, licences=names, names=kinds)
        for other in self._frames:
            if claim.start <= other.at < claim.end:
                _use(other, claim.takes, licences)
        _use(frame, claim.takes, licences)
        self._frames.append(frame)
        self._claims.append(claim)
        nodes = tuple(self.space.nodes[take.spot].name for take in place.takes)
        when = place.at if bounded else None
        self.promises.append(Promise(head.job.job, when, nodes, place, made_at))

    def _future(self) -> Future:
        return Future(
            self.space,
            at=self._snapshot.at,
            releases=self._all_releases(),
            claims=self._claims,
            windows=self._snapshot.windows,
        )

    def _kept(
        self, head: Head, licences: tuple[tuple[str, int], ...]
    ) -> tuple[Place, dict[int, tuple[int, Rest]], int] | None:
        """Return the place promised in an earlier round, if it is fresh and still there."""
        snapshot, fleet = self._snapshot, self._fleet
        old = snapshot.promised.get(head.job.job)
        if fleet is None or old is None or licences or self._claims or snapshot.windows:
            return None
        if snapshot.at >= old.made_at + RENEW_MS or old.place.at <= snapshot.at:
            return None
        left: dict[int, tuple[int, Rest]] = {}
        for name, take in zip(old.nodes, old.place.takes, strict=True):
            spot = take.spot
            if fleet.space.by_name.get(name) != spot or fleet.space.closed[spot]:
                return None
            left[spot] = self._free_by(spot, old.place.at, fleet)
            if not _holds(left[spot], take):
                return None
        return old.place, left, old.made_at

    def _free_by(self, spot: int, at: int, fleet: Fleet) -> tuple[int, Rest]:
        """Return what is free on *spot* once all that must end by *at* has ended."""
        cores, rest = self.space.cores[spot], self.space.rest[spot]
        held = [h.take for h in fleet.held(spot) if (h.ends_by or UNBOUNDED) <= at]
        held += [
            t for new in self._new if new.at <= at for t in new.takes if t.spot == spot
        ]
        for take in held:
            amounts = _added(rest[2], take, fleet.space.kind_of[spot].names)
            rest = (rest[0] + take.memory, rest[1] + take.gpus, amounts)
            cores += take.cores
        return cores, rest

    def _all_releases(self) -> list[Release]:
        if self._releases is None and self._fleet is not None:
            held = self._fleet.all_held()
            rows = [Release(h.ends_by or UNBOUNDED, (h.take,), h.licences) for h in held]
            self._releases = sorted(rows, key=lambda release: release.at)
        elif self._releases is None:
            running = [release_of(r, self.space) for r in self._snapshot.running]
            self._releases = sorted(running, key=lambda release: release.at)
        self._new.sort(key=lambda release: release.at)
        return list(merge(self._releases, self._new, key=lambda release: release.at))


def _use(
    frame: Frame, takes: tuple[Take, ...], licences: tuple[tuple[str, int], ...]
) -> None:
    for take in takes:
        if take.spot in frame.left:
            cores, (memory, gpus, amounts) = frame.left[take.spot]
            if take.resources:
                amounts = _fewer(amounts, take, frame.names[take.spot])
            rest = (memory - take.memory, gpus - take.gpus, amounts)
            frame.left[take.spot] = (cores - take.cores, rest)
    for name, amount in licences:
        if name in frame.licences:
            frame.licences[name] -= amount


def _holds(free: tuple[int, Rest], take: Take) -> bool:
    cores, (memory, gpus, _) = free
    enough = cores >= take.cores and memory >= take.memory and gpus >= take.gpus
    return enough and not take.resources


def _added(amounts: tuple[int, ...], take: Take, names: tuple[str, ...]) -> tuple[int, ...]:
    if not take.resources:
        return amounts
    given = dict(take.resources)
    pairs = zip(names, amounts, strict=True)
    return tuple(amount + given.get(name, 0) for name, amount in pairs)


def _fewer(amounts: tuple[int, ...], take: Take, names: tuple[str, ...]) -> tuple[int, ...]:
    given = dict(take.resources)
    pairs = zip(names, amounts, strict=True)
    return tuple(amount - given.get(name, 0) for name, amount in pairs)


def _smaller(one: Rest, other: Rest) -> Rest:
    amounts = tuple(min(a, b) for a, b in zip(one[2], other[2], strict=True))
    return (min(one[0], other[0]), min(one[1], other[1]), amounts)
