"""States of ours in JTM's words."""

from __future__ import annotations

import pytest

from rota.core.lifecycle import State
from rota.core.reasons import REASONS
from rota.faces.jtm.words import CODES, is_alive, word_of


@pytest.mark.parametrize("state", [str(state.value) for state in State])
def test_every_state_and_reason_has_a_word(state: str) -> None:
    """Alive until it has ended, and only until then."""
    for code in (None, *REASONS):
        word = word_of({"state": state, "reason": code and {"code": code}})
        assert word in CODES
        assert is_alive(word) == (state not in ("done", "failed", "cancelled"))


@pytest.mark.parametrize(
    ("state", "code", "word"),
    [
        ("queued", "resources", "queued"), ("queued", "pool_starting", "pending"),
        ("failed", "oom", "outofresource"), ("failed", "expect", "outputerror"),
        ("failed", "time_limit", "timeout"), ("failed", "lost", "lostconnection"),
        ("failed", "exit_code", "failed"), ("cancelled", "killed", "terminated"),
    ],
)  # fmt: skip
def test_the_words(state: str, code: str, word: str) -> None:
    """As its users know them."""
    assert word_of({"state": state, "reason": {"code": code}}) == word
