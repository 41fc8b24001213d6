"""How much folders take: all of it, in steps, each file once."""

from __future__ import annotations

import os
from pathlib import Path

from rota.agent.diskuse import DiskUse

KB = 1024


def fill(path: Path, size: int) -> None:
    """Write *size* bytes that take room on disk."""
    path.write_bytes(os.urandom(size))
    with path.open("rb") as file:
        os.fsync(file.fileno())


def test_all_that_lies_below_is_counted(tmp_path: Path) -> None:
    """Of several folders, also hidden and deep; what is linked twice once, no links."""
    first, second = tmp_path / "a", tmp_path / "b"
    (first / ".deep" / "er").mkdir(parents=True)
    second.mkdir()
    fill(first / ".deep" / "er" / "x", 64 * KB)
    fill(second / "y", 64 * KB)
    os.link(second / "y", second / "again")
    fill(tmp_path / "large", 999 * KB)
    (second / "away").symlink_to(tmp_path / "large")
    used = DiskUse([str(first), str(second), str(tmp_path / "none")]).look()
    assert 128 * KB <= used < 200 * KB


def test_a_large_tree_is_counted_in_many_looks(tmp_path: Path) -> None:
    """What was seen so far is told before the end; what went is forgotten after it."""
    for n in range(10):
        fill(tmp_path / str(n), 8 * KB)
    use = DiskUse([str(tmp_path)], entries=4)
    looks = [use.look() for _ in range(3)]
    assert looks[0] < looks[1] < looks[2]
    assert looks[2] >= 80 * KB
    for path in tmp_path.iterdir():
        path.unlink()
    assert use.look() == 0


def test_sparse_files_take_what_they_take(tmp_path: Path) -> None:
    """A hole is no space."""
    with (tmp_path / "sparse").open("wb") as file:
        file.truncate(1 << 30)
    assert DiskUse([str(tmp_path)]).look() < 1 << 20
