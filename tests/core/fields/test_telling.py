"""Wrong values are shown short, in full view, and harmless."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rota.core.fields.telling import an_odd_char, harmless, not_text, plain, quoted, suggest


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, "nothing"),
        (True, "true"),
        (5, "5"),
        (1.5, "1.5"),
        ("a b", "'a b'"),
        ("a\x1b[0m", r"'a\x1b[0m'"),
        ("‮abc", r"'\u202eabc'"),
        ([1], "a list"),
        ({}, "a mapping"),
        (10**50, "a number of more than 30 digits"),
    ],
)
def test_a_value_is_shown_as_it_is(value: Any, shown: str) -> None:
    """Text in quotes, escape codes and marks of direction spelt out."""
    assert quoted(value) == shown


@given(st.text() | st.integers() | st.floats() | st.lists(st.text()) | st.none())
def test_nothing_long_or_invisible_is_shown(value: Any) -> None:
    """Whatever it is."""
    for shown in (quoted(value), plain(value)):
        assert shown.isprintable() and 0 < len(shown) < 400


def test_harmless_text_needs_no_quotes() -> None:
    """Where a sentence reads better without."""
    assert (plain("10GB"), plain(""), plain("a\nb")) == ("10GB", "''", r"'a\nb'")


def test_a_sentence_may_quote_anything() -> None:
    """What a terminal would obey is spelt out."""
    assert harmless("ünïcode ok") == "ünïcode ok"
    assert harmless("a\x1b[0m\nb\u202e") == r"a\x1b[0m\nb\u202e"


def test_a_number_that_had_to_be_text_is_shown_in_quotes_as_the_cure() -> None:
    """People copy the remedy."""
    assert not_text(7) == ("must be text, not 7", 'write it in quotes: "7"')
    assert not_text(None) == ("must be text, not nothing", "")


@pytest.mark.parametrize(
    ("char", "name"),
    [
        ("\n", "a line break"),
        ("\u2028", "a line break"),
        ("\0", "a NUL byte"),
        ("\x1b", "an escape code"),
        ("\ud800", "a byte that is not UTF-8"),
        ("\u202e", "a mark of direction (U+202E)"),
        ("\x07", "a control character (U+0007)"),
    ],
)
def test_odd_characters_have_names(char: str, name: str) -> None:
    """So that a complaint about something invisible can be understood."""
    assert an_odd_char(char) == name


def test_only_something_near_is_suggested() -> None:
    """And nothing for what is no word."""
    assert suggest("bynod", ["bynode", "bycore"]) == "did you mean `bynode`?"
    assert suggest("xyz", ["bynode"]) == suggest(3, ["3"]) == suggest("x" * 99, ["x"]) == ""
