"""Arrays from indexes, items and vectors."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rota.core.job import Array
from rota.formats.native import build
from tests.formats.native.telling import refused


def array(**keys: Any) -> Array:
    """Return the array of a job with *keys*."""
    found = build({"argv": ["x"], **keys}).array
    assert found is not None
    return found


def test_no_key_of_many_makes_no_array() -> None:
    """A plain job has one task and no array."""
    assert build({"argv": ["x"]}).array is None


@pytest.mark.parametrize(
    ("keys", "indexes", "limit", "values"),
    [
        ({"array": "0-3%2"}, "0-3", 2, {}),
        ({"array": "5"}, "5", None, {}),
        ({"items": ["a", 2, 0.5]}, "0-2", None, {"item": ("a", "2", "0.5")}),
        ({"items": ["a", "b"], "array": "%1"}, "0-1", 1, {"item": ("a", "b")}),
        ({"items": ["a", "b"], "array": "3,7"}, "3,7", None, {"item": ("a", "b")}),
        ({"vectors": {"x": ["a"], "y": [1]}}, "0", None, {"x": ("a",), "y": ("1",)}),
        ({"vectors": {"x": {"start": 1, "step": 1, "factor": 2, "count": 3}}},
         "0-2", None, {"x": ("1", "3", "7")}),
        ({"vectors": {"x": {"start": 10, "step": 5}, "y": ["a", "b", "c", "d"]}},
         "0-3", None, {"x": ("10", "15", "20", "25"), "y": ("a", "b", "c", "d")}),
        ({"vectors": {"x": {"start": 0, "step": 0.1}}, "array": "0-3"},
         "0-3", None, {"x": ("0", "0.1", "0.2", "0.3")}),
        ({"vectors": {"x": {"start": 8, "factor": 0.5}}, "array": "1-4"},
         "1-4", None, {"x": ("8", "4", "2", "1")}),
        ({"vectors": {"x": {"start": -1e-07, "count": 1}}},
         "0", None, {"x": ("-0.0000001",)}),
        ({"vectors": {"x": {"start": 5}}, "items": ["a", "b"]},
         "0-1", None, {"x": ("5", "5"), "item": ("a", "b")}),
    ],
)  # fmt: skip
def test_tasks_and_their_values(
    keys: Any, indexes: str, limit: int | None, values: Any
) -> None:
    """v[0] = start, v[i] = v[i−1] × factor + step; numbers as people write them."""
    found = array(**keys)

    assert (str(found.indexes), found.limit, dict(found.values)) == (indexes, limit, values)


@pytest.mark.parametrize(
    ("keys", "told"),
    [
        ({"array": "9-3"}, "array: '9-3' runs backwards; write 3-9"),
        ({"array": "%3"}, "array: limits tasks but there is only one"),
        ({"array": "0-9", "items": ["a", "b"]},
         "array: different length: item has 2, array has 10; all must have as many"),
        ({"vectors": {"x": [1, 2], "y": [1, 2, 3]}},
         "vectors: different length: x has 2, y has 3; all must have as many"),
        ({"vectors": {"x": {"start": 1, "count": 4}}, "items": ["a"]},
         "vectors: different length: x has 4, item has 1"),
        ({"vectors": {"x": {"start": 1}}},
         "vectors: nobody says how many values there are; give count or array"),
        ({"vectors": {"x": {"start": 1, "factor": 10, "count": 99}}},
         "vectors.x: value 19 is more than 10^18; take a smaller factor or step"),
        ({"lines": "cases.txt"}, "lines: the file was not read; give its lines as items"),
        ({"array": "0-9999999", "vectors": {"x": {"start": 1}}},
         "array: has 10000000 tasks with values, at most 1000000 can have them"),
        ({"items": []}, "items: is an empty list"),
        ({"items": ["a", ""]}, "items[1]: is empty"),
        ({"items": ["a", None]}, "items[1]: must be text, not nothing"),
    ],
)  # fmt: skip
def test_what_does_not_fit_together_is_told_with_the_numbers(keys: Any, told: str) -> None:
    """Nothing is cut, repeated or guessed."""
    assert told in refused(build, {"argv": ["x"], **keys})[0]


@given(
    st.integers(-1000, 1000),
    st.integers(-9, 9),
    st.integers(-2, 2),
    st.integers(1, 40),
)
def test_steps_follow_their_rule(start: int, step: int, factor: int, count: int) -> None:
    """Against plain integers."""
    wanted, value = [], start
    for _ in range(count):
        wanted.append(str(value))
        value = value * factor + step
    steps = {"start": start, "step": step, "factor": factor, "count": count}

    assert array(vectors={"x": steps}).values["x"] == tuple(wanted)
