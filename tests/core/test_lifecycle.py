"""The table of moves, checked as a table."""

from __future__ import annotations

from itertools import product

import pytest

from rota.core.errors import IllegalMove
from rota.core.lifecycle import ASKABLE, FINAL, LIVE, MOVES, Move, State, advance, fold

LEGAL = [(state, move, MOVES[state][move]) for state in State for move in MOVES[state]]
ILLEGAL = [pair for pair in product(State, Move) if pair[1] not in MOVES[pair[0]]]


def test_every_state_has_a_row() -> None:
    """Nobody may land where the table has nothing to say."""
    assert set(MOVES) == set(State)
    assert {to for _, _, to in LEGAL} <= set(State)


def test_every_move_is_legal_somewhere() -> None:
    """A move that no state has is a word without a use."""
    assert {move for _, move, _ in LEGAL} == set(Move)


@pytest.mark.parametrize(("state", "move", "to"), LEGAL)
def test_a_legal_move_leads_where_the_table_says(
    state: State, move: Move, to: State
) -> None:
    """``advance`` is the table and nothing else."""
    assert advance(state, move, "12") is to


@pytest.mark.parametrize(("state", "move"), ILLEGAL)
def test_an_illegal_move_is_refused_and_says_what_can_be_done(
    state: State, move: Move
) -> None:
    """The error names the state and the moves a user could ask for there."""
    with pytest.raises(IllegalMove) as caught:
        advance(state, move, "12[7]")

    told = str(caught.value)
    assert f"cannot {move} job 12[7]: it is {state}" in told
    assert all(other.value in told for other in MOVES[state] if other in ASKABLE)


def test_every_state_can_be_reached_from_the_start() -> None:
    """From ``submitting`` there is a way to each."""
    reached, edge = {State.SUBMITTING}, [State.SUBMITTING]
    while edge:
        following = set(MOVES[edge.pop()].values()) - reached
        reached |= following
        edge += following

    assert reached == set(State)


@pytest.mark.parametrize("state", State)
def test_a_user_can_always_do_something(state: State) -> None:
    """What is not final can be cancelled, what is final can be run again."""
    way_out = Move.RERUN if state in FINAL else Move.CANCEL

    assert way_out in MOVES[state]


def test_final_states_are_final() -> None:
    """Only an explicit rerun leads out of them (G09)."""
    assert all(set(MOVES[state]) == {Move.RERUN} for state in FINAL)


def test_a_live_attempt_can_end_in_every_way() -> None:
    """Done, failed, cancelled or queued again: whatever a node reports has its move."""
    ends = {Move.FINISH, Move.FAIL, Move.CANCEL, Move.REQUEUE}

    assert all(ends <= set(MOVES[state]) for state in LIVE)


def test_values_are_what_json_and_databases_hold() -> None:
    """A state prints, hashes and compares as its word."""
    assert str(State.DONE) == "done" == State.DONE
    assert {"done": 1}[State.DONE] == 1
    assert f"{Move.RERUN}" == "rerun"


@pytest.mark.parametrize(
    ("counts", "state"),
    [
        ({State.DONE: 3}, State.DONE),
        ({State.DONE: 3, State.FAILED: 1}, State.FAILED),
        ({State.DONE: 3, State.CANCELLED: 1}, State.CANCELLED),
        ({State.QUEUED: 1, State.FAILED: 9}, State.QUEUED),
        ({State.RUNNING: 1, State.QUEUED: 9}, State.RUNNING),
        ({State.HELD: 2, State.DONE: 1}, State.HELD),
        ({State.QUEUED: 0, State.DONE: 1}, State.DONE),
        ({}, State.DONE),
    ],
)
def test_an_array_is_called_by_its_liveliest_task(
    counts: dict[State, int], state: State
) -> None:
    """Live before waiting before failed before done."""
    assert fold(counts) is state


@pytest.mark.parametrize("state", State)
def test_an_array_in_one_state_is_in_that_state(state: State) -> None:
    """The fold knows every state."""
    assert fold({state: 1}) is state
