"""Queues as partitions and machines as nodes, in Slurm's words.

up, nothing used → idle     some cores used → mixed      all used → allocated
drained → drained, draining     unreachable → down*      unhealthy → drained
"""

from __future__ import annotations

from rota.core.foreign import fold_hosts

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from rota.client.views import Node
    from rota.faces.foreign import Site

DEFAULT = "default"


class Partition:
    """A queue, as Slurm has partitions.

    Shapes:
        limit_s, default_s: the longest and the usual time of its jobs; None: none
    """

    def __init__(self, row: Mapping[str, Any], nodes: Sequence[Node]) -> None:
        self.name = str(row["name"])
        self.is_default = self.name == DEFAULT
        rules: Mapping[str, Any] = row.get("rules") or {}
        self.limit_s = _seconds(rules.get("max_time"))
        self.default_s = _seconds((rules.get("defaults") or {}).get("time"))
        self.hosts = list(nodes)

    @property
    def nodes(self) -> str:
        """Its nodes in bracket form."""
        return fold_hosts(node.name for node in self.hosts)

    @property
    def count(self) -> int:
        """How many nodes it has."""
        return len(self.hosts)

    @property
    def cores(self) -> int:
        """How many cores they have."""
        return sum(int(node["cores"]) for node in self.hosts)

    @property
    def memory(self) -> int:
        """How many bytes they have."""
        return sum(int(node["memory"]) for node in self.hosts)


def partitions(site: Site) -> list[Partition]:
    """Return all partitions; every queue can use every node."""
    nodes = site.client.nodes()
    queues = list(site.client.queues()["queues"])
    if not any(row["name"] == DEFAULT for row in queues):
        queues.insert(0, {"name": DEFAULT})
    return [Partition(row, nodes) for row in queues]


def state_of(node: Node) -> tuple[str, str]:
    """Return (state, short form) of a node: ("mixed", "mix")."""
    busy, cores = int(node["cores_used"]), int(node["cores"])
    if node.state == "unreachable":
        return "down*", "down*"
    if node.state != "up":
        return ("draining", "drng") if busy else ("drained", "drain")
    if not busy:
        return "idle", "idle"
    return ("allocated", "alloc") if busy >= cores else ("mixed", "mix")


def _seconds(value: Any) -> float | None:
    if isinstance(value, int | float):
        return float(value)
    if isinstance(value, str):
        from rota.core.units import parse_duration

        try:
            return parse_duration(value) / 1000
        except ValueError:
            return None
    return None
