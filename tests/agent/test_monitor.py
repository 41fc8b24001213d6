"""Watched files: those that the job named, below its folder, and nothing else."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rota.agent.monitor import leave_note, matches, open_watched, watched


@pytest.fixture
def note(tmp_path: Path) -> str:
    """A job's folder with files, and the note about it."""
    cwd = tmp_path / "run"
    (cwd / "log" / "deep").mkdir(parents=True)
    (tmp_path / "secret.sta").write_text("secret")
    for name in ("job.sta", "job.dat", "log/a.txt", "log/deep/b.txt"):
        (cwd / name).write_text(name)
    (cwd / "link.sta").symlink_to(tmp_path / "secret.sta")
    (cwd / "away").symlink_to(tmp_path)
    os.mkfifo(cwd / "pipe.sta")
    path = tmp_path / "0.1.watch"
    leave_note(str(path), cwd=str(cwd), globs=["*.sta", "log/*.txt", "away/*.sta"])
    return str(path)


def test_the_list_has_what_is_watched_and_is_a_file(note: str) -> None:
    """By name, with sizes; links and pipes are none."""
    assert [(row["name"], row["size"]) for row in watched(note)] == [
        ("job.sta", 7), ("log/a.txt", 9),
    ]  # fmt: skip


def test_a_watched_file_is_opened(note: str) -> None:
    """Also in a folder of its own."""
    for name in ("job.sta", "log/a.txt"):
        fd = open_watched(note, name)
        assert os.read(fd, 99) == name.encode()
        os.close(fd)


@pytest.mark.parametrize(
    "name",
    [
        "job.dat", "../secret.sta", "/etc/passwd", "log/../job.sta", "./job.sta",
        "link.sta", "away/secret.sta", "pipe.sta", "log/deep/b.txt", "", "none.sta",
        "job.sta\0x",
    ],
)  # fmt: skip
def test_nothing_else_is_opened(note: str, name: str) -> None:
    """No other name, no way up, no link on the way or at its end, no pipe."""
    with pytest.raises(OSError):
        open_watched(note, name)


@given(st.text("ab./*", max_size=12), st.lists(st.text("ab./*?", max_size=8), max_size=3))
def test_no_glob_leads_up_or_out(name: str, globs: list[str]) -> None:
    """Whatever is asked of whatever globs."""
    if matches(name, globs):
        parts = name.split("/")
        assert not {"", ".", ".."} & set(parts)
