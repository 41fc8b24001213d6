"""``--kill-jobs``: everything of a home ends, is journaled, and is told later."""

from __future__ import annotations

import os
import signal
import subprocess
from pathlib import Path

from rota.agent import procfs
from tests.agent.server import Node, until


def kill_jobs(node: Node, *more: str) -> subprocess.CompletedProcess[str]:
    """Run ``--kill-jobs`` for the home of *node*."""
    return subprocess.run(
        [node.python, "-m", "rota.agent", "--home", str(node.home), "--kill-jobs", *more],
        capture_output=True, text=True, timeout=60,
    )  # fmt: skip


def is_there(pid: int) -> bool:
    """Is there such a process?"""
    facts = procfs.facts_of(pid)
    return facts is not None and facts.state not in procfs.GONE_STATES


def test_with_the_agent_gone(own: Node) -> None:
    """Running and waiting ones end; the next agent tells with which reason."""
    own.run(1, [[0, 1, None], [1, 1, None]], command="sleep 600 & sleep 600")
    own.run(2, command='trap "" TERM; while :; do sleep 0.1; done', grace_ms=300)
    pids = [own.wait("started", job)["pid"] for job in (1, 2)]
    own.kill_agent(signal.SIGTERM)
    done = kill_jobs(own)
    assert done.returncode == 0, done.stderr
    assert not any(map(is_there, pids))
    own.start()
    assert own.finished(1)["reason"]["code"] == "shutdown"
    assert own.finished(2)["reason"]["code"] == "shutdown"
    assert own.finished(2)["sig"] == signal.SIGKILL
    assert own.wait("declined", 1, 1)["reason"]["code"] == "shutdown"


def test_with_the_agent_there(own: Node) -> None:
    """The agent stays connected and tells at once; new work is taken."""
    own.run(1, command="sleep 600")
    own.wait("started", 1)
    assert kill_jobs(own, "--grace", "0s").returncode == 0
    assert own.finished(1)["reason"]["code"] == "shutdown"
    own.run(2, argv=["true"])
    assert own.finished(2)["exit"] == 0


def test_with_the_shepherd_dead(own: Node) -> None:
    """Orphans are found and ended too, as lost."""
    own.run(1, command="sleep 600")
    pid = own.wait("started", 1)["pid"]
    own.kill_agent()
    for shepherd in own.shepherd_pids():
        os.kill(shepherd, signal.SIGKILL)
    assert kill_jobs(own).returncode == 0
    until(lambda: not is_there(pid), "the orphan ends")
    own.start()
    assert own.finished(1)["reason"]["code"] == "lost"


def test_with_nothing_there(tmp_path: Path) -> None:
    """A home that never was has nothing to end."""
    done = subprocess.run(
        ["python3", "-m", "rota.agent", "--home", str(tmp_path / "no"), "--kill-jobs"],
        capture_output=True, text=True, timeout=60,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2] / "src")},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
