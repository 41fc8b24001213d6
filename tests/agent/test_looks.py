"""Limits of time, memory and lease are kept by the shepherd, whoever else is dead."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import pytest

from rota.agent.looks import signal_number
from tests.agent.server import Node, node, until

HUNGRY = """#!/usr/bin/env python3
import time
held = []
for _ in range(60):
    held.append(bytearray(b"x" * 10_000_000))
    time.sleep(0.02)
time.sleep(600)
"""


def test_time_limit(shared: Node) -> None:
    """Over its limit a job is asked, then killed; the reason says the limit."""
    job = next(shared.jobs)
    shared.run(job, command="sleep 600", time_ms=700)
    end = shared.finished(job)
    assert end["reason"]["code"] == "time_limit" and "700ms" in end["reason"]["text"]
    assert end["sig"] == signal.SIGTERM
    assert 0.7 <= end["usage"]["wall_s"] < 3


@pytest.mark.parametrize("where", [".", "$TMPDIR"])
def test_disk_limit(shared: Node, where: str) -> None:
    """What lies in its fresh folder and its TMPDIR counts; the reason says how much."""
    job = next(shared.jobs)
    text = f"head -c 3000000 /dev/urandom > {where}/x; sleep 600"
    shared.run(job, command=text, cwd=None, disk=1 << 20)
    why = shared.finished(job)["reason"]
    assert why["code"] == "disk_limit"
    assert why["evidence"]["used_bytes"] > why["evidence"]["limit_bytes"] == 1 << 20


def test_warning_before_the_limit(shared: Node) -> None:
    """The signal of its choice comes in time to write a checkpoint."""
    job = next(shared.jobs)
    # The sleeps do not catch USR1: they must not die of a warning.
    text = 'trap "echo saved; exit 0" USR1; while :; do sleep 0.02 || echo died; done'
    shared.run(job, command=text, time_ms=60_000, warn_ms=59_400, warn_signal="USR1")
    end = shared.finished(job)
    assert (end["exit"], end["reason"]["code"]) == (0, "ok")
    assert shared.output(job) == "saved\n"


def test_short_tasks_of_a_strip_have_a_limit_each(shared: Node) -> None:
    """The limit is a task's, not the strip's."""
    job = next(shared.jobs)
    tasks = [[i, 1, None] for i in range(6)]
    shared.run(job, tasks, command="sleep 0.25", time_ms=1_000)
    assert {shared.finished(job, i)["exit"] for i in range(6)} == {0}


def test_limits_are_kept_without_agent_and_server(own: Node) -> None:
    """Killed and gone, they cannot let a job run over."""
    own.run(1, command="sleep 600", time_ms=1500)
    own.wait("started", 1)
    own.kill_agent()
    out = own.home / "shepherds"
    until(
        lambda: '"time_limit"' in next(out.glob("*/journal")).read_text("latin-1"),
        "the end",
    )
    own.start()
    assert own.finished(1)["reason"]["code"] == "time_limit"


def test_g20_memory_limit_by_watching(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a cgroup the tree is measured; children count, and so do strays."""
    monkeypatch.setenv("ROTA_AGENT_CGROUPS", "none")
    with node(tmp_path) as here:
        hungry = tmp_path / "hungry.py"
        hungry.write_text(HUNGRY)
        hungry.chmod(0o755)
        here.run(1, command=f"setsid {hungry} & wait", memory=150 << 20)
        end = here.finished(1)
        assert end["reason"]["code"] == "oom"
        evidence = end["reason"]["evidence"]
        assert evidence["seen_by"] == "watchdog"
        assert evidence["used_bytes"] > evidence["limit_bytes"] == 150 << 20


def test_shared_pages_are_not_counted_twice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Forked workers that share 80 MB use 80 MB, not 80 each."""
    monkeypatch.setenv("ROTA_AGENT_CGROUPS", "none")
    workers = """#!/usr/bin/env python3
import os, time
held = bytearray(b"x" * 80_000_000)
for _ in range(4):
    if os.fork() == 0:
        time.sleep(1.2)
        os._exit(0)
for _ in range(4):
    os.wait()
"""
    with node(tmp_path) as here:
        here.run(1, script=workers, memory=200 << 20)
        assert here.finished(1)["reason"]["code"] == "ok"


def test_lease_ends_what_nobody_asks_for(own: Node) -> None:
    """No word from the server for a lease's length: the node itself ends it (G07)."""
    own.server.beat_ms = 200
    own.server.hang_up()
    own.until_connected(2)
    begin = time.monotonic()
    own.run(1, [[0, 1, None], [1, 1, None]], command="sleep 600", lease_ms=1500, grace_ms=0)
    own.run(2, command="sleep 600", lease_ms=None)
    own.wait("started", 1)
    own.wait("started", 2)
    # Renewed while beats are answered: nothing ends.
    own.server.until(lambda t: sum(m["t"] == "beat" for m in t) > 10, "beats")
    assert time.monotonic() - begin > 1.5
    assert own.seen("finished", 1) is None
    own.kill_agent()
    journal = next(own.home.glob("shepherds/*/journal"))
    until(lambda: '"lease"' in journal.read_text("latin-1"), "the end of the lease")
    own.start()
    assert own.finished(1)["reason"]["code"] == "lease"
    assert own.wait("declined", 1, 1)["reason"]["code"] == "lease"
    assert own.seen("finished", 2) is None


def test_g22_a_stopped_agent_stops_nothing(own: Node) -> None:
    """SIGSTOP to the agent: attempts and their limits go on (G22)."""
    assert own.agent is not None
    log = own.folder / "log"
    tasks = [[0, 1, None], [1, 1, None], [2, 1, None]]
    own.run(1, tasks, command=f"sleep 0.2; echo x >> {log}")
    own.wait("started", 1)
    os.kill(own.agent.pid, signal.SIGSTOP)
    try:
        until(lambda: log.exists() and log.read_text() == "x\nx\nx\n", "all three")
    finally:
        os.kill(own.agent.pid, signal.SIGCONT)
    assert own.finished(1, 2)["exit"] == 0


@pytest.mark.parametrize(
    ("name", "number"),
    [
        ("USR1", signal.SIGUSR1),
        ("SIGUSR2", signal.SIGUSR2),
        ("int", signal.SIGINT),
        ("10", 10),
        ("", signal.SIGTERM),
        ("0", signal.SIGTERM),
        ("999", signal.SIGTERM),
        ("nonsense", signal.SIGTERM),
    ],
)
def test_signals_by_name(name: str, number: int) -> None:
    """By name, with or without SIG, or by number; what is none is TERM."""
    assert signal_number(name) == number
