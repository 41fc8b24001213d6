"""The four folders: what has settled, and what is written into them."""

from __future__ import annotations

import os
from pathlib import Path

from rota.faces.spool.folders import (
    Folders,
    Settling,
    add_to_log,
    last_line,
    read_mark,
    write_mark,
)


def test_what_changes_has_not_settled(tmp_path: Path) -> None:
    """A file that grows, comes or goes, however deep; a rename changes nothing."""
    folder = tmp_path / "a.part"
    (folder / "deep").mkdir(parents=True)
    settling = Settling(3.0)
    assert not settling.is_settled(str(folder), 0.0)
    (folder / "deep" / "data").write_text("x")
    assert not settling.is_settled(str(folder), 4.0)
    assert not settling.is_settled(str(folder), 6.9)
    with open(folder / "deep" / "data", "a") as file:
        file.write("y")
    assert settling.still_s(str(folder), 7.0) == 0.0
    folder.rename(tmp_path / "a")
    assert settling.is_settled(str(tmp_path / "a"), 10.0)
    assert not settling.is_settled(str(tmp_path / "a"), 10.0, times=5)
    write_mark(str(tmp_path / "a"), {"key": "k"})
    assert settling.is_settled(str(tmp_path / "a"), 10.1), "our own mark is no change"


def test_names_that_are_being_copied(tmp_path: Path) -> None:
    """Are not seen yet."""
    folders = Folders(str(tmp_path))
    for name in ("a", ".b", "c.part", "d.tmp", "e~"):
        os.mkdir(folders.path("QM_qJobs", name))
    assert folders.names("QM_qJobs") == ["a"]


def test_a_mark_is_of_one_folder(tmp_path: Path) -> None:
    """A copy of it means nothing, nor does what is no mark."""
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    write_mark(str(tmp_path / "a"), {"key": "k"})
    assert read_mark(str(tmp_path / "a"))["key"] == "k"
    (tmp_path / "b" / ".rota").write_bytes((tmp_path / "a" / ".rota").read_bytes())
    assert read_mark(str(tmp_path / "b")) == {}
    (tmp_path / "b" / ".rota").write_text("[]")
    assert read_mark(str(tmp_path / "b")) == {} == read_mark(str(tmp_path / "c"))


def test_the_last_line_of_a_log(tmp_path: Path) -> None:
    """What a job left without a line's end is ended first."""
    assert last_line(str(tmp_path)) == ""
    (tmp_path / "process.log").write_bytes(b"50 %")
    add_to_log(str(tmp_path), "Job finished at: x")
    assert (tmp_path / "process.log").read_text() == "50 %\nJob finished at: x\n"
    assert last_line(str(tmp_path)) == "Job finished at: x"
