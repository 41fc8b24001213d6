"""Nodes, followed from round to round."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from rota.core.reasons import Reason
from rota.core.resources import Node, Request
from rota.sched.mirror import Mirror
from rota.sched.problem import Line, NodeView, Snapshot, Waiting
from rota.sched.round import plan
from rota.sched.space import Space, space_of
from tests.drawing import Shown

CLOSED = Reason("drained", "by a test")


def _view(name: str, cores: int) -> NodeView:
    node = Node(name, tuple(range(8)), 100, resources={"disk": 9})
    return NodeView(node, tuple(range(cores)), 10 * cores, (), {"disk": cores})


def _free(space: Space) -> list[object]:
    shelves = [
        (cores, rest, space.members(cores, rest, heap))
        for kind in space.kinds
        for cores, rest, heap in space.spots(kind, 1)
    ]
    return [space.cores, space.rest, space.closed, shelves, space.licences]


def test_it_is_always_what_a_space_made_anew_would_be() -> None:
    """Whatever comes, goes, is taken, freed, closed or opened; also after many rounds."""
    chance = random.Random(1)
    mirror, turned = Mirror(), set[str]()
    nodes = {f"n{at}": Shown(_view(f"n{at}", 8)) for at in range(6)}
    turned.update(nodes)
    for step in range(600):
        name, kind = chance.choice(sorted(nodes)), chance.random()
        if kind < 0.7:
            nodes[name].drawn = _view(name, chance.randint(0, 8))
        elif kind < 0.9:
            closed = chance.choice((None, CLOSED))
            nodes[name].drawn = replace(nodes[name].drawn, closed=closed)
        elif kind < 0.95 or len(nodes) < 3:
            name = f"{name}.{step}"
            nodes[name] = Shown(_view(name, 8))
        else:
            del nodes[name]
        turned.add(name)
        mirror.follow(nodes, {"lic": step}, turned)
        mirror.check(nodes, turned)
        views = [nodes[name].drawn for name in sorted(nodes)]
        assert not turned
        assert _free(mirror.space) == _free(space_of(views, {"lic": step}))
        assert mirror.cores == 8 * len(views) and list(mirror) == views


def test_a_change_nobody_noted_is_found() -> None:
    """What must always hold is checked after every event of a simulated world."""
    mirror, nodes = Mirror(), {"a": Shown(_view("a", 8))}
    mirror.follow(nodes, {}, {"a"})
    nodes["a"].drawn = _view("a", 3)
    with pytest.raises(AssertionError, match="node a changed unnoticed"):
        mirror.check(nodes, set())
    mirror.check(nodes, {"a"})
    nodes["b"] = Shown(_view("b", 8))
    with pytest.raises(AssertionError, match="node b came or went unnoticed"):
        mirror.check(nodes, {"a"})


def test_starts_that_nobody_made_are_free_again_in_the_next_round() -> None:
    """A round leaves its starts in the space; the next one asks the nodes."""
    mirror = Mirror()
    nodes = {name: Shown(_view(name, 8)) for name in ("a", "b")}
    turned = {*nodes}
    line = Line(Request(cores=5), "ann", "", "default", [Waiting(1, 0, 0, 3)])
    rounds = [
        plan(Snapshot(at, mirror.follow(nodes, {}, turned), [line])).starts
        for at in range(3)
    ]
    assert len(rounds[0]) == 2 and rounds[0] == rounds[1] == rounds[2]
