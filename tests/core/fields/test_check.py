"""A document against the table: what is found, and what is said about the rest."""

from __future__ import annotations

from typing import Any

import pytest

from rota.core.fields import Notes, check, find
from rota.core.fields.check import NOTES_MAX


def told(doc: dict[Any, Any], **sources: str) -> list[str]:
    """Return the complaints about *doc* as people read them."""
    notes = Notes(sources)
    check(doc, notes)
    return [str(complaint) for complaint in notes.complaints]


def test_what_is_right_is_read_as_a_job_holds_it() -> None:
    """Bytes, milliseconds, tuples; aliases under their first name."""
    notes = Notes()

    found = check({"mem_bad": 1, "N": 5, "min_mem": "1K", "time": "1m", "tag": "a"}, notes)

    assert found == {"n": 5, "min_memory": 1024, "time": 60_000, "tags": ("a",)}
    assert notes.given == {
        "n": "N", "min_memory": "min_mem", "time": "time", "tags": "tag",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("key", "remedy"),
    [
        ("memroy", "did you mean `memory`?"),
        ("Memory", "did you mean `memory`?"),
        ("max-fails", "did you mean `max_fails`?"),
        ("walltime", "did you mean `time`?"),
        ("cpus", "did you mean `cores`?"),
        ("wall_time", "did you mean `time`?"),
        ("stdout", "did you mean `output`?"),
        ("Job_Name", "did you mean `name`?"),
        ("zzzz", "the keys are in docs/reference/job-file.md"),
    ],
)
def test_an_unknown_key_is_refused_with_the_nearest_one(key: str, remedy: str) -> None:
    """A slip of the finger, or the word of another system."""
    assert told({key: 1}) == [f"{key}: unknown key; {remedy}"]


@pytest.mark.parametrize("key", ["a\nb", "\x1b[31m", "", "x" * 500, 3, None, True, ("a",)])
def test_an_absurd_key_is_told_harmlessly(key: Any) -> None:
    """No line break or escape code of a key reaches the terminal."""
    (line,) = told({key: 1})

    assert "unknown key" in line and line.isprintable() and len(line) < 200


def test_all_that_is_wrong_is_told_at_once_with_its_place() -> None:
    """One try, one list."""
    lines = told({"memory": 10, "cores": 0, "tmie": "1h"}, memory="a.yaml:2")

    assert lines == [
        "a.yaml:2: memory: 10 has no unit; write for example 10GB",
        "cores: is 0, it must be at least 1",
        "tmie: unknown key; did you mean `time`?",
    ]


def test_an_absurd_document_makes_a_bounded_answer() -> None:
    """A hundred thousand unknown keys, or as many bad items, cost the server little."""
    keys = told({f"key{at}": 1 for at in range(100_000)})
    items = told({"items": [None] * 100_000})

    assert len(keys) == 1 and "keys, not 100000" in keys[0]
    assert len(items) == NOTES_MAX


def test_a_place_is_found_under_either_spelling() -> None:
    """Rules speak of keys by their first names."""
    notes = Notes({"N": "a.yaml:2"})
    check({"N": 3}, notes)

    notes.about("n", "is odd")

    assert str(notes.complaints[0]) == "a.yaml:2: n: is odd"


def test_two_spellings_of_one_key_are_refused() -> None:
    """Else nobody knows which of them holds."""
    (line,) = told({"n": 1, "N": 2})

    assert line == "N: says the same as `n`, which is given too; give one of the two"


@pytest.mark.parametrize(
    ("spelling", "name"),
    [
        ("--memory", "memory"),
        ("--memory-per-core", "memory_per_core"),
        ("--max_fails", "max_fails"),
        ("memory-per-core", "memory_per_core"),
        ("N", "n"),
        ("--tag", "tags"),
        ("--argv", None),
        ("nothing", None),
        ("--nothing", None),
    ],
)
def test_a_row_is_found_by_any_of_its_spellings(spelling: str, name: str | None) -> None:
    """For options, #ROTA lines and `rota edit`."""
    row = find(spelling)

    assert (row.name if row else None) == name
