"""States of ours in WAM's words."""

from __future__ import annotations

import pytest

from rota.client.views import Job
from rota.core.lifecycle import State
from rota.core.reasons import REASONS
from rota.faces.wam.words import numbered, priority_of, status_of, tokens_for


@pytest.mark.parametrize("state", [str(state.value) for state in State])
def test_every_state_and_reason_has_a_word(state: str) -> None:
    """One that WAM has."""
    for code in (None, *REASONS):
        word = status_of({"state": state, "reason": code and {"code": code}, "user": "eng"})
        known = {"queue", "running", "complete", "JOB ERROR", "MACHINE ERROR"}
        assert word in known or word == "killed by eng"


def test_numbers_priorities_tokens() -> None:
    """12:a and 12:b are of one submission; a GPU counts as a core."""
    spec = {"origin": {"submission": "s"}}
    jobs = [
        Job({"id": n, "name": name, "spec": spec}) for n, name in ((13, "b"), (12, "a"))
    ]
    assert numbered([*jobs, Job({"id": 20, "name": "c"})]) == {
        12: "12:a", 13: "12:b", 20: "20:c",
    }  # fmt: skip
    assert [priority_of({"priority": n}) for n in (500, 0, -500)] == ["High", "Med", "Low"]
    assert (tokens_for(4, 0), tokens_for(3, 1), tokens_for(0, 0)) == (8, 8, 5)
