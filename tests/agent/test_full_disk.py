"""A disk without room fails the job that needs it, by name, and nothing else."""

from __future__ import annotations

import contextlib
import itertools
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.agent.server import Node, node


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of one megabyte."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m,nr_inodes=400", "tmpfs", str(disk)]
    if os.getuid() or subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("may not mount here")
    yield disk
    subprocess.run(["umount", "-l", str(disk)], check=True)


def test_g23_a_full_disk_is_told_as_such(shared: Node, small_disk: Path) -> None:
    """A job that fails for want of space: reason ``disk``, with the path (G23)."""
    end = shared.ran(command="head -c 5000000 /dev/zero", output=f"{small_disk}/out")
    assert (end["exit"], end["reason"]["code"]) == (1, "disk")
    assert f"{small_disk}/out" in end["reason"]["text"]
    assert shared.ran(argv=["true"])["exit"] == 0


def test_a_full_disk_before_it_starts(shared: Node, small_disk: Path) -> None:
    """No room even to make its folder: the same reason, and no exit code."""
    with open(small_disk / "fill", "wb") as fill, contextlib.suppress(OSError):
        fill.write(bytes(2 << 20))
    for number in itertools.count():
        try:
            (small_disk / f"{number}").mkdir()
        except OSError:
            break
    end = shared.ran(argv=["true"], output=f"{small_disk}/a/b/out")
    assert (end["exit"], end["reason"]["code"]) == (None, "disk")


def test_g23_a_full_home_fails_jobs_and_not_the_agent(
    tmp_path: Path, small_disk: Path
) -> None:
    """The node's own disk is full: what runs ends and is told; new work is declined."""
    home = tmp_path / "node"
    home.symlink_to(small_disk)
    with node(tmp_path) as here:
        here.run(1, command='sleep 0.5; head -c 5000000 /dev/zero; echo "never mind" >&2')
        assert here.finished(1)["reason"]["code"] in ("disk", "ok")
        tasks = [[index, 1, None] for index in range(50)]
        for job in itertools.count(2):
            here.run(job, tasks, argv=["true"])
            end = here.server.until(
                lambda _, job=job: (
                    here.seen("finished", job, 49) or here.seen("declined", job, 49)
                ),
                "an answer",
            )
            if end["reason"]["code"] != "ok":
                break
        assert end["reason"]["code"] in ("unhealthy", "disk", "output")
        (small_disk / "out" / "1" / "0.1.out").write_bytes(b"")
        for path in (small_disk / "out").glob("*/*.out"):
            path.unlink()
        here.run(999, argv=["true"])
        assert here.finished(999)["exit"] == 0
