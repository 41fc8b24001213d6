"""`rota edit`: some keys said anew."""

from __future__ import annotations

from typing import Any

import pytest

from rota.core.job import JobSpec
from rota.core.resources import Mode, Request
from rota.formats.native import amend, build
from tests.formats.native.telling import refused

JOB = build(
    {
        "argv": ["x"], "cores": 4, "memory": "4G", "time": "1h", "env": {"A": "1"},
        "array": "0-9%2", "tags": "a", "group": "gen4",
    }
)  # fmt: skip


def test_only_what_is_said_changes() -> None:
    """The rest of the request stays, too."""
    assert amend(JOB, {}) == JOB
    changed = amend(JOB, {"memory": "8G", "priority": 5})

    assert changed.priority == 5
    assert changed.request == Request(
        cores=4, memory=8 << 30, time_ms=3_600_000, group=("gen4",)
    )
    assert changed.array == JOB.array


@pytest.mark.parametrize(
    ("doc", "attr", "value"),
    [
        ({"time": "none"}, "time_ms", None),
        ({"n": 8}, "cores", 8),
        ({"memory_per_core": "2G"}, "memory", 8 << 30),
        ({"memory_per_core": "2G", "cores": 2}, "memory", 4 << 30),
        ({"mode": "bynode", "n": 3}, "n", 3),
        ({"host": "n1"}, "mode", Mode.BY_HOST),
        ({"group": "b"}, "group", ("b",)),
    ],
)
def test_a_request_is_made_anew_from_old_and_new_keys(
    doc: dict[str, Any], attr: str, value: Any
) -> None:
    """As if the job had been submitted so."""
    assert getattr(amend(JOB, doc).request, attr) == value


def test_what_runs_is_replaced_whole() -> None:
    """A job has one of command, argv and script, before and after."""
    changed = amend(JOB, {"command": "y"})

    assert (changed.argv, changed.command) == (None, "y")


def test_variables_are_added_and_the_throttle_can_move() -> None:
    """What other verbs cannot do."""
    changed = amend(JOB, {"env": {"B": "2"}, "array": "%5", "retries": 3, "begin": "none"})

    assert changed.env == {"A": "1", "B": "2"}
    assert changed.array and (str(changed.array.indexes), changed.array.limit) == ("0-9", 5)
    assert changed.retries == {"any": 3}


@pytest.mark.parametrize(
    ("doc", "told"),
    [
        ({"key": "k"}, "key: cannot be changed; it names the job for ever"),
        ({"held": True}, "held: cannot be changed; use rota hold and rota release"),
        ({"items": ["a"]}, "items: cannot be changed"),
        ({"array": "0-5"}, "array: the tasks of a job stay as they are; write %20"),
        ({"memroy": "1G"}, "memroy: unknown key; did you mean `memory`?"),
        ({"cores": 3, "threads": 2}, "threads: is 2, which does not divide 3 cores"),
        ({"warn": "2h"}, "warn: 2h00m before a limit of 1h00m"),
        ({"setup": "a"}, "setup: is for a shell, and argv runs without one"),
        ({"command": "a", "argv": ["b"]}, "argv: command is given too"),
        ({"mode": "bynode", "cores": 2}, "cores: bynode takes n nodes, not cores"),
    ],
)
def test_what_cannot_be_edited_is_refused(doc: dict[str, Any], told: str) -> None:
    """And nothing is changed."""
    assert told in refused(amend, JOB, doc)[0]


def test_a_plain_job_has_no_throttle() -> None:
    """There is nothing to limit."""
    assert "array: the tasks" in refused(amend, JobSpec(argv=("x",)), {"array": "%5"})[0]


def test_formulas_of_licences_are_worked_out_again() -> None:
    """For what it asks for now; a number that is said instead stands."""
    said = {"argv": ["x"], "cores": 8, "licences": {"abaqus": "int(5*n**0.422)", "x": 2}}
    spec = build(said)
    assert dict(spec.request.licences) == {"abaqus": 12, "x": 2}
    wider = amend(spec, {"cores": 16})
    assert dict(wider.request.licences) == {"abaqus": 16, "x": 2}
    again = amend(wider, {"name": "y"})
    assert again.request == wider.request
    fixed = amend(wider, {"licences": {"abaqus": 3}})
    assert dict(amend(fixed, {"cores": 4}).request.licences) == {"abaqus": 3}
