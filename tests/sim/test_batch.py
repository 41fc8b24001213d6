"""Pools in a virtual world: whatever other systems do, nothing is lost or left behind.

The witness of ``rota.sim.witness`` sees what nodes really execute; here it also sees what
the batch system really holds (G28).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from rota.core.job import JobSpec
from rota.core.pool import Pool
from rota.core.resources import Request
from rota.engine.events import Submitted
from rota.engine.launching import BACKOFF_MS, gone
from rota.engine.pilots import UP, Pilot, PoolState
from rota.engine.state import Memory
from rota.sim.batch import ROOT, PoolWorld
from rota.sim.faults import ACTS, heal

POOL = Pool(
    "big", "slurm", cores=4, most=3, time_ms=600_000, idle_ms=60_000, poll_ms=10_000
)  # fmt: skip
STEPS = 40


def roughly(world: PoolWorld) -> None:
    """Let users, links, the server and the batch system do what they like."""
    world.start_server()
    world.connect(world.nodes[0])
    world.add_pool()
    acts: list[tuple[Callable[[PoolWorld], None], int]] = [
        *ACTS.items(), (_preempt, 4), (_go_down, 2), (_come_up, 4), (_wait, 20),
    ]  # fmt: skip
    for _ in range(STEPS):
        (act,) = world.random.choices(*zip(*acts, strict=True))
        act(world)
        world.run_until(world.now + world.random.choice([0, 10, 1_000, 20_000]))


def _preempt(world: PoolWorld) -> None:
    if world.living:
        world.end(world.random.choice(world.living).id)


def _go_down(world: PoolWorld) -> None:
    world.is_down = True


def _come_up(world: PoolWorld) -> None:
    world.is_down = False


def _wait(world: PoolWorld) -> None:
    world.run_until(world.now + 30_000)


def rest(world: PoolWorld) -> None:
    """Everything works again; the pool is removed, and must go with all its pilots."""
    world.is_down, world.rough = False, 0.0
    heal(world)
    world.remove_pool()
    for _ in range(30):
        assert world.mind is not None
        if not world.mind.memory.pools:
            break
        world.run_until(world.now + 60_000)
    # One that turns up late is found by its name, and cancelled.
    world.run_until(world.now + 120_000)


def run(seed: int) -> PoolWorld:
    """Return the world of *seed* after all of it, with nothing lost or left."""
    world = PoolWorld(seed, POOL)
    try:
        roughly(world)
        rest(world)
        assert world.mind is not None and not world.mind.memory.pools, "a pool is left"
        assert not world.living, f"left behind: {world.living}"
    except AssertionError as error:
        raise AssertionError(f"seed {seed}: {error}") from error
    return world


@pytest.mark.parametrize("block", range(4))
def test_g28_no_order_of_faults_loses_a_task_or_leaves_a_pilot(block: int) -> None:
    """Lost replies, late and wrong lists, a dead daemon, preemption, slow starts."""
    started = ended = 0
    for seed in range(block * 15, block * 15 + 15):
        world = run(seed)
        started += len(world.submits)
        ended += sum(bool(node.executed) for node in world.nodes if node.node.name != "n1")
    assert started > 10 and ended > 5, f"too quiet: {started} pilots, {ended} with work"


def believe(memory: Memory, state: PoolState, pilot: Pilot, *, at: int) -> None:
    """Take a list that lacks a pilot for its end, whatever its agent says."""
    if pilot.state == UP:
        gone(memory, state, pilot, at=at, word="not listed")


@pytest.mark.parametrize(
    ("broken", "by", "told"),
    [
        ("launching.cancel", lambda state, ids: [], "left"),
        ("launching._miss", believe, "the same time|for ever"),
        ("pilots.PoolState.open_at", lambda state, at: True, "while it backs off|removed"),
    ],
)
def test_what_is_broken_on_purpose_is_seen(
    broken: str, by: Any, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A pilot nobody cancels, a list believed over an agent, a back-off nobody keeps."""
    monkeypatch.setattr(f"rota.engine.{broken}", by)
    with pytest.raises(AssertionError, match=told):
        for seed in range(60):
            run(seed)


def submit(world: PoolWorld, cores: int) -> None:
    """Submit a job of so many cores."""
    spec = JobSpec(argv=("x",), request=Request(cores=cores), on_impossible="hold")
    world.tell(Submitted(world.now, ROOT, [spec]))


def test_nothing_is_started_for_what_no_pilot_could_run() -> None:
    """However long it waits."""
    world = PoolWorld(1, POOL, rough=0.0)
    world.start_server()
    world.add_pool()
    submit(world, cores=5)
    world.run_until(world.now + 3_600_000)
    assert world.submits == []
    submit(world, cores=4)
    world.run_until(world.now + 60_000)
    assert len(world.submits) == 1


def test_a_system_that_is_down_is_asked_ever_more_seldom() -> None:
    """An hour of it costs about ten tries, and none comes at once after another."""
    world = PoolWorld(1, POOL, rough=0.0)
    world.start_server()
    world.add_pool()
    world.is_down = True
    submit(world, cores=1)
    world.run_until(world.now + 3_600_000)
    pauses = [b - a for a, b in zip(world.submits, world.submits[1:], strict=False)]
    assert 5 <= len(world.submits) <= 15
    assert min(pauses) >= BACKOFF_MS
    assert pauses == sorted(pauses) or max(pauses) > 500_000


def test_the_same_seed_gives_the_same_run() -> None:
    """A failure that a seed found can be found again."""
    first, second = PoolWorld(7, POOL), PoolWorld(7, POOL)
    for world in (first, second):
        roughly(world)
    assert first.state() == second.state()
    assert first.submits == second.submits
