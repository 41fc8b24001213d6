"""How many more pilots are worth having: what waits, put on what pools could bring.

    Demand   tasks that wait for room and for nothing else, alike in what they ask for
    Offer    a pool: what one of its nodes would be, how many it may still start
    wanted   {pool: so many more}

Nothing is wanted for what could not run there: a shape too large, labels it does not have,
a time limit longer than a pilot lives.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil
from typing import NamedTuple

from rota.core.pool import Pool
from rota.core.resources import Mode, Node, Request
from rota.core.units import DISK
from rota.sched.eligible import eligible

PATIENCE_MS = 60_000
"""Short tasks are left to those that are there: a slot is worth so much work."""

UNKNOWN = 1 << 60
NODES_MAX = 256


class Demand(NamedTuple):
    """Waiting tasks that ask for the same; *tasks*: slots they are worth, see ``slots``."""

    request: Request
    tasks: int


class Offer(NamedTuple):
    """A pool as it stands now.

    Shapes:
        live:     pilots that are there or on their way, those about to end left out
        starting: of these, those whose agents have not come yet
        is_open:  whether it may start any now
    """

    pool: Pool
    live: int
    starting: int
    is_open: bool


def slots(tasks: int, mean_ms: float | None) -> int:
    """Return how many slots *tasks* are worth, each running for *mean_ms* if known."""
    if mean_ms is None:
        return tasks
    return max(1, min(tasks, ceil(tasks * mean_ms / PATIENCE_MS)))


def capacity(pool: Pool, request: Request) -> float:
    """Return how many tasks with *request* one node of *pool* would hold; 0: none ever.

    A task over several nodes counts as part of one on each: ½ for two nodes.
    """
    if pool.time_ms is not None and (request.time_ms or 0) > pool.time_ms:
        return 0.0
    node = sample_of(pool, cores=max(1, request.cores))
    if not eligible(node, request) or request.mode in (Mode.BY_HOST, Mode.BY_GROUP):
        return 0.0
    nodes = pool.most * pool.per_pilot
    if request.mode is Mode.BY_NODE:
        share = request.cores_per_node or 1
        fits = len(node.cores) >= share and node.memory >= request.memory
        return 1.0 / request.n if fits and nodes >= request.n else 0.0
    if request.mode is Mode.BY_CORE:
        cores = len(node.cores) - len(node.cores) % max(1, request.threads)
        return cores / request.cores if cores * nodes >= request.cores else 0.0
    rooms = [
        len(node.cores) // request.cores,
        *([node.memory // request.memory] if request.memory else ()),
        *([len(node.gpus) // request.gpus] if request.gpus else ()),
        *(node.resources.get(name, 0) // k for name, k in request.resources),
    ]
    whole = 1 if request.exclusive else UNKNOWN
    return float(min(*rooms, whole))


def could(pools: Sequence[Pool], request: Request) -> list[Pool]:
    """Return those of *pools* that could ever bring a node for *request*."""
    return [pool for pool in pools if pool.most > 0 and capacity(pool, request) > 0]


def wanted(offers: Sequence[Offer], demands: Sequence[Demand]) -> dict[str, int]:
    """Return {pool: how many pilots to start now}; pools earlier in the list go first.

    What is on its way already takes its part of the demand before anything is added.
    """
    coming = [float(offer.starting * offer.pool.per_pilot) for offer in offers]
    room = [_room(offer) for offer in offers]
    free = [float(r * offer.pool.per_pilot) for r, offer in zip(room, offers, strict=True)]
    whole = list(free)
    for demand in demands:
        left = float(demand.tasks)
        fits = [capacity(offer.pool, demand.request) for offer in offers]
        for stock in (coming, free):
            for at, fit in enumerate(fits):
                used = min(left, stock[at] * fit)
                if used > 0:
                    stock[at] -= used / fit
                    left -= used
    found: dict[str, int] = {}
    for at, offer in enumerate(offers):
        nodes = whole[at] - free[at]
        # A rounding error is no pilot.
        count = ceil(nodes / offer.pool.per_pilot - 1e-9)
        least = offer.pool.least - offer.live
        count = min(room[at], max(count, least))
        if count > 0:
            found[offer.pool.name] = count
    return found


def _room(offer: Offer) -> int:
    pool = offer.pool
    if not offer.is_open:
        return 0
    room = pool.most - offer.live
    if pool.backlog is not None:
        room = min(room, pool.backlog - offer.starting)
    return max(0, room)


def sample_of(pool: Pool, *, cores: int = 4096, number: int = 0) -> Node:
    """Return a node as *pool* brings them; what nobody said of it is taken to be enough.

    Shapes:
        cores: so many, where the pool does not say
    """
    count = pool.cores if pool.cores is not None else cores
    return Node(
        f"{pool.name}-{number}", tuple(range(count)), pool.memory or UNKNOWN,
        tuple(range(pool.gpus)), {DISK: UNKNOWN}, labels=(*pool.labels, pool.label),
    )  # fmt: skip


def samples(pools: Sequence[Pool]) -> list[Node]:
    """Return nodes that *pools* could bring, for the question whether something could ever.

    So many of each as it may bring at once, up to what anybody asks for.
    """
    return [
        sample_of(pool, number=number)
        for pool in pools
        for number in range(min(pool.most * pool.per_pilot, NODES_MAX))
    ]
