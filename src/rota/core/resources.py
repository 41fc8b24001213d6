"""What machines have and what tasks ask for.

    Request   what one task needs; equal requests are one *shape*
    Node      what a machine has, told by its agent and never guessed
    Grant     what one allocation holds of one node: which cores, which gpus, how much

Sizes are bytes, durations milliseconds.  Nothing here decides: ``sched`` does.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import NamedTuple

from rota.core.units import DISK


class Mode(str, Enum):
    """How cores are chosen; wq's five ways."""

    BY_CORE = "bycore"
    BY_CORE_1 = "bycore1"
    BY_NODE = "bynode"
    BY_HOST = "byhost"
    BY_GROUP = "bygroup"

    __str__ = str.__str__
    __hash__ = str.__hash__


class Asker(NamedTuple):
    """Who asks for resources; *uid* None: a name without an account of its own."""

    name: str
    uid: int | None = None


@dataclass(frozen=True, slots=True)
class Request:
    """What one task needs.  Hashable: it is the key of its shape.

    Shapes:
        cores:      of the task, ≥ 1, on one node (``bycore1``) or anywhere (``bycore``)
        memory:     bytes of the task; 0 says nothing was asked and nothing is reserved
        gpus:       whole devices
        resources:  ((name, amount ≥ 1), …) sorted by name: consumables that nodes declare;
                    "disk" is bytes of scratch space
        licences:   ((name, amount ≥ 1), …) sorted by name: consumables of no node
        time_ms:    the limit; None says there is none
        n:          nodes for ``bynode``; cores for the other modes stand in ``cores``
        cores_per_node: for ``bynode``: so many cores on each of *n* nodes, shared with
                    others; 0 asks for whole idle nodes (wq)
        threads:    cores of one rank: ``bycore`` takes multiples of it from each node
        group, not_group: any of, none of these labels (wq)
        require:    boolean expressions over labels, "gpu & (gen4 | gen5) & !slow", all true
        min_cores, min_memory: what a node must have, free or not; nothing is reserved
        exclusive:  the node is shared with nobody; all its cores are given
        pool:       run on nodes of this pool only
        reservation: run inside the reservation of this name, or not at all
        asker:      who asks, where it matters: nobody writes that into a job
    """

    cores: int = 1
    memory: int = 0
    gpus: int = 0
    resources: tuple[tuple[str, int], ...] = ()
    licences: tuple[tuple[str, int], ...] = ()
    time_ms: int | None = None
    mode: Mode = Mode.BY_CORE_1
    n: int = 1
    threads: int = 1
    host: str | None = None
    group: tuple[str, ...] = ()
    not_group: tuple[str, ...] = ()
    require: tuple[str, ...] = ()
    min_cores: int = 0
    min_memory: int = 0
    exclusive: bool = False
    cores_per_node: int = 0
    reservation: str | None = None
    pool: str | None = None
    asker: Asker | None = None

    @property
    def disk(self) -> int:
        """Bytes of scratch space; 0 says nothing was asked."""
        return dict(self.resources).get(DISK, 0)


@dataclass(frozen=True, slots=True)
class Node:
    """A machine as its agent described it: all it offers, free or not.

    Shapes:
        cores:     ids of the cores it offers, as its kernel numbers them
        memory:    bytes it offers
        gpus:      ids of its devices
        resources: {name: amount} of other consumables
        labels:    words it offers (wq's groups)
        requires:  labels a job must ask for to be let in (DIRAC's RequiredTag)
        serves:    the only user whose jobs it takes; None: anybody's
        uid:       the only account whose jobs it takes, besides those of users that have
                   none; None: of all, as far as anybody knows
    """

    name: str
    cores: tuple[int, ...]
    memory: int
    gpus: tuple[int, ...] = ()
    resources: Mapping[str, int] = field(default_factory=dict)
    labels: tuple[str, ...] = ()
    requires: tuple[str, ...] = ()
    serves: str | None = None
    uid: int | None = None


@dataclass(frozen=True, slots=True)
class Grant:
    """What one allocation holds of one node."""

    node: str
    cores: tuple[int, ...]
    memory: int = 0
    gpus: tuple[int, ...] = ()
    resources: tuple[tuple[str, int], ...] = ()
