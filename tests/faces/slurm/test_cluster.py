"""Queues as partitions and machines as nodes."""

from __future__ import annotations

import pytest

from rota.client.views import Node
from rota.faces.slurm.cluster import Partition, state_of


@pytest.mark.parametrize(
    ("state", "busy", "told"),
    [
        ("up", 0, "idle"), ("up", 2, "mixed"), ("up", 4, "allocated"),
        ("drained", 0, "drained"), ("drained", 1, "draining"), ("unreachable", 0, "down*"),
    ],
)  # fmt: skip
def test_states(state: str, busy: int, told: str) -> None:
    """By what is used of them."""
    assert state_of(Node({"state": state, "cores": 4, "cores_used": busy}))[0] == told


def test_a_partition_has_its_queues_limits() -> None:
    """And all nodes."""
    nodes = [Node({"name": f"n{i}", "cores": 4, "memory": 1 << 30}) for i in (1, 2)]
    part = Partition({"name": "long", "rules": {"max_time": "2h"}}, nodes)
    assert (part.nodes, part.cores, part.count, part.limit_s) == ("n[1-2]", 8, 2, 7200)
    assert not part.is_default and Partition({"name": "default"}, nodes).is_default
