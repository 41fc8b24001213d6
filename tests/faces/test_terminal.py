"""The terminal: nothing that comes from others can move its cursor or hide its text."""

from __future__ import annotations

import json
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rota.faces import terminal


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("fit", "fit"),
        ("größe 日本", "größe 日本"),
        ("a\nb\tc\rd", "a\\nb\\tc\\rd"),
        ("\x1b[31mred\x1b[0m", "\\x1b[31mred\\x1b[0m"),
        ("\x9b31m", "\\x9b31m"),
        ("abc\u202efdp.exe", "abc\\u202efdp.exe"),
        ("a\u2028b", "a\\u2028b"),
        ("no\u00a0break", "no break"),
        ("\udcff", "\\udcff"),
        ("\U000e0041", "\\U000e0041"),
        ("\x00\x7f", "\\x00\\x7f"),
    ],
)
def test_what_bites_is_shown(text: str, shown: str) -> None:
    """Escape codes, newlines, marks of direction (G32)."""
    assert terminal.clean(text) == shown


@given(st.text(max_size=100))
def test_nothing_but_visible_characters_is_left(text: str) -> None:
    """Whatever the text was."""
    assert terminal.clean(text).isprintable()


@given(st.text(max_size=100).map(terminal.clean))
def test_what_is_clean_stays_as_it_is(text: str) -> None:
    """Cleaning twice changes nothing."""
    assert terminal.clean(text) == text


def test_colour_only_where_it_is_wanted(monkeypatch: pytest.MonkeyPatch) -> None:
    """A pipe has none; FORCE_COLOR asks for it; NO_COLOR and a dumb terminal forbid it."""
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    assert terminal.paint("x", "red") == "x"

    monkeypatch.setenv("FORCE_COLOR", "1")
    assert terminal.paint("x", "red") == "\033[31mx\033[0m"
    assert terminal.paint("x", "") == "x"

    monkeypatch.setenv("TERM", "dumb")
    assert terminal.paint("x", "red") == "x"

    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("NO_COLOR", "1")
    assert terminal.paint("x", "red") == "x"


def test_answers_and_chatter_go_apart(capsys: pytest.CaptureFixture[str]) -> None:
    """A pipe gets the answer alone."""
    terminal.out("answer")
    terminal.say("chatter")

    assert capsys.readouterr() == ("answer\n", "chatter\n")


def test_json_names_its_schema(capsys: pytest.CaptureFixture[str]) -> None:
    """With its version; what has a schema of its own keeps it."""
    terminal.show_json("asked", {"verb": "kill"})
    terminal.show_json("asked", {"schema": "rota.job/1"})
    first, second = capsys.readouterr().out.splitlines()

    assert json.loads(first) == {"schema": "rota.asked/1", "verb": "kill"}
    assert json.loads(second) == {"schema": "rota.job/1"}


def test_json_on_a_terminal_is_harmless_too(capsys: pytest.CaptureFixture[str]) -> None:
    """JSON's own escapes hide nothing."""
    terminal.show_line({"name": "\x1b[31m\u202e"})

    assert capsys.readouterr().out == '{"name":"\\u001b[31m\\u202e"}\n'


def test_the_width_is_the_one_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """COLUMNS, else the terminal, else a hundred."""
    monkeypatch.setenv("COLUMNS", "77")
    assert terminal.width() == 77
    monkeypatch.setenv("COLUMNS", "x")
    assert terminal.width() >= 1


def test_nobody_looks_at_a_pipe() -> None:
    """Tests have no terminal, and neither have scripts."""
    assert not terminal.is_live()
    assert not sys.stdout.isatty()
