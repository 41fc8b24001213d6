"""Our states and reasons in Slurm's words."""

from __future__ import annotations

from typing import Any

import pytest

from rota.core.lifecycle import State
from rota.core.reasons import REASONS, WAITS
from rota.faces.slurm.states import COMPACT, told, waiting
from tests.faces.slurm.views import reason, view


@pytest.mark.parametrize(
    ("said", "state", "why", "ended"),
    [
        ({"state": "queued", "reason": reason("resources")},
         "PENDING", "Resources", (0, 0)),
        ({"state": "held", "reason": reason("held", who="ada")},
         "PENDING", "JobHeldUser", (0, 0)),
        ({"state": "held", "reason": reason("held", who="root")},
         "PENDING", "JobHeldAdmin", (0, 0)),
        ({"state": "running"}, "RUNNING", "None", (0, 0)),
        ({"state": "running", "flags": ["killing"]}, "COMPLETING", "None", (0, 0)),
        ({"state": "done", "exit_code": 0}, "COMPLETED", "None", (0, 0)),
        ({"state": "failed", "exit_code": 3, "reason": reason("exit_code")},
         "FAILED", "NonZeroExitCode", (3, 0)),
        ({"state": "failed", "signal": 15, "reason": reason("signal")},
         "FAILED", "JobLaunchFailure", (0, 15)),
        ({"state": "failed", "signal": 9, "reason": reason("oom")},
         "OUT_OF_MEMORY", "OutOfMemory", (0, 125)),
        ({"state": "failed", "reason": reason("time_limit")},
         "TIMEOUT", "TimeLimit", (0, 0)),
        ({"state": "failed", "reason": reason("lost")}, "NODE_FAIL", "NodeDown", (0, 0)),
        ({"state": "failed", "reason": reason("output")},
         "FAILED", "JobLaunchFailure", (0, 53)),
        ({"state": "cancelled", "reason": reason("killed")}, "CANCELLED", "None", (0, 0)),
    ],
)  # fmt: skip
def test_what_slurm_would_say(
    said: dict[str, Any], state: str, why: str, ended: tuple[int, int]
) -> None:
    """State, reason, exit code and signal as the real thing prints them."""
    found = told(view(**said))
    assert (found.state, found.reason, (found.code, found.signal)) == (state, why, ended)


def test_every_state_and_reason_has_a_word_of_slurms() -> None:
    """Clients refuse words that Slurm does not have; blanks break their parsing."""
    for state in State:
        assert told(view(state=str(state))).state in COMPACT
    for code, meaning in REASONS.items():
        if meaning.kind == WAITS:
            assert " " not in waiting(reason(code), code, "ada")
