"""Slots: a task finds them empty, whatever the one before it has left or broken."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from rota.agent.clock import wall_ms
from rota.agent.slots import Slot, Slots, remove_tree

LATER_MS = 1000
"""A task that begins so much later: times of folders can be trusted."""


@pytest.fixture
def slots(tmp_path: Path) -> Slots:
    """Slots in a folder of their own."""
    (tmp_path / "t").mkdir()
    return Slots(str(tmp_path / "t"), "s")


@pytest.fixture
def slot(slots: Slots) -> Slot:
    """A furnished slot, which one task has used."""
    one = slots.take()
    one.furnish(hosts="a\n", script=None)
    one.clean(0)
    return one


def test_what_a_task_leaves_is_gone(slot: Slot, slots: Slots) -> None:
    """Files, folders, closed ones, links, a progress file, a progress folder."""
    tmp, progress = Path(slot.tmpdir), Path(slot.progress_path)
    for leave in (
        lambda: (tmp / "file").write_text("x"),
        lambda: (tmp / "a" / "b").mkdir(parents=True),
        lambda: [(tmp / "c").mkdir(), (tmp / "c" / "d").mkdir(), (tmp / "c").chmod(0)],
        lambda: (tmp / "link").symlink_to("/etc"),
        lambda: progress.write_text("1 / 2"),
        lambda: (progress / "x").mkdir(parents=True),
        lambda: tmp.rmdir(),
        lambda: [tmp.rmdir(), tmp.write_text("in the way")],
        lambda: [tmp.rmdir(), tmp.symlink_to("/etc")],
        lambda: tmp.chmod(0),
    ):
        leave()
        slot.clean(wall_ms())
        assert os.listdir(slot.tmpdir) == [] and not tmp.is_symlink()
        assert not progress.exists()
        (tmp / "usable").touch()
        slot.clean(0)
    slots.close()
    assert os.listdir(os.path.dirname(slot.path)) == []
    assert os.listdir("/etc")


def test_nothing_left_is_seen_by_the_times(
    slot: Slot, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An untouched slot is not read again; a touched one always is."""
    looked: list[str] = []
    listdir = os.listdir

    def look(path: str) -> list[str]:
        looked.append(path)
        return listdir(path)

    monkeypatch.setattr(os, "listdir", look)
    slot.clean(wall_ms() + LATER_MS)
    assert looked == []
    Path(slot.tmpdir, "x").touch()
    slot.clean(wall_ms() + LATER_MS)
    assert looked == [slot.tmpdir]
    # Made so soon that the folder's time need not have moved: it is read.
    slot.clean(wall_ms())
    assert looked == [slot.tmpdir] * 2


def test_lent_again(slots: Slots) -> None:
    """The lowest free one, with the hosts of its new user and without the old script."""
    first, second = slots.take(), slots.take()
    assert first.path != second.path
    first.furnish(hosts="a\n", script="#!/bin/sh\n")
    path = Path(first.script_path("#!/bin/sh\n"))
    assert path.read_text() == "#!/bin/sh\n" and path.stat().st_mode & 0o777 == 0o700
    assert first.script_path("other") != str(path)
    slots.give_back(first)
    assert not path.exists()
    again = slots.take()
    assert again is first
    again.furnish(hosts="b\nc\n", script=None)
    assert Path(again.hosts_path).read_text() == "b\nc\n"
    slots.close()


def test_what_a_killed_shepherd_left(tmp_path: Path) -> None:
    """Its slots go when the next one comes; those of another shepherd stay."""
    for name in ("s.99.0/tmp/x", ".trash.99.1/y", "other.99.0/tmp"):
        (tmp_path / name).mkdir(parents=True)
    Slots(str(tmp_path), "s").close()
    assert os.listdir(tmp_path) == ["other.99.0"]


def test_the_last_progress(slot: Slot) -> None:
    """Its end, if it is long; nothing, if it is none."""
    path = Path(slot.progress_path)
    assert slot.last_progress() == ""
    path.write_text("x" * 10_000 + "9 / 10\n")
    assert slot.last_progress().endswith("9 / 10\n") and len(slot.last_progress()) < 5000
    path.unlink()
    path.mkdir()
    assert slot.last_progress() == ""


def test_no_link_is_followed(tmp_path: Path) -> None:
    """What a link points to is not the task's to take along (G25)."""
    (tmp_path / "keep").mkdir()
    (tmp_path / "keep" / "file").touch()
    (tmp_path / "gone" / "deep").mkdir(parents=True)
    (tmp_path / "gone" / "deep" / "link").symlink_to(tmp_path / "keep")
    (tmp_path / "gone" / "link").symlink_to(tmp_path / "keep")
    remove_tree(str(tmp_path / "gone"))
    assert not (tmp_path / "gone").exists() and (tmp_path / "keep" / "file").exists()


def test_a_host_file_for_each_make_of_mpi(tmp_path: Path) -> None:
    """One line a rank for most; one a node for those that count themselves."""
    slot = Slots(str(tmp_path), "s").take()
    slot.furnish(hosts="a\na\nb\n", script=None)

    texts = {
        ending: Path(slot.hosts_path + ending).read_text()
        for ending in ("", ".openmpi", ".mpich")
    }
    assert texts == {
        "": "a\na\nb\n", ".openmpi": "a slots=2\nb slots=1\n", ".mpich": "a:2\nb:1\n"
    }  # fmt: skip
