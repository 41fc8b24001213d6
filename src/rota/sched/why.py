"""Why a line waits: the nodes asked, the nearest miss named.

A round that starts nothing must cost next to nothing, so reasons are worked out when
somebody reads them; they speak of the nodes as they were at the end of that round.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import replace

from rota.core.reasons import Reason, reason
from rota.core.resources import Mode, Request
from rota.core.units import show_amount, show_count, show_size
from rota.sched.eligible import eligible
from rota.sched.modes import spread
from rota.sched.space import Space


class Reasons(Mapping[int, Reason]):
    """{index of a line: its Reason}, each worked out at the first look."""

    def __init__(self, lines: Collection[int], explain: Callable[[int], Reason]) -> None:
        self._lines = lines
        self._explain = explain
        self._known: dict[int, Reason] = {}

    def __getitem__(self, index: int) -> Reason:
        if index not in self._known:
            if index not in self._lines:
                raise KeyError(index)
            self._known[index] = self._explain(index)
        return self._known[index]

    def __iter__(self) -> Iterator[int]:
        return iter(self._lines)

    def __len__(self) -> int:
        return len(self._lines)


def why_not(request: Request, space: Space) -> Reason:
    """Return why *request* does not fit into *space*: the nearest miss by name."""
    if not space.nodes:
        return reason("no_node")
    able = [i for i, node in enumerate(space.nodes) if eligible(node, request)]
    if request.mode is Mode.BY_HOST:
        able = [i for i in able if space.nodes[i].name == request.host]
    if not able:
        return reason("impossible_now", what=_nothing_of_the_sort(request, space))
    away = [i for i in able if space.closed[i] is not None]
    if len(away) == len(able) or (away and request.mode is Mode.BY_GROUP):
        codes = Counter(r.code for i in away if (r := space.closed[i]) is not None)
        return reason("nodes_away", what=" or ".join(sorted(codes)))
    if not space.licensed(request):
        return reason("licence", what=_missing_licences(request, space))
    here = [i for i in able if space.closed[i] is None]
    if too_big := _too_big(request, space, here=here, able=able):
        return too_big
    return reason("resources", what=_missing(request, space, here))


def _nothing_of_the_sort(request: Request, space: Space) -> str:
    asker, anybodys = request.asker, replace(request, asker=None, host=None)
    if asker is None or not any(eligible(node, anybodys) for node in space.nodes):
        return "none is of the sort it asks for"
    return (
        f"none that it could use runs jobs of {asker.name}: each agent runs those of its "
        "own account; `rota invite --mine` adds one that does"
    )


def _missing_licences(request: Request, space: Space) -> str:
    short = [(n, k) for n, k in request.licences if space.licences.get(n, 0) < k]
    return " and ".join(f"{k} {n} ({space.licences.get(n, 0)} free)" for n, k in short)


def _too_big(
    request: Request, space: Space, *, here: list[int], able: list[int]
) -> Reason | None:
    """Tell apart what no open node could ever hold from what is merely busy."""
    if request.mode not in (Mode.BY_CORE_1, Mode.BY_HOST):
        return None
    if any(_ever(request, space, i) for i in here):
        return None
    if any(_ever(request, space, i) for i in able):
        codes = Counter(r.code for i in able if (r := space.closed[i]) is not None)
        return reason("nodes_away", what=" or ".join(sorted(codes)))
    return reason("impossible_now", what="none is large enough")


def _ever(request: Request, space: Space, index: int) -> bool:
    node = space.nodes[index]
    return (
        len(node.cores) >= request.cores
        and node.memory >= request.memory
        and len(node.gpus) >= request.gpus
        and all(node.resources.get(name, 0) >= k for name, k in request.resources)
    )


def _missing(request: Request, space: Space, here: list[int]) -> str:
    if request.mode is Mode.BY_CORE:
        free = sum(space.cores[i] for i in here)
        return _short("free core", request.cores, free)
    if request.mode is Mode.BY_GROUP:
        return f"all {len(here)} nodes of its group to be idle"
    if request.exclusive or (request.mode is Mode.BY_NODE and not request.cores_per_node):
        count = request.n if request.mode is Mode.BY_NODE else 1
        idle = [i for i in here if space.cores[i] == space.kind_of[i].size]
        return _short("idle node", count, len(idle))
    if request.mode is Mode.BY_NODE:
        share = spread(request)
        fit = [i for i in here if not lacks(share, space, i)]
        what = f"node with {_cores(share.cores)} free"
        return _short(
            what, request.n, len(fit), plural=f"nodes with {_cores(share.cores)} free"
        )
    return _nearest(request, space, here)


def _nearest(request: Request, space: Space, here: list[int]) -> str:
    """Name what the node that comes nearest lacks."""
    could = [i for i in here if _ever(request, space, i)] or here
    best = min(could, key=lambda i: (len(lacks(request, space, i)), -space.cores[i], i))
    short = lacks(request, space, best)
    where = "" if len(could) == 1 else " on one node"
    return " and ".join(short) + where if short else "a place"


def lacks(request: Request, space: Space, index: int) -> list[str]:
    """Return all that the node at *index* has too little of, free, for *request*."""
    memory, gpus, _ = space.rest[index]
    short = []
    if space.cores[index] < request.cores:
        short.append(_short("free core", request.cores, space.cores[index]))
    if memory < request.memory:
        free = show_size(max(0, memory))
        short.append(f"{show_size(request.memory)} of memory ({free} free)")
    if gpus < request.gpus:
        short.append(_short("free gpu", request.gpus, gpus))
    have = space.amounts(index)
    for name, amount in request.resources:
        if have.get(name, 0) < amount:
            free = show_count(name, max(0, have.get(name, 0)))
            short.append(f"{show_amount(name, amount)} ({free} free)")
    return short


def _short(what: str, asked: int, free: int, *, plural: str = "") -> str:
    shown = what if asked == 1 else (plural or f"{what}s")
    return (
        f"{asked} {shown} ({free} free)" if not plural else f"{asked} {shown} ({free} are)"
    )


def _cores(count: int) -> str:
    return "1 core" if count == 1 else f"{count} cores"
