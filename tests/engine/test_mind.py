"""The mind as a whole: answers about what waits, and rough use by generated events."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from rota.sim.faults import campaign
from rota.sim.world import Scale, World
from tests.engine.drive import Drive, array, job


def test_counts_flags_and_owners_are_those_of_live_jobs() -> None:
    """What ended is the store's to answer for."""
    drive = Drive()
    drive.join(cores=1)
    drive.submit(array(3))
    assert drive.mind.counts() == {"placed": 1, "queued": 2}
    assert drive.mind.owner_of(1) == "ann" and drive.mind.owner_of(2) is None
    drive.ask("kill", 1)
    assert drive.mind.flags_of(1) == ["killing"]
    assert drive.mind.flags_of(9) == [] and drive.mind.reason_of(9) is None


def test_a_job_without_a_node_says_so() -> None:
    """The reason is there before anybody asks."""
    drive = Drive()
    drive.submit(job())
    why = drive.mind.reason_of(1)
    assert why is not None and why.code == "no_node"


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 1 << 30), st.integers(1, 4), st.integers(1, 8))
def test_any_world_comes_to_rest(seed: int, nodes: int, cores: int) -> None:
    """Nodes of any number and size: every acknowledged job has an end or a reason."""
    world = World(seed, Scale(nodes=nodes, cores=max(4, cores)))
    campaign(world, steps=25)
    assert world.mind is not None
