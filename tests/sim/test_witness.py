"""The witness must see what is wrong; one that sees nothing proves nothing."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from rota.core.job import AttemptRef
from rota.engine.events import Record, Reply
from rota.engine.settings import Settings
from rota.sim import faults
from rota.sim.faults import campaign
from rota.sim.nodes import Strip
from rota.sim.world import World


def short_leases(world: World) -> None:
    """The server believes a lease has ended long before the node ends the job."""
    world.settings = Settings(lease_ms=1_000, lease_margin_ms=0)


def tell_first(world: World) -> None:
    """The server answers before it has remembered, and dies in between."""

    def finish(effects: list[object]) -> None:
        crash, world.crash_next = world.crash_next, None
        for effect in effects:
            if isinstance(effect, Reply):
                world._answer(effect)
        if crash:
            world.crash_server()
        else:
            world.ledger.commit([e for e in effects if isinstance(e, Record)])

    world._finish = finish  # type: ignore[method-assign,assignment]


@pytest.mark.parametrize("harm", [short_leases, tell_first])
def test_a_broken_promise_is_seen_within_sixty_seeds(harm: Callable[[World], None]) -> None:
    """Break the server on purpose: some world must notice."""
    for seed in range(60):
        world = World(seed)
        harm(world)
        try:
            campaign(world, steps=60)
        except AssertionError:
            return
    pytest.fail(f"{harm.__name__} went unseen")


def test_two_attempts_at_once_are_seen() -> None:
    """Two nodes execute one task."""
    world = World(1)
    for number, node in enumerate(world.nodes[:2], 1):
        node.strips[1] = Strip((), True, running=AttemptRef(1, 0, number))
    with pytest.raises(AssertionError):
        world.witness.look(5)


def test_a_lost_job_is_seen() -> None:
    """Acknowledged, and nobody knows it."""
    world = World(1)
    world.witness.acknowledged([7])
    with pytest.raises(AssertionError, match="job 7 is lost"):
        world.witness.verdict()


def test_every_kind_of_bad_luck_can_happen() -> None:
    """A campaign that never crashes the server shows nothing about crashes."""
    names = {act.__name__ for act in faults.ACTS}
    assert {"_crash", "_cut", "_reboot", "_long_silence", "_submit", "_ask"} <= names
