"""Kinds made of other kinds."""

from __future__ import annotations

from typing import Any

import pytest

from rota.core.fields.groups import Either, ListOf, MapOf, OneByOne, Record
from rota.core.fields.kinds import Choice, Kind, Text, Whole, Word

TEXT = Text(longest=9)
NAME = Word("[a-z]+", says="a name", shape="name")
LIST = ListOf(Whole(0, 9), most=3)
LONG = ListOf(TEXT, most=3, single=False)
MAP = MapOf(NAME, Whole(1, 9), most=2)
ENV = OneByOne(NAME, TEXT, most=2)
EITHER = Either(number=Whole(0, 9), text=Choice("none"), list=LONG)
RECORD = Record(("start",), start=Whole(0, 9), step=Whole(0, 9))


def read(kind: Kind, value: Any) -> tuple[Any, list[str]]:
    """Return what *kind* reads, and what it says with the place of each."""
    said: list[str] = []
    found = kind.read(value, lambda p, r="", at="": said.append(f"{at}: {p}"))
    return found, said


@pytest.mark.parametrize(
    ("kind", "value", "found"),
    [
        (LIST, 3, (3,)),
        (LIST, [3, 4], (3, 4)),
        (LONG, ["a", "b"], ("a", "b")),
        (MAP, {"a": 1, "b": 2}, {"a": 1, "b": 2}),
        (MAP, {}, {}),
        (EITHER, 5, 5),
        (EITHER, "none", "none"),
        (EITHER, ["x"], ("x",)),
        (RECORD, {"start": 1}, {"start": 1}),
    ],
)
def test_what_is_right_is_read(kind: Kind, value: Any, found: Any) -> None:
    """Lists become tuples."""
    assert read(kind, value) == (found, [])


@pytest.mark.parametrize(
    ("kind", "value", "said"),
    [
        (LIST, [], [": is an empty list"]),
        (LIST, [1, 10, "x"], [
            "[1]: is 10, it must be at most 9",
            "[2]: must be a whole number, not 'x'",
        ]),
        (LIST, [1, 2, 3, 4], [": has 4 entries, at most 3 are allowed"]),
        (LIST, None, [": must be a whole number 0 … 9, or a list, not nothing"]),
        (LIST, {}, [": must be a whole number 0 … 9, or a list, not a mapping"]),
        (LONG, "a", [": must be a list of text, not 'a'"]),
        (LONG, [["a"]], ["[0]: must be text, not a list"]),
        (MAP, [], [": must be a mapping of name to a whole number 1 … 9, not a list"]),
        (MAP, {"A": 1, "b": 0}, [": 'A' is not a name", ".b: is 0, it must be at least 1"]),
        (MAP, {"a": 1, "b": 1, "c": 1}, [": has 3 entries, at most 2 are allowed"]),
        (MAP, {3: 1}, [": 3 is not a name"]),
        (EITHER, True, [
            ": must be a whole number 0 … 9, or none, or a list of text, not true"
        ]),
        (EITHER, {"a": 1}, [
            ": must be a whole number 0 … 9, or none, or a list of text, not a mapping"
        ]),
        (RECORD, {"stat": 1}, [": has no `start`", ": 'stat' is no key here"]),
        (RECORD, {"start": "x"}, [".start: must be a whole number, not 'x'"]),
        (RECORD, 3, [": must be a mapping with start, step, not 3"]),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_with_its_place(
    kind: Kind, value: Any, said: list[str]
) -> None:
    """Every entry, not only the first."""
    assert read(kind, value)[1] == said


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        (LIST, "1, 2", [1, 2]),
        (MAP, "a=1,b=2", {"a": 1, "b": 2}),
        (MAP, "a", "a"),
        (ENV, "a=1,b=2", {"a": "1,b=2"}),
        (ENV, "a=", {"a": ""}),
        (ENV, "a", "a"),
        (EITHER, "4", 4),
        (EITHER, "none", "none"),
        (EITHER, "x,y", ["x", "y"]),
        (RECORD, "x", "x"),
    ],
)
def test_the_text_of_an_option_becomes_a_documents_value(
    kind: Kind, text: str, value: Any
) -> None:
    """Commas between entries, = between name and value."""
    assert kind.parse(text) == value


@pytest.mark.parametrize(
    ("kind", "first", "second", "joined"),
    [
        (LIST, [1], [2], [1, 2]),
        (LIST, 1, [2], [1, 2]),
        (MAP, {"a": 1}, {"a": 2, "b": 3}, {"a": 2, "b": 3}),
        (MAP, {"a": 1}, "x", "x"),
        (EITHER, ["a"], ["b"], ["a", "b"]),
        (EITHER, 1, 2, 2),
    ],
)
def test_repeated_options_are_joined(
    kind: Kind, first: Any, second: Any, joined: Any
) -> None:
    """`--tag a --tag b` is a list; of two numbers the last holds."""
    assert kind.join(first, second) == joined


@pytest.mark.parametrize(
    ("kind", "value", "shown"),
    [
        (LIST, (1, 2), "1, 2"),
        (MAP, {"a": 1}, "a=1"),
        (MAP, (("a", 1),), "a=1"),
        (EITHER, 5, "5"),
        (EITHER, ("x", "y"), "x, y"),
        (EITHER, None, "none"),
    ],
)
def test_a_value_is_shown_to_people(kind: Kind, value: Any, shown: str) -> None:
    """In one line."""
    assert kind.show(value) == shown


def test_a_reader_can_ask_what_lies_inside() -> None:
    """YAML wants to know it, to keep 007 as text where text is wanted."""
    vectors = MapOf(NAME, Either(list=LONG, mapping=RECORD), most=9)

    assert LONG.literal and MAP.literal is False and ENV.literal
    assert vectors.inner("mapping", "x").inner("list") is TEXT
    assert vectors.inner("mapping", "x").inner("mapping", "start").literal is False
    assert EITHER.inner("mapping", "x") is EITHER
    assert TEXT.inner("list") is TEXT
