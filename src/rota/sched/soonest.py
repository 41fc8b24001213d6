"""When enough nodes have room, as what runs ends: one look along the ends in order.

    cores lacked   4  2  9  ·        of each node, and memory alike; ·: it never has room
    ends           −1 on b, −4 on a  …
    a has room     0  1  9  ·        whoever lacks no more of either is looked at closely

Nothing but what runs is looked at.  Windows, promises and licences can make a start later
than this says, never sooner: whoever has to mind them begins to look here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from rota.core.resources import Mode, Request
from rota.sched.eligible import eligible
from rota.sched.modes import find, needs
from rota.sched.problem import NodeView
from rota.sched.releases import Releases, Row
from rota.sched.space import Free, Kind, Space, Take

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
    able = set(space.able(request))
    usable = [
        kind in able and why is None
        for kind, why in zip(space.kind_of, space.closed, strict=True)
    ]
    lack = request.cores - sum(c for c, use in zip(space.cores, usable, strict=True) if use)
    if lack <= 0:
        return Soonest(at, {})
    usable.append(False)  # The row of what gives back nothing of any node.
    for when, _, spot, cores, _ in releases.rows:
        if usable[spot]:
            lack -= cores
            if lack <= 0:
                return Soonest(max(at, when), {})
    return None


class _Look:
    """One look along the ends: what each node lacks still."""

    def __init__(self, request: Request, space: Space, releases: Releases) -> None:
        self._space, self._releases = space, releases
        self._needs: Mapping[Kind, Free] = {
            kind: need
            for kind in space.able(request)
            if (need := needs(request, kind)) is not None
        }
        cores = {kind: need[0] for kind, need in self._needs.items()}
        memory = {kind: need[1][0] for kind, need in self._needs.items()}
        self._cores = _lacked(cores, space, space.cores)
        self._memory = _lacked(memory, space, [rest[0] for rest in space.rest])
        for spot, why in enumerate(space.closed):
            if why is not None:
                self._cores[spot] = NEVER
        if request.mode is Mode.BY_HOST:
            self._keep_only(space.by_name.get(request.host or ""))
        # The row of what gives back nothing of any node.
        self._cores.append(NEVER)
        self._memory.append(NEVER)

    def first(self, count: int, at: int) -> Soonest | None:
        """Return when so many nodes have room."""
        found: dict[int, Free] = {}
        for spot, (cores, memory) in enumerate(zip(self._cores, self._memory, strict=True)):
            if cores <= 0 >= memory and (free := self._room(spot, at)):
                found[spot] = free
        ends = iter(self._releases.rows)
        then = at if len(found) >= count else None
        for spot, when in self._lacking_nothing(ends):
            if then is not None and (when > then or len(found) >= count + SPARE_MAX):
                break
            if spot not in found and (free := self._room(spot, max(at, when))):
                found[spot] = free
                if then is None and len(found) >= count:
                    then = max(at, when)
        return None if then is None else Soonest(then, found)

    def _lacking_nothing(self, ends: Iterator[Row]) -> Iterator[tuple[int, int]]:
        """Yield a node that lacks no core nor memory as something on it ends, and when."""
        cores, memory = self._cores, self._memory
        for when, _, spot, some_cores, some_memory in ends:
            cores[spot] = few = cores[spot] - some_cores
            memory[spot] = little = memory[spot] - some_memory
            if few <= 0 >= little:
                yield spot, when

    def _room(self, spot: int, at: int) -> Free | None:
        """Return what will be free on a node if it is enough."""
        cores, (memory, gpus, amounts) = self._needs[self._space.kind_of[spot]]
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
        for other in range(len(self._cores)):
            if other != spot:
                self._cores[other] = NEVER


def _lacked(asked: Mapping[Kind, int], space: Space, free: Sequence[int]) -> list[int]:
    """Return how much each node has too little *free* of what is *asked* of its kind."""
    if len(asked) == len(space.kinds) and len({*asked.values()}) == 1:
        (much,) = {*asked.values()}
        return [much - have for have in free]
    pairs = zip(space.kind_of, free, strict=True)
    return [asked.get(kind, NEVER) - have for kind, have in pairs]
