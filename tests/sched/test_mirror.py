"""Nodes, followed from round to round."""

from __future__ import annotations

import random
from dataclasses import replace

from rota.core.reasons import Reason
from rota.core.resources import Node, Request
from rota.sched.mirror import Mirror
from rota.sched.problem import Line, NodeView, Snapshot, Waiting
from rota.sched.round import plan
from rota.sched.space import Space, space_of

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
    mirror = Mirror()
    views = [_view(f"n{at}", 8) for at in range(6)]
    for step in range(600):
        at = chance.randrange(len(views))
        kind = chance.random()
        if kind < 0.7:
            views[at] = replace(_view(views[at].node.name, chance.randint(0, 8)))
        elif kind < 0.9:
            views[at] = replace(views[at], closed=chance.choice((None, CLOSED)))
        elif kind < 0.95 or len(views) < 3:
            views.insert(at, _view(f"new{step}", 8))
        else:
            del views[at]
        mirror.follow(list(views), {"lic": step})
        assert _free(mirror.space) == _free(space_of(views, {"lic": step}))
        assert mirror.cores == 8 * len(views) and list(mirror) == views


def test_starts_that_nobody_made_are_free_again_in_the_next_round() -> None:
    """A round leaves its starts in the space; the next one asks the views."""
    mirror = Mirror()
    views = [_view("a", 8), _view("b", 8)]
    line = Line(Request(cores=5), "ann", "", "default", [Waiting(1, 0, 0, 3)])
    rounds = [
        plan(Snapshot(at, mirror.follow(list(views), {}), [line])).starts for at in range(3)
    ]
    assert len(rounds[0]) == 2 and rounds[0] == rounds[1] == rounds[2]
