"""States and reasons in DIRAC's words."""

from __future__ import annotations

import pytest

from rota.core.lifecycle import State
from rota.core.reasons import REASONS
from rota.faces.dirac.words import FINAL, STATUSES, words_of


@pytest.mark.parametrize("state", [str(state.value) for state in State])
def test_every_state_and_reason_has_words(state: str) -> None:
    """A status that can be selected by, and the state it stands for."""
    for code in (None, *REASONS):
        status, minor, _ = words_of({"state": state, "reason": code and {"code": code}})
        assert state in STATUSES[status] and minor
        assert (status in FINAL) == (state in ("done", "failed", "cancelled"))


@pytest.mark.parametrize(
    ("view", "words"),
    [
        ({"state": "running", "phase": "staging_in"},
         ("Running", "Downloading InputSandbox")),
        ({"state": "running", "phase": "staging_out"},
         ("Completing", "Uploading Output Sandbox")),
        ({"state": "failed", "reason": {"code": "time_limit"}},
         ("Failed", "Job has exceeded maximum wall clock time")),
        ({"state": "failed", "reason": {"code": "lost"}},
         ("Failed", "Job stalled: pilot not running")),
        ({"state": "queued", "reason": {"code": "impossible_now"}},
         ("Waiting", "No candidate sites available")),
    ],
)  # fmt: skip
def test_the_words(view: dict[str, object], words: tuple[str, str]) -> None:
    """As DIRAC's vocabulary has them."""
    assert words_of(view)[:2] == words
