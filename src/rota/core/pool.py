"""A pool: where agents can be had from, how many, and what each of them would be.

    Pool   as an operator describes it: a batch system, what a pilot asks of it, bounds
    Pilot  one allocation asked of that system; its agents join as nodes POOL-N

A pilot is known by its *marker*, the name of its allocation in the other system: also
when the reply that carried the id was lost, the marker finds it again.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Mapping, NamedTuple, Optional, Tuple

NAME = r"[A-Za-z0-9_]{1,24}"
"""What a pool may be called: batch systems cut long names, and no name holds a dash."""

MARKER = re.compile(rf"rota-([0-9a-z]{{1,12}})-({NAME})-(\d{{1,9}})")
IDLE_MS = 300_000
POLL_MS = 10_000


@dataclass(frozen=True)
class Pool:
    """See the head of the file; sizes are bytes, durations milliseconds.

    Shapes:
        kind:    a row of ``launch.kinds``: slurm, gridengine, pbs, …
        time_ms: how long a pilot may live; None: as long as the system lets it
        cores, memory, gpus: of each agent; cores None: all that it finds
        nodes:   machines of one pilot;  agents: so many on each of them
        least, most: bounds of how many pilots there are
        backlog: so many may wait in the other system at a time
        idle_ms: an agent without work for so long is given back
        via:     the other system's commands are run there, over ssh; None: here
        server:  where agents find the server; None: as this server thinks best
        carry:   the script brings the agent along: there is no folder that both sides see
        scratch: the folder on the node for journals; None: $TMPDIR
        setup:   shell lines before the agent starts
        options: further words for the submit command or directives of the script
        commands: of kind command: {submit, poll, cancel: template}
        said:    {key: value} as it was given, to show and keep
        drained: who closed it: nothing new is started there
    """

    name: str
    kind: str
    time_ms: Optional[int] = None
    cores: Optional[int] = None
    memory: int = 0
    gpus: int = 0
    nodes: int = 1
    agents: int = 1
    account: Optional[str] = None
    partition: Optional[str] = None
    qos: Optional[str] = None
    constraint: Optional[str] = None
    cluster: Optional[str] = None
    labels: Tuple[str, ...] = ()
    least: int = 0
    most: int = 1
    backlog: Optional[int] = None
    idle_ms: int = IDLE_MS
    poll_ms: int = POLL_MS
    via: Optional[str] = None
    server: Optional[str] = None
    carry: bool = False
    python: str = "python3"
    scratch: Optional[str] = None
    setup: Optional[str] = None
    options: Tuple[str, ...] = ()
    commands: Mapping[str, str] = field(default_factory=dict)
    said: Mapping[str, object] = field(default_factory=dict, compare=False)
    drained: Optional[str] = None

    @property
    def label(self) -> str:
        """The label its nodes offer: what the job key ``pool`` asks for."""
        return pool_label(self.name)

    @property
    def per_pilot(self) -> int:
        """How many agents one pilot brings."""
        return self.nodes * self.agents


class Marker(NamedTuple):
    """The parts of a marker: rota-SERVER-POOL-N."""

    server: str
    pool: str
    n: int

    def __str__(self) -> str:
        return f"rota-{self.server}-{self.pool}-{self.n}"


KEYS = {
    "time": "time_ms", "idle": "idle_ms", "poll": "poll_ms", "min": "least", "max": "most",
    "address": "server",
}  # fmt: skip
"""{key of a pool: attribute}, where they are called differently."""


def pool_of(name: str, said: Mapping[str, object]) -> Pool:
    """Return the pool called *name* of which *said* has been read and found right.

    Shapes:
        said: {key: value}; durations milliseconds, sizes bytes, lists any sequence
    """
    values = {
        KEYS.get(key, key): tuple(value) if isinstance(value, (list, tuple)) else value
        for key, value in said.items()
    }
    return Pool(name, said=dict(said), **values)  # type: ignore[arg-type]


def pool_label(pool: str) -> str:
    """Return the label that nodes of *pool* offer."""
    return f"pool:{pool}"


def marker_of(text: str) -> Optional[Marker]:
    """Return the marker that *text* is, or None when it is somebody else's name."""
    found = MARKER.fullmatch(text)
    return Marker(found[1], found[2], int(found[3])) if found else None


def node_names(pool: Pool, n: int) -> Tuple[str, ...]:
    """Return the names of the nodes that pilot *n* of *pool* brings."""
    if pool.per_pilot == 1:
        return (f"{pool.name}-{n}",)
    return tuple(f"{pool.name}-{n}.{k}" for k in range(pool.per_pilot))


def pilot_of(node: str) -> Optional[Tuple[str, int]]:
    """Return (pool, n) when *node* is called as a pilot's node is."""
    found = re.fullmatch(rf"({NAME})-(\d{{1,9}})(?:\.\d{{1,6}})?", node)
    return (found[1], int(found[2])) if found else None
