"""What the submitting machine fills in."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from rota.formats.native import Document, Machine, expand, with_script
from tests.formats.native.telling import refused

FILES = {
    "cases.txt": "a\n\n  b c\r\nd",
    "empty.txt": "\n \n",
    "run.sh": "#!/bin/sh\n#ROTA memory: 2G\n#ROTA cores: 2\necho\n",
    "bad.sh": "#!/bin/sh\n#ROTA memroy: 2G\n",
}


def read_file(path: str) -> str:
    """Return one of FILES, or fail as a disk does."""
    if path == "latin1.txt":
        return b"\xe9".decode()
    if path not in FILES:
        raise FileNotFoundError(2, "No such file or directory", path)
    return FILES[path]


MACHINE = Machine(
    read=read_file,
    absolute=lambda path: "/home/me" if path == "." else f"/home/me/{path}",
    environ={"PATH": "/bin", "ROTA_TASK_ID": "3", "F\n()": "x", "BAD": "\udce9", "L": "C"},
    offset_ms=lambda moment: 7_200_000 if moment > datetime(2026, 4, 1) else 3_600_000,
)


def complete(data: dict[str, Any], **options: Any) -> Document:
    """Return *data* filled in."""
    return expand(Document(data, dict.fromkeys(data, "f:1:1")), MACHINE, **options)


def test_lines_of_a_file_become_items() -> None:
    """Empty lines do not count; blanks within a line do."""
    found = complete({"lines": "cases.txt"}, env_policy="none")

    assert found.data["items"] == ["a", "  b c", "d"]
    assert "lines" not in found.data and found.sources["items"] == "f:1:1"


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("gone.txt", "f:1:1: lines: cannot read gone.txt: No such file or directory"),
        ("empty.txt", "f:1:1: lines: empty.txt has no lines in it"),
        ("latin1.txt", "f:1:1: lines: latin1.txt is not text in UTF-8"),
    ],
)
def test_a_file_that_cannot_be_read_is_told(path: str, told: str) -> None:
    """By its name, with the system's own words."""
    assert refused(complete, {"lines": path}) == [told]


@pytest.mark.parametrize(
    ("cwd", "found"),
    [
        (None, "/home/me"),
        ("here", "/home/me"),
        ("data", "/home/me/data"),
        ("fresh", "fresh"),
    ],
)
def test_the_folder_is_made_whole(cwd: str | None, found: str) -> None:
    """A job runs where it was submitted from unless it says otherwise."""
    data = {} if cwd is None else {"cwd": cwd}

    assert complete(data, env_policy="none").data["cwd"] == found


@pytest.mark.parametrize(
    ("data", "env"),
    [
        ({}, {"PATH": "/bin", "L": "C"}),
        ({"env": {"L": "de", "X": "1"}}, {"PATH": "/bin", "L": "de", "X": "1"}),
        ({"env_policy": ["L", "GONE"]}, {"L": "C"}),
        ({"env_policy": "none", "env": {"X": "1"}}, {"X": "1"}),
    ],
)
def test_variables_are_passed_on_as_the_policy_says(data: Any, env: Any) -> None:
    """Never ROTA_…, never what no program could set."""
    found = complete(data)

    assert found.data["env"] == env
    assert "env_policy" not in found.data


def test_no_variable_is_passed_on_when_none_should_be() -> None:
    """Not even an empty mapping."""
    assert "env" not in complete({}, env_policy="none").data


@pytest.mark.parametrize(
    ("begin", "found"),
    [
        ("2026-05-01T18:00", "2026-05-01T16:00:00Z"),
        ("2026-01-01", "2025-12-31T23:00:00Z"),
        ("2026-05-01T18:00+09:00", "2026-05-01T18:00+09:00"),
        ("now+1h", "now+1h"),
        ("none", "none"),
    ],
)
def test_a_time_without_zone_is_the_machines(begin: str, found: str) -> None:
    """Of that day, be it summer or winter."""
    assert complete({"begin": begin}, env_policy="none").data["begin"] == found


def test_a_date_that_there_is_not_is_told_here_already() -> None:
    """With its line."""
    (line,) = refused(complete, {"begin": "2026-02-30"})

    assert line.startswith("f:1:1: begin: 2026-02-30 is no time there is")


@pytest.mark.parametrize(
    "data", [{"lines": 3}, {"cwd": 3}, {"env": 3}, {"env_policy": 3}, {"begin": 3}]
)
def test_what_is_wrong_in_itself_is_left_for_the_table(data: dict[str, Any]) -> None:
    """The server says what is wrong with it, once."""
    assert complete(data).data.items() >= data.items()


def test_a_script_is_read_in_and_its_lines_win_over_the_file() -> None:
    """Option > #ROTA line > file: options are merged afterwards."""
    document = Document(
        {"script": "run.sh", "cores": 1, "time": "1h"},
        {"script": "f:1:1", "cores": "f:2:1"},
    )

    found = with_script(document, read=read_file)

    assert found.data == {
        "script": FILES["run.sh"], "cores": 2, "memory": "2G", "time": "1h",
    }  # fmt: skip
    assert found.sources["cores"] == "run.sh:3:7"


@pytest.mark.parametrize(
    "data", [{"command": "x"}, {"script": "#!/bin/sh\n"}, {"script": 3}]
)
def test_what_names_no_file_stays_as_it_is(data: dict[str, Any]) -> None:
    """Nothing is read."""
    document = Document(data, {})

    assert with_script(document, read=read_file) is document


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("gone.sh", "f:1:1: script: cannot read gone.sh: No such file or directory"),
        ("bad.sh", "bad.sh:2:7: memroy: unknown key; did you mean `memory`?"),
    ],
)
def test_a_script_that_cannot_be_used_is_told(path: str, told: str) -> None:
    """Unreadable, or with a wrong line."""
    document = Document({"script": path}, {"script": "f:1:1"})

    assert refused(with_script, document, read=read_file) == [told]
