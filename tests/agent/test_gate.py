"""Memory limits by the kernel: into the cgroup before any user code, and the evidence."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from rota.agent.cage import find_cages
from tests.agent.server import Node, kill_shepherd, until

HUNGRY = """#!/usr/bin/env python3
import time
held = []
for _ in range(60):
    held.append(bytearray(b"x" * 10_000_000))
    time.sleep(0.02)
time.sleep(600)
"""


def test_g20_memory_limit_by_the_kernel(shared: Node) -> None:
    """Where a cgroup is ours the kernel kills, and its evidence says so (G20)."""
    cages = find_cages("test")
    if cages is None:
        pytest.skip("no cgroup is ours here")
    cages.remove()
    job = next(shared.jobs)
    shared.run(job, script=HUNGRY, memory=100 << 20)
    end = shared.finished(job)
    assert end["reason"]["code"] == "oom"
    assert end["reason"]["evidence"]["seen_by"].startswith("kernel")
    assert end["sig"] == signal.SIGKILL
    assert 90 << 20 < end["usage"]["max_rss"] < 130 << 20
    ok = next(shared.jobs)
    shared.run(ok, argv=["sh", "-c", "echo $0 $1; pwd", "a", "b c"], memory=100 << 20)
    assert shared.finished(ok)["reason"]["code"] == "ok"
    assert shared.output(ok) == f"a b c\n{shared.folder}\n"


def test_g20_kill_of_a_caged_job_is_no_oom(shared: Node) -> None:
    """A user's kill is told apart by evidence, not guessed from the signal."""
    job = next(shared.jobs)
    shared.run(job, command="sleep 600", memory=100 << 20)
    shared.wait("started", job)
    shared.kill(job, grace_ms=0)
    assert shared.finished(job)["reason"]["code"] == "killed"
    job = next(shared.jobs)
    shared.run(job, command="kill -9 $$", memory=100 << 20)
    assert shared.finished(job)["reason"]["code"] == "signal"


def test_not_found_with_a_memory_limit(shared: Node) -> None:
    """The gate does not change how a missing program is told."""
    job = next(shared.jobs)
    shared.run(job, argv=["no-such"], memory=100 << 20)
    end = shared.finished(job)
    assert (end["exit"], end["reason"]["code"]) == (127, "not_found")


def test_cages_of_a_killed_shepherd_are_removed(own: Node) -> None:
    """The next shepherd that needs one removes what the one before it has left."""
    cages = find_cages("test")
    if cages is None:
        pytest.skip("no cgroup is ours here")
    cages.remove()
    own.run(1, command="sleep 600", memory=100 << 20)
    pid = own.wait("started", 1)["pid"]
    cage = until(lambda: cage_of(pid), "it is inside")
    kill_shepherd(own)
    assert own.finished(1)["reason"]["code"] == "lost"
    own.run(2, argv=["true"], memory=100 << 20)
    assert own.finished(2)["exit"] == 0
    until(lambda: not cage.exists(), "the old cage is gone")


def cage_of(pid: int) -> Path | None:
    """Return the cgroup of ours that *pid* is in."""
    for mount in ("/sys/fs/cgroup/memory", "/sys/fs/cgroup"):
        for line in Path(f"/proc/{pid}/cgroup").read_text().splitlines():
            _, _, group = line.split(":", 2)
            path = Path(mount + group)
            if "/rota-" in group and path.is_dir():
                return path
    return None
