"""Options: parsers of verbs, and values that are checked while their name is known."""

from __future__ import annotations

import pytest

from rota.core.errors import Malformed
from rota.faces import act, ls, submit, up
from rota.faces.options import parse


def test_what_stands_behind_two_dashes_is_not_ours() -> None:
    """Neither read nor refused."""
    args = parse("submit", submit, ["--json", "--", "x", "--json", "--nosuch"])

    assert (args.json, args.rest) == (True, ["x", "--json", "--nosuch"])
    assert parse("submit", submit, ["a.yaml"]).rest is None


def test_two_dashes_for_verbs_without_a_command() -> None:
    """Then they only end the options."""
    assert parse("ls", ls, ["--", "fit"]).which == ["fit"]


def test_options_and_names_in_any_order() -> None:
    """rota kill 12 --grace 1s 13."""
    args = parse("kill", act, ["12", "--grace", "1s", "13"])

    assert (args.which, args.grace) == (["12", "13"], 1000)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["kill", "--grace", "10"], "10 has no unit"),
        (["ls", "--limit", "0"], "whole number of at least 1"),
        (["ls", "--limit", "²"], "whole number of at least 1"),
        (["up", "--memory", "8"], "8 has no unit"),
        (["ls", "--state", "lost"], "invalid choice"),
        (["ls", "--limit"], "expected one argument"),
    ],
)
def test_wrong_values_are_refused_by_name(words: list[str], sentence: str) -> None:
    """With the option, the value and what is allowed."""
    module = {"kill": act, "ls": ls, "up": up}[words[0]]
    with pytest.raises(Malformed, match=sentence) as caught:
        parse(words[0], module, words[1:])

    assert words[1] in str(caught.value)
    assert f"rota {words[0]} --help" in str(caught.value)


@pytest.mark.parametrize(
    ("word", "told"),
    [("--limt", "did you mean --limit"), ("--zzzz", "--help"), ("--lim\x1b", "\\\\x1b")],
)
def test_unknown_options_are_refused(word: str, told: str) -> None:
    """Shown, not obeyed."""
    with pytest.raises(Malformed, match=told):
        parse("ls", ls, [word])
