"""Each kind of value: what it reads, what it says about the rest."""

from __future__ import annotations

from typing import Any

import pytest

from rota.core.fields.kinds import (
    Choice,
    Duration,
    Flag,
    Form,
    Kind,
    Number,
    Scalar,
    Size,
    Text,
    Whole,
    Word,
)

LINE = Text(longest=10, never=Text.LINE)
WORD = Word("[a-z]+", says="a word such as abc")
CHOICE = Choice("bycore", "bynode", by_node="bynode")
WHOLE = Whole(1, 8)
NAN, INF = float("nan"), float("inf")


def read(kind: Kind, value: Any) -> tuple[Any, list[str]]:
    """Return what *kind* reads and what it says."""
    said: list[str] = []
    found = kind.read(value, lambda p, r="", at="": said.append(f"{p}; {r}" if r else p))
    return found, said


@pytest.mark.parametrize(
    ("kind", "value", "found"),
    [
        (LINE, "é ☃ ok", "é ☃ ok"),
        (WORD, "abc", "abc"),
        (CHOICE, "by_node", "bynode"),
        (Flag(), False, False),
        (WHOLE, 8, 8),
        (WHOLE, 8.0, 8),
        (Number(), -0.5, -0.5),
        (Size(), "1K", 1024),
        (Duration(), "1s", 1000),
        (Duration(none=True), "none", None),
        (Duration(zero=True), "0s", 0),
        (Scalar(longest=9), "", ""),
        (Scalar(longest=9), 7, "7"),
        (Scalar(longest=9), 0.1, "0.1"),
        (Scalar(longest=9), True, "true"),
    ],
)
def test_what_is_right_is_read(kind: Kind, value: Any, found: Any) -> None:
    """As a JobSpec holds it."""
    assert read(kind, value) == (found, [])


@pytest.mark.parametrize(
    ("kind", "value", "said"),
    [
        (LINE, 5, 'must be text, not 5; write it in quotes: "5"'),
        (LINE, "", "is empty; give it a value or leave the key out"),
        (LINE, "x" * 11, "has 11 characters, at most 10 are allowed"),
        (LINE, "ab\ncd", "has a line break at character 3; leave it out"),
        (LINE, "\x1b[0m", "has an escape code at character 1; leave it out"),
        (LINE, "a\udce9", "has a byte that is not UTF-8 at character 2; leave it out"),
        (WORD, "a b", "'a b' is not a word such as abc"),
        (WORD, "ab\n", r"'ab\n' is not a word such as abc"),
        (WORD, None, "must be text, not nothing"),
        (CHOICE, "bynod", "'bynod' is not one of bycore, bynode; did you mean `bynode`?"),
        (CHOICE, ["x"], "a list is not one of bycore, bynode"),
        (Flag(), "yes", "must be true or false, not 'yes'"),
        (Flag(), 1, "must be true or false, not 1"),
        (WHOLE, 0, "is 0, it must be at least 1"),
        (WHOLE, 9, "is 9, it must be at most 8"),
        (WHOLE, "4", "must be a whole number, not '4'; write 4 without quotes"),
        (WHOLE, True, "must be a whole number, not true; write a number from 1 to 8"),
        (WHOLE, 2.5, "must be a whole number, not 2.5; write a number from 1 to 8"),
        (WHOLE, NAN, "must be a whole number, not nan; write a number from 1 to 8"),
        (WHOLE, 10**99, "is a number of more than 30 digits, it must be at most 8"),
        (Number(), "x", "must be a number, not 'x'"),
        (Number(), True, "must be a number, not true"),
        (Number(), INF, "is inf, it must be from −10^18 to 10^18"),
        (Number(), NAN, "is nan, it must be from −10^18 to 10^18"),
        (Size(), 10, "10 has no unit; write for example 10GB"),
        (Size(), None, "nothing is not a size such as 512MB, 10GB or 1.5TB"),
        (Duration(), 600, "600 has no unit; write for example 600m"),
        (Duration(), "0s", "0s is no time at all; write a longer duration"),
        (Scalar(longest=9), None, "must be text, not nothing"),
        (Scalar(longest=9, least=1), "", "is empty; give it a value or leave the key out"),
    ],
)
def test_what_is_wrong_is_told_in_one_sentence(kind: Kind, value: Any, said: str) -> None:
    """What it is, what is allowed, and the cure if there is one."""
    assert read(kind, value)[1] == [said]


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        (WHOLE, "4", 4),
        (WHOLE, "+4", 4),
        (WHOLE, "four", "four"),
        (WHOLE, "9" * 99, "9" * 99),
        (Flag(), "Yes", True),
        (Flag(), "off", False),
        (Flag(), "maybe", "maybe"),
        (Size(), "1K", "1K"),
        (LINE, "07", "07"),
    ],
)
def test_the_text_of_an_option_becomes_a_documents_value(
    kind: Kind, text: str, value: Any
) -> None:
    """What cannot be read stays text, for ``read`` to complain about."""
    assert kind.parse(text) == value


@pytest.mark.parametrize(
    ("kind", "value", "shown"),
    [
        (Size(), 10 << 30, "10 GiB"),
        (Duration(), 5_400_000, "1h30m"),
        (Duration(none=True), None, "none"),
        (Flag(), True, "true"),
        (LINE, "abc", "abc"),
    ],
)
def test_a_value_is_shown_to_people(kind: Kind, value: Any, shown: str) -> None:
    """As --dry-run and the docs print it."""
    assert kind.show(value) == shown


def test_a_form_matches_whole_texts_only() -> None:
    """Python's ``$`` would let a line break pass."""
    form = Form("a+")

    assert form("aa") and not form("aa\n") and not form("ba")
