"""When enough nodes have room, as what runs ends: one look along the ends in order.

    cores lacked   4  2  9  ·        of each node; ·: it can never hold the request
    ends           −1 on b, −4 on a  …
    a has room     0  1  9  ·        whoever lacks no core any more is looked at closely

Nothing but what runs is looked at.  Windows, promises and licences can make a start later
than this says, never sooner: whoever has to mind them begins to look here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from rota.core.resources import Mode, Request
from rota.sched.eligible import eligible
from rota.sched.modes import find, needs
from rota.sched.problem import NodeView
from rota.sched.releases import Releases, Row
from rota.sched.space import Free, Space, Take

NEVER = 1 << 60
"""So many cores no node gives back."""

SPARE_MAX = 100
"""Of nodes that have room at the same instant so many more than needed are chosen from."""


class Soonest(NamedTuple):
    """From *at* on there is room.

    Shapes:
        free: {spot: what is free then} of nodes with room; ``bycore`` tells none
    """

    at: int
    free: Mapping[int, Free]


def soonest(
    request: Request, space: Space, releases: Releases, *, at: int
) -> Soonest | None:
    """Return when *request* has room from *at* on, or None if there never is any."""
    if request.mode is Mode.BY_CORE:
        return _together(request, space, releases, at=at)
    look = _Look(request, space, releases)
    return look.first(_count(request, space), at)


def place_then(request: Request, space: Space, found: Soonest) -> list[Take] | None:
    """Return where *request* stands on the nodes that were *found*, as ``find`` chooses."""
    small, spots = Space(), sorted(found.free)
    for at, spot in enumerate(spots):
        small.add(NodeView(space.nodes[spot], (), 0, (), {}))
        small.set_free(at, *found.free[spot])
    takes = find(request, small)
    return None if takes is None else [t._replace(spot=spots[t.spot]) for t in takes]


def _count(request: Request, space: Space) -> int:
    """Return on how many nodes there must be room."""
    if request.mode is Mode.BY_GROUP:
        return max(1, sum(eligible(node, request) for node in space.nodes))
    return request.n if request.mode is Mode.BY_NODE else 1


def _together(
    request: Request, space: Space, releases: Releases, *, at: int
) -> Soonest | None:
    """Return when all nodes together have the cores of a ``bycore`` request."""
    able = {id(kind) for kind in space.able(request)}
    usable = [
        id(kind) in able and why is None
        for kind, why in zip(space.kind_of, space.closed, strict=True)
    ]
    lack = request.cores - sum(c for c, use in zip(space.cores, usable, strict=True) if use)
    if lack <= 0:
        return Soonest(at, {})
    usable.append(False)  # The row of what gives back nothing of any node.
    for when, _, spot, cores in releases.rows:
        if usable[spot]:
            lack -= cores
            if lack <= 0:
                return Soonest(max(at, when), {})
    return None


class _Look:
    """One look along the ends: what each node lacks still."""

    def __init__(self, request: Request, space: Space, releases: Releases) -> None:
        self._space, self._releases = space, releases
        self._needs: Mapping[int, Free] = {
            id(kind): need
            for kind in space.able(request)
            if (need := needs(request, kind)) is not None
        }
        asked = {key: need[0] for key, need in self._needs.items()}
        self._lack = [
            asked.get(id(kind), NEVER) - free
            for kind, free in zip(space.kind_of, space.cores, strict=True)
        ]
        for spot, why in enumerate(space.closed):
            if why is not None:
                self._lack[spot] = NEVER
        if request.mode is Mode.BY_HOST:
            self._keep_only(space.by_name.get(request.host or ""))
        self._lack.append(NEVER)  # The row of what gives back nothing of any node.

    def first(self, count: int, at: int) -> Soonest | None:
        """Return when so many nodes have room."""
        found: dict[int, Free] = {}
        for spot, lack in enumerate(self._lack):
            if lack <= 0 and (free := self._room(spot, at)):
                found[spot] = free
        walk = iter(self._releases.rows)
        then = at if len(found) >= count else self._walk(walk, found, count, at)
        if then is None:
            return None
        for when, _, spot, cores in walk:
            if when > then or len(found) >= count + SPARE_MAX:
                break
            self._lack[spot] -= cores
            if self._lack[spot] <= 0 and (free := self._room(spot, then)):
                found[spot] = free
        return Soonest(then, found)

    def _walk(
        self, walk: Iterator[Row], found: dict[int, Free], count: int, at: int
    ) -> int | None:
        """Go on until *found* are enough; return when that is."""
        lack = self._lack
        for when, _, spot, cores in walk:
            lack[spot] = left = lack[spot] - cores
            if left <= 0 and spot not in found:
                then = max(at, when)
                if free := self._room(spot, then):
                    found[spot] = free
                    if len(found) >= count:
                        return then
        return None

    def _room(self, spot: int, at: int) -> Free | None:
        """Return what will be free on a node if it is enough."""
        cores, (memory, gpus, amounts) = self._needs[id(self._space.kind_of[spot])]
        free = self._releases.free_at(at, spot, self._space)
        rest = free[1]
        is_enough = (
            free[0] >= cores
            and rest[0] >= memory
            and rest[1] >= gpus
            and all(have >= k for have, k in zip(rest[2], amounts, strict=True))
        )
        return free if is_enough else None

    def _keep_only(self, spot: int | None) -> None:
        for other in range(len(self._lack)):
            if other != spot:
                self._lack[other] = NEVER
