"""The table of a pilot's moves."""

from __future__ import annotations

import pytest

from rota.core.pool import Pool
from rota.engine.pilots import GONE, MOVES, STARTING, Pilot, PoolState, marker_text


@pytest.mark.parametrize("state", MOVES)
def test_from_every_state_it_can_end(state: str) -> None:
    """No pilot is stuck in our books."""
    assert GONE in MOVES[state] or state == GONE
    assert MOVES[state] <= set(MOVES)


def test_a_move_that_the_table_does_not_have_is_ours_to_blame() -> None:
    """What is gone does not come back."""
    pilot = Pilot(1, GONE, 0, 0)
    with pytest.raises(AssertionError):
        pilot.become("up", 5)


def test_what_counts_as_starting() -> None:
    """All before its agent came."""
    state = PoolState(Pool("big", "slurm"))
    for n, name in enumerate(MOVES, 1):
        state.pilots[n] = Pilot(n, name, 0, 0)
    assert state.starting == len(STARTING) == 4
    assert marker_text("ab", "big", 3) == "rota-ab-big-3"
