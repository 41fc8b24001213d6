"""Nodes as the mind knows them."""

from __future__ import annotations

from rota.core.resources import Grant, Node, Request
from rota.engine.live import Alloc
from rota.engine.node import NodeState
from tests.engine.test_lines import make


def test_a_node_that_shrank_takes_back_only_what_it_still_has() -> None:
    """Two cores were pulled while one of them was held."""
    state = NodeState(Node("n", (0, 1, 2, 3), 100, (0,), {"x": 5}), boot="b", seen_at=0)
    grant = Grant("n", (1, 3), 40, (0,), (("x", 2),))
    state.take(grant)
    state.allocs[1] = Alloc(1, make(1), (grant,), 0, Request())
    assert (state.cores, state.memory, state.gpus) == ({0, 2}, 60, set())
    state.describe(Node("n", (0, 1), 50, (), {"x": 5}))
    assert (state.cores, state.memory, state.resources) == ({0}, 10, {"x": 3})
    del state.allocs[1]
    state.give(grant)
    assert (state.cores, state.memory, state.gpus) == ({0, 1}, 50, set())


def test_a_closed_node_says_why() -> None:
    """Not connected is a reason too."""
    state = NodeState(Node("n", (0,), 1), boot="b", seen_at=0)
    closed = state.view().closed
    assert closed is not None and closed.code == "unreachable" and not state.up
