"""Faults from seeds: no order of them loses, doubles or starves a job."""

from __future__ import annotations

import pytest

from rota.sched.limits import Limit
from rota.sched.problem import QueueRule, Window
from rota.sched.rules import MINUTE_MS, Queue, Rules
from rota.sched.yields import Yields
from rota.sim.faults import campaign
from rota.sim.world import Scale, World


@pytest.mark.parametrize("block", range(10))
def test_no_order_of_faults_breaks_a_promise(block: int) -> None:
    """Crashes before and after commits, lost links, reboots, long silences, and users."""
    acknowledged = 0
    for seed in range(block * 20, block * 20 + 20):
        world = World(seed)
        try:
            campaign(world, steps=60)
        except AssertionError as error:
            raise AssertionError(f"seed {seed}: {error}") from error
        acknowledged += len(world.witness.acks)
    assert acknowledged > 100, "the worlds were too quiet to show anything"


RULES = Rules(
    queues={
        "urgent": Queue(QueueRule(preempts=True, weight=-5.0)),
        "scavenge": Queue(yields=Yields(min_run_ms=500)),
    },
    limits=(
        Limit("user", "*", cores=9, starts=(40, MINUTE_MS)),
        Limit("queue", "scavenge", jobs=3),
    ),
    licences={"abaqus": 3, "matlab": 1},
    windows=(
        Window("cooling", 30_000, 60_000, frozenset({"n1"})),
        Window("power", 90_000, 100_000),
    ),
)


@pytest.mark.parametrize("block", range(5))
def test_no_order_of_faults_breaks_a_rule(block: int) -> None:
    """Licences, limits, windows and preemption in force: none is ever overdrawn."""
    preempted = licensed = 0
    for seed in range(block * 20, block * 20 + 20):
        world = World(seed, rules=RULES)
        try:
            campaign(world, steps=60)
        except AssertionError as error:
            raise AssertionError(f"seed {seed}: {error}") from error
        licensed += sum(bool(r.spec.request.licences) for r in world.ledger.added.values())
        preempted += sum(
            line.reason is not None and line.reason.code == "preempted"
            for line in world.ledger.history
        )
    assert licensed > 100, "the worlds were too quiet to show anything"
    assert preempted, "nobody was ever stopped for somebody else"


def test_no_order_of_faults_breaks_a_remedy() -> None:
    """Tasks that ask for more, or for another node, than the rest of their job."""
    learned: set[str] = set()
    for seed in range(200, 220):
        world = World(seed, remedies=True)
        try:
            campaign(world, steps=60)
        except AssertionError as error:
            raise AssertionError(f"seed {seed}: {error}") from error
        for row in world.ledger.tasks.values():
            learned.update(name.partition("@")[0] for name in row.failures if "@" in name)
    assert {"exit_code", "requeue", "lost"} <= learned, "the worlds were too quiet"


LENDING = Rules(
    queues={
        "default": Queue(QueueRule(preempts=frozenset({"lender"}))),
        "lender": Queue(yields=Yields("suspend", min_run_ms=100, max_per_job=3)),
    },
)


def test_g19_no_order_of_faults_gives_a_lent_core_twice() -> None:
    """Suspended for others, lent, taken back; the server dies, links break in between."""
    lent = back = 0
    for seed in range(40):
        world = World(seed, Scale(nodes=2), rules=LENDING)
        try:
            campaign(world, steps=60)
        except AssertionError as error:
            raise AssertionError(f"seed {seed}: {error}") from error
        for line in world.ledger.history:
            code = line.reason.code if line.reason is not None else ""
            lent += line.move == "suspend" and code == "preempted"
            back += line.move == "resume" and line.source == "the server"
    assert lent > 10 and back > 10, "the worlds were too quiet to show anything"


def test_the_same_seed_gives_the_same_run() -> None:
    """A failure that a seed found can be found again."""
    first, second = World(7), World(7)
    campaign(first, steps=60)
    campaign(second, steps=60)
    assert first.state() == second.state()
    assert first.ledger.history == second.ledger.history
