"""Faults from seeds: no order of them loses, doubles or starves a job."""

from __future__ import annotations

import pytest

from rota.sim.faults import campaign
from rota.sim.world import World


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


def test_the_same_seed_gives_the_same_run() -> None:
    """A failure that a seed found can be found again."""
    first, second = World(7), World(7)
    campaign(first, steps=60)
    campaign(second, steps=60)
    assert first.state() == second.state()
    assert first.ledger.history == second.ledger.history
