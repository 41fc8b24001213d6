"""Every reason has a sentence, and sentences are filled in."""

from __future__ import annotations

from string import Formatter

import pytest

from rota.core.reasons import ENDED, NODE, REASONS, WAITS, reason, reason_from


def _facts(code: str) -> dict[str, str]:
    parts = Formatter().parse(REASONS[code].sentence)
    return {name: f"<{name}>" for _, name, _, _ in parts if name}


@pytest.mark.parametrize("code", REASONS)
def test_a_reason_fills_its_sentence_in(code: str) -> None:
    """What was measured is in the text and in the evidence."""
    facts = _facts(code)

    found = reason(code, **facts)

    assert found.text and "{" not in found.text
    assert all(value in found.text for value in facts.values())
    assert reason_from(found.to_dict()) == found


@pytest.mark.parametrize("code", REASONS)
def test_a_row_is_well_formed(code: str) -> None:
    """A code is a word for programs; its kind is one of three."""
    assert code.isidentifier() and code == code.lower()
    assert REASONS[code].kind in (WAITS, ENDED, NODE)


def test_a_fact_that_is_missing_is_a_bug_and_tells_so() -> None:
    """A sentence with a hole in it never leaves the program."""
    with pytest.raises(KeyError):
        reason("held")
    with pytest.raises(KeyError):
        reason("no such reason")


def test_what_users_write_is_not_read_as_a_sentence() -> None:
    """Braces in a fact stay braces."""
    assert reason("held", who="{who.__class__}").text == "held by {who.__class__}"


def test_evidence_is_left_out_when_there_is_none() -> None:
    """The API shows no empty mapping."""
    assert reason("no_node").to_dict() == {
        "code": "no_node",
        "text": "no node is connected",
    }
