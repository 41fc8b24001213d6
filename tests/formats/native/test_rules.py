"""Rules that look at the whole job."""

from __future__ import annotations

from typing import Any

import pytest

from rota.formats.native import build
from tests.formats.native.telling import refused


@pytest.mark.parametrize(
    ("doc", "told"),
    [
        ({}, "nothing says what to run; give one of command, argv and script"),
        ({"command": "a", "argv": ["b"]}, "argv: command is given too"),
        ({"command": "a", "argv": 3}, "argv: must be a list of text, not 3"),
        ({"command": "  \n"}, "command: is blank"),
        ({"command": "é" * 70_000}, "command: has more than 131071 bytes; put it into a"),
        ({"argv": [" "]}, "argv: its first word is empty; that is what is run"),
        ({"script": "run.sh"}, "script: is the path of a file that was not read"),
        ({"script": "echo a\necho b\n"}, "script: has no first line with #!"),
        ({"argv": ["a"], "setup": "b"}, "setup: is for a shell, and argv runs without one"),
        ({"command": "a", "cwd": "here"}, "cwd: here is known to the submitting program"),
        ({"command": "a", "cwd": "x/y"}, "cwd: x/y is not a whole path; begin it with /"),
        ({"command": "a", "env_policy": "all"}, "env_policy: is carried out by the"),
        (
            {"command": "a", "warn": "1m"},
            "warn: comes before a time limit, and there is none",
        ),
        (
            {"command": "a", "warn": "1h", "time": "1h"},
            "warn: 1h00m before a limit of 1h00m",
        ),
        ({"command": "a", "progress": "("}, "progress: is not a regular expression"),
        (
            {"command": "a", "progress": "x"},
            "progress: has 0 groups, it must have one or two",
        ),
        (
            {"command": "a", "terminal": "24x80", "error": "e"},
            "error: is the terminal itself",
        ),
        (
            {"command": "a", "terminal": "24x80", "array": "0-3"},
            "terminal: is for one task",
        ),
        ({"command": "a", "container_args": ["-x"]}, "container_args: is for a container"),
        ({"command": "a", "container": "u", "cwd": "/a:b"}, "cwd: has a colon, which no"),
        ({"command": "a\0b"}, "command: has a NUL byte at character 2"),
    ],
)
def test_what_could_not_run_is_refused(doc: dict[str, Any], told: str) -> None:
    """Before it waits for hours."""
    assert told in "\n".join(refused(build, doc))


@pytest.mark.parametrize(
    "doc",
    [
        {"command": "a", "setup": "b", "warn": "1m", "time": "1h"},
        {"argv": ["a", ""], "cwd": "fresh"},
        {"script": "#!/bin/sh\n", "cwd": "/data", "env_policy": "none"},
        {"command": "a", "progress": r"(\d+) of (\d+)"},
    ],
)
def test_what_can_run_is_taken(doc: dict[str, Any]) -> None:
    """The rules have nothing to say."""
    assert build(doc)


def test_a_container_needs_a_node_that_has_one() -> None:
    """By its labels; a file is for apptainer, whatever else a node has."""
    named = build({"command": "a", "container": "ubuntu:24.04", "require": ["gen4"]})
    file = build({"command": "a", "container": "/images/a.sif"})

    assert named.request.require == ("gen4", "container")
    assert file.request.require == ("container:apptainer | container:singularity",)
