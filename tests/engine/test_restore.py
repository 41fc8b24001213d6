"""A new server starts from the rows: nothing is forgotten, nothing is invented."""

from __future__ import annotations

from rota.engine.state import Memory
from rota.sim.faults import ACTS
from rota.sim.world import World
from tests.engine.drive import Drive, job


def facts(memory: Memory) -> dict[int, object]:
    """Return what must be the same before and after a restart."""
    return {
        id: (
            job.gate, dict(job.counts), job.waiting.ranges(), sorted(job.ready), job.line,
            dict(job.deps_left), dict(job.deps_failed), bool(job.user_hold), job.allocs,
            {i: (t.state, t.n, t.troubles, dict(t.failures), t.not_before, bool(t.killing))
             for i, t in job.tasks.items()},
        )
        for id, job in memory.jobs.items()
    }  # fmt: skip


def test_g01_a_restart_between_any_two_steps_changes_nothing() -> None:
    """Compare the memory before with the memory made from the ledger, after every step."""
    compared = 0
    for seed in range(12):
        world = World(seed)
        world.start_server()
        for node in world.nodes:
            world.connect(node)
        for _ in range(40):
            act = world.random.choices(list(ACTS), weights=list(ACTS.values()))[0]
            act(world)
            world.run_until(world.now + world.random.choice([0, 10, 1_000]))
            if world.mind is None or world.crash_next:
                world.crash_next = None
                world.start_server()
            assert world.mind is not None
            before = facts(world.mind.memory)
            drive = Drive(settings=world.settings)
            drive.ledger, drive.at = world.ledger, world.now
            from rota.engine.mind import Mind

            twin = Mind(world.settings)
            twin.load(world.ledger.image(), world.now)
            assert facts(twin.memory) == before, f"seed {seed}"
            compared += len(before)
    assert compared > 100


def test_numbers_go_on_where_they_were() -> None:
    """No job id is given twice, also when the last job has ended."""
    drive = Drive()
    drive.join()
    drive.submit(job())
    drive.finish(1)
    drive.restart()
    assert drive.submit(job()).value["jobs"][0]["id"] == 2
