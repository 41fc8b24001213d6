"""Nodes in classes, and what each class lacks for a request: all of it, not the first.

4 nodes   gen4, 64 cores   3 of them busy: 8 free cores (2 free)   1 of them drained
2 nodes   gen5, 64 cores   has no label gen4
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from rota.core.pool import pool_label
from rota.core.resources import Mode, Node, Request
from rota.core.units import show_amount, show_count, show_size
from rota.sched.eligible import serves
from rota.sched.labels import holds
from rota.sched.modes import find, spread
from rota.sched.space import Kind, Space
from rota.sched.why import lacks

NAMED_MAX = 3


@dataclass(frozen=True, slots=True)
class NodeClass:
    """Nodes that are alike in everything that never changes.

    Shapes:
        nodes:   how many;  names: of the first few
        offers:  "64 cores, 256 GiB, gen4"
        missing: what each lacks at least, as sentences' ends; empty: there is room
    """

    nodes: int
    names: tuple[str, ...]
    offers: str
    missing: tuple[str, ...]


def classes(request: Request, space: Space) -> list[NodeClass]:
    """Return the classes of *space*'s nodes, those that lack least first."""
    members: dict[Kind, list[int]] = {}
    for spot, kind in enumerate(space.kind_of):
        members.setdefault(kind, []).append(spot)
    found = [
        NodeClass(
            len(spots),
            tuple(space.nodes[spot].name for spot in spots[:NAMED_MAX]),
            _offers(kind.node),
            tuple(_missing(request, space, kind, spots)),
        )
        for kind, spots in members.items()
    ]
    return sorted(found, key=lambda row: (len(row.missing), -row.nodes))


def _offers(node: Node) -> str:
    cores = len(node.cores)
    told = ["1 core" if cores == 1 else f"{cores} cores", show_size(node.memory)]
    if node.gpus:
        told.append("1 gpu" if len(node.gpus) == 1 else f"{len(node.gpus)} gpus")
    told += [show_amount(*held) for held in sorted(node.resources.items())]
    return ", ".join([*told, *node.labels])


def _missing(request: Request, space: Space, kind: Kind, spots: Sequence[int]) -> list[str]:
    never = [*_wrong_sort(request, kind.node), *_too_small(request, kind.node)]
    named = [space.nodes[spot].name for spot in spots]
    if request.mode is Mode.BY_HOST and request.host not in named:
        never.append(f"is not {request.host}")
    if never:
        return never
    missing = _closed(space, spots)
    here = [spot for spot in spots if space.closed[spot] is None]
    if request.mode is Mode.BY_HOST:
        here = [spot for spot in here if space.nodes[spot].name == request.host]
    if here and find(request, space) is None:
        missing += _busy(request, space, here)
    return missing


def _wrong_sort(request: Request, node: Node) -> list[str]:
    """Name all that makes *node* of the wrong sort, whatever is free on it."""
    labels, told = node.labels, []
    if not serves(node, request.asker):
        told.append(f"runs jobs of {node.serves or f'user id {node.uid}'} only")
    if request.group and not any(name in labels for name in request.group):
        told.append(f"has no label {' or '.join(request.group)}")
    told += [f"has the label {name}" for name in request.not_group if name in labels]
    told += [f"is not {text}" for text in request.require if not holds(text, labels)]
    if request.pool and pool_label(request.pool) not in labels:
        told.append(f"is not of pool {request.pool}")
    if len(node.cores) < request.min_cores:
        told.append(f"has fewer than {request.min_cores} cores")
    if node.memory < request.min_memory:
        told.append(f"has less than {show_size(request.min_memory)} of memory")
    closed = [name for name in node.requires if name not in request.group]
    asked = " ".join(request.require)
    told += [f"takes only jobs that ask for {name}" for name in closed if name not in asked]
    return told


def _share(request: Request) -> Request:
    """Return what one node has to have for it."""
    if request.mode is Mode.BY_NODE:
        return spread(request)
    if request.mode in (Mode.BY_CORE, Mode.BY_GROUP):
        return Request()
    return request


def _too_small(request: Request, node: Node) -> list[str]:
    part, told = _share(request), []
    if len(node.cores) < part.cores:
        told.append(f"has only {len(node.cores)} of {part.cores} cores")
    if node.memory < part.memory:
        told.append(f"has only {show_size(node.memory)} of {show_size(part.memory)}")
    if len(node.gpus) < part.gpus:
        told.append(f"has only {len(node.gpus)} of {part.gpus} gpus")
    for name, amount in part.resources:
        if node.resources.get(name, 0) < amount:
            has = show_count(name, node.resources.get(name, 0))
            told.append(f"has only {has} of {show_amount(name, amount)}")
    return told


def _closed(space: Space, spots: Sequence[int]) -> list[str]:
    codes = Counter(why.code for spot in spots if (why := space.closed[spot]) is not None)
    everyone = len(spots)
    return [
        f"is {code}" if many == everyone == 1 else f"{many} of {everyone} {code}"
        for code, many in sorted(codes.items())
    ]


def _busy(request: Request, space: Space, here: Sequence[int]) -> list[str]:
    """Name what the one of *here* that comes nearest has too little of now."""
    if request.mode is Mode.BY_CORE:
        free = sum(space.cores[spot] for spot in here)
        return [f"{free} free cores of {request.cores}"]
    idle = [spot for spot in here if space.cores[spot] == space.kind_of[spot].size]
    whole = request.exclusive or (
        request.mode is Mode.BY_NODE and not request.cores_per_node
    )
    if whole or request.mode is Mode.BY_GROUP:
        return [f"{len(idle)} idle of {len(here)}"]
    part = _share(request)
    best = min(here, key=lambda spot: (len(lacks(part, space, spot)), -space.cores[spot]))
    return lacks(part, space, best)
