"""cgroups: found where they are ours, set, entered, and gone afterwards."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from rota.agent import cage as module
from rota.agent.cage import Cage, Cages, find_cages
from tests.agent.server import until


@pytest.fixture
def cages() -> Iterator[Cages]:
    """A real place for cages."""
    found = find_cages("pytest")
    if found is None:
        pytest.skip("no cgroup is ours here")
    yield found
    found.remove()
    assert not Path(found.path).exists()


def test_in_and_out(cages: Cages) -> None:
    """A process and what it starts are inside; when they are gone so is the cage."""
    cage = cages.make("one", 64 << 20)
    with subprocess.Popen(["sh", "-c", "read x; sleep 600 & wait"], stdin=subprocess.PIPE,
                          start_new_session=True) as process:  # fmt: skip
        assert process.stdin is not None
        cage.enter(process.pid)
        process.stdin.write(b"\n")
        process.stdin.flush()
        until(lambda: len(cage.pids()) == 2, "both are inside")
        assert cage.oom_kills() == 0 and cage.peak() > 0
        assert not cage.remove()
        os.killpg(process.pid, signal.SIGKILL)
    until(cage.remove, "the cage is empty")
    assert cage.remove()


def test_none_where_none_is_ours(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No mount, no right to write: the watchdog it is."""
    monkeypatch.setattr(module, "_candidates", lambda: iter([("/proc/nothing", False)]))
    assert find_cages("x") is None
    monkeypatch.undo()
    monkeypatch.setenv("ROTA_AGENT_CGROUPS", "none")
    assert find_cages("x") is None


def test_version_two_as_files(tmp_path: Path) -> None:
    """What is written to and read from a v2 hierarchy, which is drawn here as files."""
    group = tmp_path / "a"
    group.mkdir()
    for name in ("memory.max", "memory.swap.max", "memory.oom.group", "cgroup.procs",
                 "cgroup.kill"):  # fmt: skip
        (group / name).touch()
    cage = Cages(str(tmp_path), True).make("a", 12345)
    assert (group / "memory.max").read_text() == "12345"
    assert (group / "memory.swap.max").read_text() == "0"
    assert (group / "memory.oom.group").read_text() == "1"
    (group / "memory.events").write_text("low 0\nhigh 0\nmax 3\noom 1\noom_kill 2\n")
    (group / "memory.peak").write_text("12000\n")
    assert (cage.oom_kills(), cage.peak()) == (2, 12000)
    cage.enter(77)
    cage.kill()
    assert (group / "cgroup.procs").read_text() == "77"
    assert (group / "cgroup.kill").read_text() == "1"


def test_what_a_kernel_does_not_tell(tmp_path: Path) -> None:
    """Missing files mean nothing is known, not that nothing was used."""
    assert (Cage(str(tmp_path), True).oom_kills(), Cage(str(tmp_path), True).peak()) == (
        0,
        0,
    )
