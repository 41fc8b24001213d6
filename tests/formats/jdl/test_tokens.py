"""JDL text to statements."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rota.core.errors import Malformed
from rota.formats.jdl import parse, script_lines


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[ Arguments = "a;b"; ]', {"Arguments": "a;b"}),
        ('A = "x"; B = y z', {"A": "x", "B": "y z"}),
        ("A = 3;\nB = { a, \"b c\" ,d };", {"A": "3", "B": ["a", "b c", "d"]}),
        ("A = { {a,b}, {c} }", {"A": [["a", "b"], ["c"]]}),
        ("A = bare\nB = words", {"A": "bare", "B": "words"}),
        ('A = [ x = 1; y = "2" ];', {"A": {"x": "1", "y": "2"}}),
        ("ParameterStart.early version = 10;", {"ParameterStart.early version": "10"}),
        ('A = "two\nlines";', {"A": "twolines"}),
        ('A = "say \\"no\\"";', {"A": 'say "no"'}),
        ("# a comment\n[\n// one\nA = 1;\n]\n", {"A": "1"}),
        ("", {}), ("A = 1; A = 2", {"A": "2"}),
        ('A = "]"; B = "}"; C = "{";', {"A": "]", "B": "}", "C": "{"}),
    ],
)  # fmt: skip
def test_what_is_said(text: str, said: object) -> None:
    """A ; or a bracket inside a string is no end of anything."""
    assert {key: value for key, (value, _) in parse(text, where="f").items()} == said


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('A = 1;\nB = "x', "f:2:5: B: a text begins here and does not end"),
        ("[ A = 1;", "f:1:9: a [ is not closed"),
        ("A = {1, 2;", "f:1:11: A: a { is not closed"),
        ('A = "x" B = "y"', "f:1:9: A: a ; is missing before what follows"),
        ("A = 1;\n\n= 3", "f:3:1: here should be a key and ="),
        ("[A = 1;]\n[B = 2;]", "f:1:9: is more than one description"),
        ("A = " + "{" * 50, "f:1:26: A: is nested deeper than any job is"),
    ],
)
def test_errors_are_located(text: str, told: str) -> None:
    """By line and key."""
    with pytest.raises(Malformed) as caught:
        parse(text, where="f")
    assert caught.value.sentence.startswith(told)


def test_lines_of_a_script() -> None:
    """Only those that begin with #JDL; the error has its line."""
    said = script_lines(
        '#!/bin/sh\n#JDL CPUTime = 100\n#JDLX\n echo\n#JDL Tag = {a, "b"};', where="s"
    )
    assert said == {"CPUTime": ("100", "s:2:6"), "Tag": (["a", "b"], "s:5:6")}
    with pytest.raises(Malformed) as caught:
        script_lines('#!/bin/sh\n#JDL A = "x\n', where="s")
    assert caught.value.sentence.startswith("s:2:10: A: a text begins")


def test_a_long_text_is_read_once() -> None:
    """Not once for each of its lines."""
    keys = "".join(f"K{n} = {n};\n" for n in range(20_000))
    assert parse(keys, where="f")["K19999"] == ("19999", "f:20000:1")
    assert parse("A = x" + "\n" * 50_000, where="f")["A"] == ("x", "f:1:1")


@given(st.text(alphabet='[]{}="; ,\n\\/#AB1%', max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    """No crash, no hang."""
    try:
        parse(text, where="f")
    except Malformed as error:
        assert error.complaints[0].where.startswith("f:")
