"""Trees become documents."""

from __future__ import annotations

from typing import Any

import pytest

from rota.core.fields.kinds import Size
from rota.formats.native.document import is_located, kind_at, split
from tests.formats.native.telling import refused


def nowhere(path: tuple[str | int, ...]) -> int | None:
    """Return no line, as a syntax that tells none."""
    return None


@pytest.mark.parametrize(
    ("tree", "commands"),
    [
        ({"command": "a"}, ["a"]),
        ([{"command": "a"}, {"command": "b"}], ["a", "b"]),
        ({"jobs": [{"command": "a"}]}, ["a"]),
        ({"jobs": {"command": "a"}}, ["a"]),
    ],
)
def test_a_file_is_one_job_or_several(tree: Any, commands: list[str]) -> None:
    """A mapping, a list, or jobs and defaults."""
    found = split(tree, where="f", spots=nowhere)

    assert [document.data["command"] for document in found] == commands


def test_defaults_are_for_those_that_do_not_say_themselves() -> None:
    """And what a job runs puts out what the defaults run."""
    tree = {
        "defaults": {"command": "a", "env": {"A": "1", "B": "1"}, "time": "1h"},
        "jobs": [{"argv": ["b"], "env": {"B": "2"}}, {}],
    }

    one, two = split(tree, where="f", spots=nowhere)

    assert one.data == {"argv": ["b"], "env": {"A": "1", "B": "2"}, "time": "1h"}
    assert two.data == tree["defaults"]


@pytest.mark.parametrize(
    ("tree", "told"),
    [
        ([], ["f: has no job in it"]),
        ([1, {"a": 1}, "x"], ["f: [0]: must be a job", "f: [2]: must be a job"]),
        ({"jobs": [{}], "default": {}}, ["f: default: does not belong beside jobs"]),
        ({"jobs": [{}], "defaults": 3}, ["f: defaults: must be a job"]),
    ],
)
def test_what_is_no_job_is_told(tree: Any, told: list[str]) -> None:
    """All of it at once."""
    lines = refused(split, tree, where="f", spots=nowhere)

    assert len(lines) == len(told)
    assert all(start in line for start, line in zip(told, lines, strict=True))


@pytest.mark.parametrize(
    "path", [("memory",), (0, "memory"), ("jobs", 3, "memory"), ("defaults", "memory")]
)
def test_the_kind_of_a_key_is_known_wherever_the_job_stands(path: tuple[Any, ...]) -> None:
    """Readers ask for it."""
    assert isinstance(kind_at(path), Size)
    assert kind_at((*path[:-1], "nothing")) is None


def test_lines_are_kept_for_jobs_and_their_keys_only() -> None:
    """A million items have a million lines that nobody asks for."""
    kept = [(), (0,), ("jobs",), ("jobs", 0), ("env",), (0, "env"), ("jobs", 0, "env")]

    assert all(is_located(path) for path in kept)
    assert not is_located(("items", 5)) and not is_located(("jobs", 0, "env", "A"))
