"""What will be free when: what runs ends by its limits, windows come and go.

    releases  ───┬────────┬──────────────┬──→       each gives back what it holds
    windows        ▐███▌                            nodes promised away
    claims             ▐▒▒▒▒▒▒▒▌                    starts promised in this round

``earliest`` walks along the instants at which more becomes free and returns the first at
which a request has a place that disturbs nothing claimed, and that place.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from heapq import merge
from itertools import groupby
from typing import NamedTuple

from rota.core.reasons import Reason
from rota.core.resources import Mode, Request
from rota.sched.modes import find
from rota.sched.problem import NodeView, Running, Window
from rota.sched.space import Rest, Space, Take

_Free = tuple[int, Rest]

UNBOUNDED = 1 << 61
"""When something ends that has no limit; what starts without one ends after it."""

CLOSED = Reason("reservation", "promised away")


class Claim(NamedTuple):
    """A promised start: so much of these nodes in [start, end).

    passable: others may use its nodes until then; False: from now on they may not
    """

    start: int
    end: int
    takes: tuple[Take, ...]
    licences: tuple[tuple[str, int], ...]
    passable: bool = True


class Release(NamedTuple):
    """What an allocation gives back, and when at the latest."""

    at: int
    takes: tuple[Take, ...]
    licences: tuple[tuple[str, int], ...]


class Place(NamedTuple):
    """Where a request, or all requests of a gang, start together, and when."""

    at: int
    takes: tuple[Take, ...]
    parts: tuple[int, ...]


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


def fit_together(requests: Sequence[Request], space: Space) -> Place | None:
    """Return where all of *requests* fit at once, or None; *space* stays as it is."""
    if len(requests) == 1:
        takes = find(requests[0], space)
        return None if takes is None else Place(0, tuple(takes), (len(takes),))
    found: list[Take] = []
    counts: list[int] = []
    for request in requests:
        takes = find(request, space)
        if takes is None:
            break
        space.take(takes)
        space.take_licences(request.licences)
        found += takes
        counts.append(len(takes))
    for request in requests[: len(counts)]:
        space.take_licences(request.licences, -1)
    space.give(found)
    return Place(0, tuple(found), tuple(counts)) if len(counts) == len(requests) else None


def licences_of(requests: Iterable[Request]) -> tuple[tuple[str, int], ...]:
    """Return ((name, amount), …) of all *requests* together."""
    total: dict[str, int] = {}
    for request in requests:
        for name, amount in request.licences:
            total[name] = total.get(name, 0) + amount
    return tuple(sorted(total.items()))


class Future:
    """A space as it will be; ``releases`` must be sorted by time."""

    def __init__(
        self,
        space: Space,
        *,
        at: int,
        releases: Iterable[Release],
        claims: Sequence[Claim],
        windows: Sequence[Window],
    ) -> None:
        self._now = space
        self._copy: Space | None = None
        self._at = at
        self._releases = list(releases)
        self._claims = claims
        self._windows = windows
        self._applied = 0
        self._active: set[int] = set()

    def earliest(
        self, requests: Sequence[Request], *, length: int | None, reservation: str | None
    ) -> Place | None:
        """Return the first place for *requests* from now on, or None if there is none.

        Args:
            length: how long it must last; None: it has no limit
        """
        if self._is_plain(requests, reservation):
            return first_node(requests[0], self._now, self._releases, at=self._at)
        for at in self._instants():
            self._go_to(at)
            end = UNBOUNDED + 1 if length is None else at + length
            if place := self._try(requests, at=at, end=end, reservation=reservation):
                return place._replace(at=at)
        return None

    @property
    def _space(self) -> Space:
        if self._copy is None:
            self._copy = self._now.copy()
        return self._copy

    def _is_plain(self, requests: Sequence[Request], reservation: str | None) -> bool:
        """Whether one node is asked for, and nothing but what runs stands in the way."""
        request = requests[0]
        is_one = len(requests) == 1 and request.mode is Mode.BY_CORE_1
        others = self._claims or self._windows or reservation or request.licences
        return is_one and not others

    def _instants(self) -> Iterable[int]:
        releases = (release.at for release in self._releases)
        claims = sorted(claim.end for claim in self._claims)
        windows = sorted([w.end for w in self._windows] + [w.start for w in self._windows])
        last = None
        for at in merge([self._at], releases, claims, windows):
            if at != last and at >= self._at:
                last = at
                yield at

    def _go_to(self, at: int) -> None:
        space = self._space
        while self._applied < len(self._releases):
            release = self._releases[self._applied]
            if release.at > at:
                break
            self._applied += 1
            space.give(release.takes)
            space.take_licences(release.licences, -1)
        for number, claim in enumerate(self._claims):
            active = claim.start <= at < claim.end
            if active and number not in self._active:
                self._active.add(number)
                space.take(claim.takes)
                space.take_licences(claim.licences)
            elif not active and number in self._active:
                self._active.discard(number)
                space.give(claim.takes)
                space.take_licences(claim.licences, -1)

    def _try(
        self, requests: Sequence[Request], *, at: int, end: int, reservation: str | None
    ) -> Place | None:
        """Look for a place in [at, end): what is claimed later in it is out of bounds."""
        closed = closed_by(
            self._windows, self._space, at=at, end=end, reservation=reservation
        )
        if closed is None:
            return None
        later = [claim for claim in self._claims if at < claim.start < end]
        space = self._space
        for spot in closed:
            space.close(spot, CLOSED)
        for claim in later:
            space.take(claim.takes)
            space.take_licences(claim.licences)
        place = fit_together(requests, space)
        for claim in later:
            space.give(claim.takes)
            space.take_licences(claim.licences, -1)
        for spot in closed:
            space.close(spot, None)
        return place


def first_node(
    request: Request, space: Space, releases: Iterable[Release], *, at: int
) -> Place | None:
    """Return the first place on one node for *request* from *at* on, as things end.

    Only a node that gets something back can be the next to hold it: no other is looked at.

    Args:
        releases: sooner ones first
    """
    if (takes := find(request, space)) is not None:
        return Place(at, tuple(takes), (len(takes),))
    able = {id(kind) for kind in space.able(request)}
    free: dict[int, _Free] = {}
    for instant, group in groupby(releases, lambda release: max(at, release.at)):
        touched: set[int] = set()
        for release in group:
            for take in release.takes:
                spot = take.spot
                if space.closed[spot] is None and id(space.kind_of[spot]) in able:
                    before = free.get(spot) or (space.cores[spot], space.rest[spot])
                    free[spot] = _given(before, take, space.kind_of[spot].names)
                    touched.add(spot)
        # Of nodes alike in what they are and have free, the first stands for all.
        alike = {
            (id(space.kind_of[spot]), free[spot]): spot
            for spot in sorted(touched, reverse=True)
            if _may_hold(free[spot], request)
        }
        some = sorted(alike.values())
        if some and (best := _best(request, space, some, free)) is not None:
            return Place(instant, (best,), (1,))
    return None


def _given(free: _Free, take: Take, names: tuple[str, ...]) -> _Free:
    cores, (memory, gpus, amounts) = free
    if take.resources:
        given = dict(take.resources)
        pairs = zip(names, amounts, strict=True)
        amounts = tuple(amount + given.get(name, 0) for name, amount in pairs)
    return cores + take.cores, (memory + take.memory, gpus + take.gpus, amounts)


def _may_hold(free: _Free, request: Request) -> bool:
    cores, (memory, gpus, _) = free
    return cores >= request.cores and memory >= request.memory and gpus >= request.gpus


def _best(
    request: Request, space: Space, spots: Sequence[int], free: Mapping[int, _Free]
) -> Take | None:
    """Return the best place on one of *spots*, with as much free there as *free* says."""
    small = Space()
    for at, spot in enumerate(spots):
        node = space.nodes[spot]
        small.add(NodeView(node, (), 0, (), {}))
        small.set_free(at, *free[spot])
    takes = find(request, small)
    return None if takes is None else takes[0]._replace(spot=spots[takes[0].spot])


def closed_by(
    windows: Iterable[Window], space: Space, *, at: int, end: int, reservation: str | None
) -> list[int] | None:
    """Return the open spots of *space* that *windows* bar from running in [at, end).

    None: it names a *reservation* that it would not be inside of.
    """
    barred: set[int] = set()
    inside: set[int] | None = set() if reservation else None
    for window in windows:
        spots = _spots(window, space)
        if reservation and window.name == reservation and window.kind == "reservation":
            if window.start <= at and end <= window.end:
                inside = (inside or set()) | spots
        elif window.kind == "end" and end > UNBOUNDED:
            # Nobody knows how long it takes: it may well be over in time.
            continue
        elif window.start < end and at < window.end:
            barred |= spots
    if inside is not None:
        if not inside:
            return None
        barred |= set(range(len(space.nodes))) - inside
    return [spot for spot in barred if space.closed[spot] is None]


def _spots(window: Window, space: Space) -> set[int]:
    if window.nodes is None:
        return set(range(len(space.nodes)))
    return {space.by_name[name] for name in window.nodes if name in space.by_name}
