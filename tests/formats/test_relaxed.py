"""JSON as people write it."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rota.core.errors import Malformed
from rota.formats.relaxed import loads


def test_comments_and_a_comma_too_many() -> None:
    """But nothing inside a text, where URLs and shares are."""
    text = """{ // the "first"
      "url": "http://x//y /* not */", /* "a": 1, */
      "list": [1, 2, // three
      ],
      "share": "\\\\\\\\host\\\\d",
    } // end"""
    tree, spots = loads(text, where="f")
    assert tree == {"url": "http://x//y /* not */", "list": [1, 2], "share": "\\\\host\\d"}
    assert spots == {"url": "2:7", "list": "3:7", "share": "5:7"}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('{"a": 1,\n "b" 2}', "f:2:6: is not JSON: Expecting ':' delimiter"),
        ('{"a": /* 1}', "f:1:7: is not JSON: a comment begins here and does not end"),
        ('{\n"a": "1}', "f:2:6: is not JSON: a text begins here and does not end"),
        ('{"a": 1,\n"a": 2}', "f:1:2: a: is given twice in one mapping"),
        ('{"a": 1,, }', "f:1:11: is not JSON"),
        ('{"a": "C:\\Users"}', "f:1:10: is not JSON: Invalid \\escape; write \\\\ for"),
        ('{"a": "\\ud800"}', "f: holds half a character"),
        ('{"a": NaN}', "f: holds a number that is none"),
        ("[" * 200_000, "f: is nested deeper than any job is"),
        ("", "f:1:1: is not JSON"),
    ],
)
def test_errors_are_located(text: str, told: str) -> None:
    """By line and column."""
    with pytest.raises(Malformed) as caught:
        loads(text, where="f")
    assert caught.value.sentence.startswith(told)


def test_a_long_text_is_read_once() -> None:
    """Not once for each of its lines."""
    text = "{" + "".join(f'"k{n}": {n}, // {n}\n' for n in range(20_000)) + "}"
    assert loads(text, where="f")[1]["k19999"] == "20000:1"


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(), lambda inner: st.lists(inner)
    | st.dictionaries(st.text(), inner), max_leaves=12,
)  # fmt: skip


@given(VALUES, st.sampled_from([None, 1, 3]))
def test_what_is_json_already_says_the_same(value: object, indent: int | None) -> None:
    """Nothing of it is taken for a comment."""
    assert loads(json.dumps(value, indent=indent), where="f")[0] == value


@given(st.text(alphabet='{}[]",:/*\\ \na1', max_size=40))
def test_any_text_is_read_or_refused(text: str) -> None:
    """No crash, no hang."""
    try:
        loads(text, where="f")
    except Malformed as error:
        assert error.complaints[0].where.startswith("f")
