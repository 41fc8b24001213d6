"""The five ways to choose cores; each a function (request, space) → takes, or None.

    bycore    N cores anywhere, on as few nodes as can be, multiples of ``threads``
    bycore1   N cores of one node
    bynode    N whole idle nodes; with ``cores_per_node`` so many cores of each, shared
    byhost    N cores of the node named ``host``
    bygroup   all nodes of the group, all of them idle

Each finds a place whenever there is one, and among the places the one that leaves the
least behind (best fit): cores of a node with devices nobody asked for are taken last.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from rota.core.resources import Mode, Request
from rota.sched.eligible import eligible
from rota.sched.space import Free, Kind, Rest, Space, Take

Takes = list[Take]
Chooser = Callable[[Request, Space], "Takes | None"]


def find(request: Request, space: Space) -> Takes | None:
    """Return where *request* fits into *space* now, or None."""
    if not space.licensed(request):
        return None
    return MODES[request.mode](request, space)


def by_core_1(request: Request, space: Space) -> Takes | None:
    """N cores of one node: the one that has the least left afterwards."""
    if request.exclusive:
        return _whole(request, space, count=1, least=request.cores)
    best: tuple[tuple[int, int, Rest, int], Kind] | None = None
    for kind in space.able(request):
        for cores, rest, heap in space.spots(kind, request.cores):
            if fits(request, kind, rest):
                rank = (_precious(request, rest), cores, rest, heap[0])
                if best is None or rank < best[0]:
                    best = (rank, kind)
                break
    if best is None:
        return None
    return [portion(request, index=best[0][3], cores=request.cores)]


def by_core(request: Request, space: Space) -> Takes | None:
    """N cores anywhere: one node if it can be, else the fewest."""
    if request.exclusive:
        return _gather_whole(request, space)
    threads = max(1, request.threads)
    per_core = -(-request.memory // request.cores) if request.memory else 0
    offers: list[tuple[int, int]] = []
    for kind in space.able(request):
        for cores, rest, heap in space.spots(kind, threads):
            useful = min(cores, rest[0] // per_core) if per_core else cores
            useful -= useful % threads
            if useful:
                offers += [(useful, i) for i in space.members(cores, rest, heap)]
    return _fewest(request, offers, per_core)


def by_node(request: Request, space: Space) -> Takes | None:
    """N whole idle nodes, or so many cores of each of N nodes."""
    if not request.cores_per_node or request.exclusive:
        return _whole(request, space, count=request.n, least=request.cores_per_node)
    share = spread(request)
    ranked: list[tuple[int, int, Rest, int]] = []
    for kind in space.able(request):
        found = 0
        for cores, rest, heap in space.spots(kind, share.cores):
            if not fits(share, kind, rest):
                continue
            rank = (_precious(share, rest), cores, rest)
            members = space.members(cores, rest, heap)[: request.n]
            ranked += [(*rank, index) for index in members]
            found += len(members)
            if found >= request.n:
                break
    if len(ranked) < request.n:
        return None
    ranked.sort()
    return [portion(share, index=row[3], cores=share.cores) for row in ranked[: request.n]]


def by_host(request: Request, space: Space) -> Takes | None:
    """N cores of one named node."""
    index = space.by_name.get(request.host or "")
    if index is None or space.closed[index] or not eligible(space.nodes[index], request):
        return None
    kind, rest = space.kind_of[index], space.rest[index]
    if request.exclusive:
        is_idle = space.cores[index] == kind.size and rest == kind.idle
        return [_all_of(space, index)] if is_idle and needs(request, kind) else None
    if space.cores[index] < request.cores or not fits(request, kind, rest):
        return None
    return [portion(request, index=index, cores=request.cores)]


def by_group(request: Request, space: Space) -> Takes | None:
    """All nodes of the group, every one of them idle; one that is away makes it wait."""
    takes: Takes = []
    for index, node in enumerate(space.nodes):
        if not eligible(node, request):
            continue
        kind = space.kind_of[index]
        if space.closed[index] or space.cores[index] != kind.size:
            return None
        if space.rest[index] != kind.idle:
            return None
        takes.append(_all_of(space, index))
    return takes or None


MODES: Final[Mapping[Mode, Chooser]] = {
    Mode.BY_CORE: by_core,
    Mode.BY_CORE_1: by_core_1,
    Mode.BY_NODE: by_node,
    Mode.BY_HOST: by_host,
    Mode.BY_GROUP: by_group,
}


def fits(request: Request, kind: Kind, rest: Rest) -> bool:
    """Say whether what is free besides cores is enough for *request* on one node."""
    memory, gpus, amounts = rest
    if memory < request.memory or gpus < request.gpus:
        return False
    if not request.resources:
        return True
    have = dict(zip(kind.names, amounts, strict=True))
    return all(have.get(name, 0) >= amount for name, amount in request.resources)


def needs(request: Request, kind: Kind) -> Free | None:
    """Return what a node of *kind* must have free for its part of *request*; None: never.

    A ``bycore`` request has no part that is the same on each node: it is not to be asked.
    """
    share = spread(request) if request.mode is Mode.BY_NODE else request
    if request.mode is Mode.BY_GROUP:
        return (kind.size, kind.idle)
    if request.exclusive or (request.mode is Mode.BY_NODE and not share.cores):
        is_enough = kind.size >= share.cores and fits(share, kind, kind.idle)
        return (kind.size, kind.idle) if is_enough else None
    asked = dict(share.resources)
    if not asked.keys() <= set(kind.names):
        return None
    amounts = tuple(asked.get(name, 0) for name in kind.names)
    return (share.cores, (share.memory, share.gpus, amounts))


def portion(request: Request, *, index: int, cores: int) -> Take:
    """Return the take of *cores* cores and all the rest *request* names, from one node."""
    return Take(index, cores, request.memory, request.gpus, request.resources)


def spread(request: Request) -> Request:
    """Return what a ``bynode`` request with ``cores_per_node`` needs of each node.

    Memory and gpus of the task are split evenly; consumables are needed on every node.
    """
    n = max(1, request.n)
    return Request(
        cores=request.cores_per_node,
        memory=-(-request.memory // n),
        gpus=-(-request.gpus // n),
        resources=request.resources,
    )


def _fewest(request: Request, offers: list[tuple[int, int]], per_core: int) -> Takes | None:
    """Choose from (useful cores, node): the largest first, the last one as a best fit."""
    if sum(useful for useful, _ in offers) < request.cores:
        return None
    offers.sort(key=lambda offer: (-offer[0], offer[1]))
    takes, missing = [], request.cores
    for at, (useful, index) in enumerate(offers):
        if useful >= missing:
            snug = min((u, i) for u, i in offers[at:] if u >= missing)[1]
            takes.append(Take(snug, missing, missing * per_core))
            return takes
        takes.append(Take(index, useful, useful * per_core))
        missing -= useful
    return None


def _idle(request: Request, space: Space, least: int) -> list[tuple[int, int, int]]:
    """Return (devices, cores, node) of the idle nodes for *request*, snuggest first."""
    share = spread(request) if request.mode is Mode.BY_NODE else request
    rows: list[tuple[int, int, int]] = []
    for kind in space.able(request):
        if kind.size < least or not fits(share, kind, kind.idle):
            continue
        heap = kind.stock[kind.size].get(kind.idle)
        if heap:
            members = space.members(kind.size, kind.idle, heap)
            devices = _precious(request, kind.idle)
            rows += [(devices, kind.size, index) for index in members]
    rows.sort()
    return rows


def _whole(request: Request, space: Space, *, count: int, least: int) -> Takes | None:
    rows = _idle(request, space, least)
    if len(rows) < count:
        return None
    return [_all_of(space, index) for _, _, index in rows[:count]]


def _gather_whole(request: Request, space: Space) -> Takes | None:
    """Idle nodes until their cores suffice: ``bycore`` with ``exclusive``."""
    rows = _idle(request, space, 1)
    snug = next((row for row in rows if row[1] >= request.cores), None)
    chosen, have = ([snug], snug[1]) if snug else ([], 0)
    for row in sorted(rows, key=lambda row: (-row[1], row[2])):
        if have >= request.cores:
            break
        chosen.append(row)
        have += row[1]
    return [_all_of(space, row[2]) for row in chosen] if have >= request.cores else None


def _all_of(space: Space, index: int) -> Take:
    kind = space.kind_of[index]
    memory, gpus, amounts = kind.idle
    resources: Sequence[tuple[str, int]] = list(zip(kind.names, amounts, strict=True))
    return Take(index, kind.size, memory, gpus, tuple(resources))


def _precious(request: Request, rest: Rest) -> int:
    """Count the kinds of device that are free here and that *request* has no use for."""
    count = 1 if rest[1] and not request.gpus else 0
    if rest[2]:
        count += max(0, sum(1 for amount in rest[2] if amount) - len(request.resources))
    return count
