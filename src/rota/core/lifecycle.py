"""The life of a task: its states, what can happen to it, where that leads.

    submitting → held ⇄ queued → placed → running → done
                  ╰───────┴────────┴─────────┴────→ failed, cancelled, or queued again

This file knows *that* a move is legal; ``engine`` knows *when* to make it.  A job without
an array is one task; the state of an array is folded from its tasks' (``fold``).
To add a state, add a row to ``MOVES``: docs/reference/states.md and the tests are made
from the table.
"""

from __future__ import annotations

from enum import Enum
from typing import Final, Mapping

from rota.core.errors import IllegalMove


class State(str, Enum):
    """Where a task is; the values are frozen, they stand in JSON and in databases."""

    SUBMITTING = "submitting"
    HELD = "held"
    QUEUED = "queued"
    PLACED = "placed"
    RUNNING = "running"
    SUSPENDED = "suspended"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"

    # The value's own str methods, so that hashing and printing cost what a str costs.
    __str__ = str.__str__
    __hash__ = str.__hash__


class Move(str, Enum):
    """What can happen to a task."""

    CONFIRM = "confirm"
    HOLD = "hold"
    RELEASE = "release"
    PLACE = "place"
    START = "start"
    SUSPEND = "suspend"
    RESUME = "resume"
    FINISH = "finish"
    FAIL = "fail"
    CANCEL = "cancel"
    REQUEUE = "requeue"
    RERUN = "rerun"

    __str__ = str.__str__
    __hash__ = str.__hash__


ASKABLE: Final = frozenset(
    {Move.HOLD, Move.RELEASE, Move.SUSPEND, Move.RESUME, Move.CANCEL, Move.RERUN}
)
"""The moves a user can ask for; an error names the possible ones among these."""

FINAL: Final = frozenset({State.DONE, State.FAILED, State.CANCELLED})
"""The states a task leaves only by an explicit ``rerun``, which opens attempt n+1."""

LIVE: Final = frozenset({State.PLACED, State.RUNNING, State.SUSPENDED})
"""The states in which an attempt exists and holds resources."""

_ENDS: Final[Mapping[Move, State]] = {
    Move.FINISH: State.DONE,
    Move.FAIL: State.FAILED,
    Move.CANCEL: State.CANCELLED,
    Move.REQUEUE: State.QUEUED,
}

MOVES: Final[Mapping[State, Mapping[Move, State]]] = {
    State.SUBMITTING: {
        Move.CONFIRM: State.QUEUED,
        Move.HOLD: State.HELD,
        Move.FAIL: State.FAILED,
        Move.CANCEL: State.CANCELLED,
    },
    State.HELD: {
        Move.RELEASE: State.QUEUED,
        Move.FAIL: State.FAILED,
        Move.CANCEL: State.CANCELLED,
    },
    State.QUEUED: {
        Move.HOLD: State.HELD,
        Move.PLACE: State.PLACED,
        Move.FAIL: State.FAILED,
        Move.CANCEL: State.CANCELLED,
    },
    # An attempt that ran in a blink may be reported finished before it is seen running.
    State.PLACED: {Move.START: State.RUNNING, **_ENDS},
    State.RUNNING: {Move.SUSPEND: State.SUSPENDED, **_ENDS},
    State.SUSPENDED: {Move.RESUME: State.RUNNING, **_ENDS},
    State.DONE: {Move.RERUN: State.QUEUED},
    State.FAILED: {Move.RERUN: State.QUEUED},
    State.CANCELLED: {Move.RERUN: State.QUEUED},
}


def advance(state: State, move: Move, task: str) -> State:
    """Return where *move* leads from *state*; *task* is its name, for the error.

    Raises:
        IllegalMove: ``MOVES`` has no such move.
    """
    moves = MOVES[state]
    if move not in moves:
        raise IllegalMove(
            task, state.value, move.value, [m.value for m in moves if m in ASKABLE]
        )
    return moves[move]


# What an array is called while its tasks differ: the first of these that any task is in.
_FOLD: Final = (
    State.RUNNING,
    State.SUSPENDED,
    State.PLACED,
    State.QUEUED,
    State.HELD,
    State.SUBMITTING,
    State.FAILED,
    State.CANCELLED,
    State.DONE,
)


def fold(counts: Mapping[State, int]) -> State:
    """Return the state of a job whose tasks are in the states that *counts* gives."""
    return next((state for state in _FOLD if counts.get(state)), State.DONE)
