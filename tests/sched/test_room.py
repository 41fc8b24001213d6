"""Promises on nodes that are kept from round to round."""

from __future__ import annotations

from dataclasses import replace

from rota.core.resources import Request
from rota.sched.mirror import Mirror
from rota.sched.policy import parse_policy
from rota.sched.problem import Line, NodeView, Plan, Snapshot, Waiting
from rota.sched.releases import Release
from rota.sched.roster import Roster
from rota.sched.round import keep, plan
from rota.sched.space import Take
from tests.drawing import Shown, draw


class World:
    """Two nodes of four cores, a wide job waiting, a short one beside it."""

    def __init__(self) -> None:
        self.nodes = {view.node.name: Shown(view) for view in draw("[***.] n1\n[***.] n2")}
        self.turned = {*self.nodes}
        self.mirror = Mirror()
        lines = [
            Line(Request(cores=4, time_ms=100), "u", "", "", [Waiting(1, 0, 0, 1)]),
            Line(Request(time_ms=2000), "u", "", "", [Waiting(2, 0, 1, 1)]),
        ]
        policy = parse_policy("fcfs:easy")
        self.snapshot = Snapshot(0, self.mirror, Roster(lines), policy=policy)
        self.follow()
        self.mirror.releases.put(1, Release(1000, (Take(0, 3),), ()))
        self.mirror.releases.put(2, Release(5000, (Take(1, 3),), ()))

    def draw(self, picture: str) -> None:
        """Let a node be as *picture* shows it."""
        view: NodeView
        (view,) = draw(picture)
        self.nodes[view.node.name].drawn = view
        self.turned.add(view.node.name)

    def follow(self) -> None:
        """Show the nodes as they are."""
        self.mirror.follow(self.nodes, {}, self.turned)

    def round(self, at: int, before: Plan | None = None) -> Plan:
        """Plan at an instant, *before* being the plan of the round before."""
        self.follow()
        promised = keep(before) if before else {}
        return plan(replace(self.snapshot, at=at, promised=promised))


def test_the_promise_of_the_round_before_is_kept() -> None:
    """It is not looked for again, but it is held."""
    world = World()
    first = world.round(0)
    assert [(p.job, p.at, p.nodes) for p in first.promises] == [(1, 1000, ("n1",))]
    assert [start.grants[0].node for start in first.starts] == ["n2"]
    again = world.round(500, first)
    assert again.promises[0].made_at == 0
    assert again.promises[0].at == 1000
    assert [start.grants[0].node for start in again.starts] == ["n2"]


def test_a_promise_on_a_node_that_closed_is_made_anew() -> None:
    """Or of a place that is not there any more."""
    world = World()
    first = world.round(0)
    world.draw("[***.] n1 x")
    again = world.round(500, first)
    assert [(p.at, p.nodes) for p in again.promises] == [(5000, ("n2",))]


def test_an_early_end_lets_the_promised_job_start_at_once() -> None:
    """A promise says at the latest."""
    world = World()
    first = world.round(0)
    world.draw("[....] n1")
    world.mirror.releases.drop(1)
    again = world.round(500, first)
    assert [start.job for start in again.starts] == [1, 2]
