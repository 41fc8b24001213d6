"""Promises on a server's fleet, from round to round."""

from __future__ import annotations

from dataclasses import replace

from rota.core.resources import Grant, Request
from rota.sched.fleet import Fleet
from rota.sched.policy import parse_policy
from rota.sched.problem import Line, Snapshot, Waiting
from rota.sched.roster import Roster
from rota.sched.round import keep, plan
from tests.drawing import draw


def world() -> Snapshot:
    """Return a full node of four cores, a wide job waiting, a short one beside it."""
    fleet = Fleet(draw("[....] n1\n[....] n2"))
    fleet.take(1, (Grant("n1", (0, 1, 2)),), ends_by=1000)
    fleet.take(2, (Grant("n2", (0, 1, 2)),), ends_by=5000)
    lines = [
        Line(Request(cores=4, time_ms=100), "u", "", "", [Waiting(1, 0, 0, 1)]),
        Line(Request(time_ms=2000), "u", "", "", [Waiting(2, 0, 1, 1)]),
    ]
    return Snapshot(0, fleet, Roster(lines), policy=parse_policy("fcfs:easy"))


def test_a_fleet_keeps_the_promise_of_the_round_before() -> None:
    """It is not looked for again, but it is held."""
    snapshot = world()
    first = plan(snapshot)
    assert [(p.job, p.at, p.nodes) for p in first.promises] == [(1, 1000, ("n1",))]
    assert [start.grants[0].node for start in first.starts] == ["n2"]
    again = plan(replace(snapshot, at=500, promised=keep(first)))
    assert again.promises[0].made_at == 0
    assert again.promises[0].at == 1000
    assert [start.grants[0].node for start in again.starts] == ["n2"]


def test_a_promise_on_a_node_that_closed_is_made_anew() -> None:
    """Or of a place that is not there any more."""
    snapshot = world()
    first = plan(snapshot)
    assert isinstance(snapshot.nodes, Fleet)
    (view,) = draw("[....] n1 x")
    snapshot.nodes.close("n1", view.closed)
    again = plan(replace(snapshot, at=500, promised=keep(first)))
    assert [(p.at, p.nodes) for p in again.promises] == [(5000, ("n2",))]


def test_an_early_end_lets_the_promised_job_start_at_once() -> None:
    """A promise says at the latest."""
    snapshot = world()
    first = plan(snapshot)
    assert isinstance(snapshot.nodes, Fleet)
    snapshot.nodes.give(1, (Grant("n1", (0, 1, 2)),))
    again = plan(replace(snapshot, at=500, promised=keep(first)))
    assert [start.job for start in again.starts] == [1, 2]
