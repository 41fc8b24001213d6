"""Trees laid into folders and gathered from them, on a real disk.

About rota.agent.laying and rota.agent.halt.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from rota.agent import laying
from rota.agent.halt import Halt, Halted
from rota.core.globs import Globs, rule_of
from rota.wire import trees
from rota.wire.trees import File, Folder, Link

DIGEST = "0" * 64


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A file of five bytes, as every file of the trees here."""
    path = tmp_path / "source"
    path.write_bytes(b"hello")
    return path


def laid(tree: trees.Tree, folder: Path, source: Path, *, replaces: bool = False) -> int:
    """Lay *tree* into *folder*; every file of it is *source*."""
    root = laying.open_folder(str(folder))
    try:
        return laying.lay(
            tree, root, halt=Halt(), replaces=replaces,
            opened=lambda _: os.open(source, os.O_RDONLY),
        )  # fmt: skip
    finally:
        os.close(root)


def gathered(folder: Path, *patterns: str, **options: object) -> laying.Found:
    """Gather what *patterns* mean in *folder*."""
    root = laying.open_folder(str(folder))
    try:
        globs = Globs([rule_of(text) for text in patterns])
        return laying.gather(root, globs, halt=Halt(), **options)  # type: ignore[arg-type]
    finally:
        os.close(root)


def files(*paths: str) -> trees.Tree:
    """Return a tree of files at *paths*."""
    return trees.tree_of([File(path, 0o640, 5, DIGEST) for path in paths])


def test_a_tree_is_laid_with_modes_links_and_empty_folders(
    tmp_path: Path, source: Path
) -> None:
    """As it was taken."""
    tree = trees.tree_of([
        File("a/b/x", 0o755, 5, DIGEST), File("a/y", 0o400, 5, DIGEST),
        Link("a/z", "b/x"), Folder("c/d"),
    ])  # fmt: skip
    folder = tmp_path / "work"
    folder.mkdir()
    laid(tree, folder, source)
    assert (folder / "a/b/x").read_bytes() == b"hello"
    assert (folder / "a/b/x").stat().st_mode & 0o7777 == 0o755
    assert (folder / "a/y").stat().st_mode & 0o7777 == 0o400
    assert (folder / "a/z").read_bytes() == b"hello"
    assert os.listdir(folder / "c/d") == []


def test_what_is_laid_is_no_door_to_what_is_kept(tmp_path: Path, source: Path) -> None:
    """A job may write to its inputs: those of others stay as they are."""
    folder = tmp_path / "work"
    folder.mkdir()
    laid(files("x"), folder, source)
    (folder / "x").write_bytes(b"other")
    assert source.read_bytes() == b"hello"


@pytest.mark.parametrize("replaces", [False, True])
def test_g25_no_link_in_the_way_is_followed(
    tmp_path: Path, source: Path, *, replaces: bool
) -> None:
    """A job that runs may have put one where a file is to go."""
    folder, outside = tmp_path / "work", tmp_path / "outside"
    folder.mkdir()
    outside.mkdir()
    (folder / "a").symlink_to(outside)
    with pytest.raises(OSError, match=r"Not a directory|Too many levels"):
        laid(files("a/x"), folder, source, replaces=replaces)
    assert os.listdir(outside) == []


def test_a_put_replaces_a_file_whole_and_a_link_by_a_file(
    tmp_path: Path, source: Path
) -> None:
    """What the link pointed to is not touched."""
    folder, outside = tmp_path / "work", tmp_path / "outside"
    folder.mkdir()
    outside.write_text("mine")
    (folder / "x").symlink_to(outside)
    (folder / "y").write_text("old")
    laid(files("x", "y"), folder, source, replaces=True)
    assert outside.read_text() == "mine"
    assert [(folder / name).read_text() for name in "xy"] == ["hello", "hello"]
    assert sorted(os.listdir(folder)) == ["x", "y"]


def test_only_what_is_new_is_gathered(tmp_path: Path, source: Path) -> None:
    """A changed input is new; one that was left alone is not."""
    folder = tmp_path / "work"
    folder.mkdir()
    tree = files("same", "changed", "sub/same")
    stamp = laid(tree, folder, source)
    (folder / "changed").write_bytes(b"HELLO")
    (folder / "sub/made").write_text("x")
    found = gathered(folder, "*", unlike=tree, stamp=stamp)
    assert sorted(found.paths) == ["changed", "sub/made"]


def test_g24_what_is_no_file_is_left_and_told(tmp_path: Path) -> None:
    """Pipes, and links that lead out: none travels, each is named."""
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "out").symlink_to("/etc/passwd")
    (tmp_path / "in").symlink_to("x")
    (tmp_path / "x").write_text("x")
    found = gathered(tmp_path, "*")
    assert sorted(entry.path for entry in found.entries) == ["in", "x"]
    assert len(found.left) == 2
    assert "out points to an absolute path" in found.left


def test_a_gathered_file_may_get_another_name(tmp_path: Path) -> None:
    """As its rule says."""
    (tmp_path / "log").mkdir()
    (tmp_path / "log/a.txt").write_text("x")
    assert gathered(tmp_path, "log -> kept").paths == {"kept/a.txt": "log/a.txt"}


def test_g25_only_plain_files_are_opened(tmp_path: Path) -> None:
    """Neither a link nor what lies behind one."""
    (tmp_path / "d").mkdir()
    (tmp_path / "d/x").write_text("x")
    (tmp_path / "l").symlink_to("d")
    (tmp_path / "d/y").symlink_to("x")
    root = laying.open_folder(str(tmp_path))
    try:
        os.close(laying.open_beneath(root, "d/x"))
        for path in ("l/x", "d/y", "d"):
            with pytest.raises(OSError):
                laying.open_beneath(root, path)
    finally:
        os.close(root)


def test_a_halt_ends_the_work(tmp_path: Path, source: Path) -> None:
    """At its next step; a pause, at once."""
    halt = Halt()
    halt.stop()
    root = laying.open_folder(str(tmp_path))
    try:
        with pytest.raises(Halted):
            laying.lay(files("x"), root, halt=halt, opened=lambda _: 1 // 0)
    finally:
        os.close(root)
    with pytest.raises(Halted):
        halt.pause(60)
    assert halt.is_stopped
