"""Nothing of a job survives its end, and a kill ends what it means and nothing else."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from rota.agent import procfs
from tests.agent.server import Node, until

DAEMON = """
import os, sys, time
for _ in range(2):
    if os.fork():
        os._exit(0)
    os.setsid()
open(sys.argv[1], "w").write(str(os.getpid()))
time.sleep(600)
"""

STUBBORN = """
import os, signal, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
open(sys.argv[1], "w").write(str(os.getpid()))
time.sleep(600)
"""

FORKING = """
import os, sys, time
# Every process forks two and ends: whoever looks finds another tree than it was.
open(sys.argv[1], "a").write("x")
end = time.monotonic() + 600
while time.monotonic() < end:
    if os.fork():
        time.sleep(0.002)
        os._exit(0)
    os.setsid()
"""


@pytest.fixture
def code(tmp_path: Path) -> Path:
    """A folder with the programs above."""
    for name, text in (("daemon", DAEMON), ("stubborn", STUBBORN), ("forking", FORKING)):
        (tmp_path / f"{name}.py").write_text(text)
    return tmp_path


def pid_in(path: Path) -> int:
    """Return the pid that a process writes to *path*, once it has."""
    return int(until(lambda: path.exists() and path.read_text(), f"a pid in {path.name}"))


def is_gone(pid: int) -> bool:
    """Is there no such process, or only its zombie?"""
    facts = procfs.facts_of(pid)
    return facts is None or facts.state in procfs.GONE_STATES


def test_g15_background_processes_end_with_the_job(shared: Node, tmp_path: Path) -> None:
    """What is left in the background is killed when the first process ends."""
    job = next(shared.jobs)
    shared.run(job, command=f"sleep 600 & echo $! > {tmp_path}/pid")
    assert shared.finished(job)["reason"]["code"] == "ok"
    assert is_gone(pid_in(tmp_path / "pid"))


def test_g15_daemons_end_with_the_job(shared: Node, code: Path) -> None:
    """Two forks and two new sessions do not help a process to stay (G15)."""
    job = next(shared.jobs)
    pid = code / "pid"
    wait = f"while [ ! -s {pid} ]; do sleep 0.01; done"
    shared.run(job, command=f"{sys.executable} {code}/daemon.py {pid}; {wait}")
    assert shared.finished(job)["exit"] == 0
    assert is_gone(pid_in(pid))


def test_g15_a_cleared_environment_does_not_hide_a_daemon(shared: Node, code: Path) -> None:
    """Its tag is in the kernel, and tells it apart even while other jobs run."""
    other, job = next(shared.jobs), next(shared.jobs)
    shared.run(other, command="sleep 600")
    shared.wait("started", other)
    pid = code / "pid"
    wait = f"while [ ! -s {pid} ]; do sleep 0.01; done"
    start = f"env -i {sys.executable} {code}/daemon.py {pid}"
    shared.run(job, command=f"{start}; {wait}")
    assert shared.finished(job)["exit"] == 0
    assert is_gone(pid_in(pid))
    assert shared.seen("finished", other) is None
    shared.kill(other, grace_ms=0)
    assert shared.finished(other)["reason"]["code"] == "killed"


def test_one_jobs_daemon_outlives_the_end_of_another(shared: Node, code: Path) -> None:
    """A stray belongs to its own attempt: the end of a neighbour does not touch it."""
    first, second = next(shared.jobs), next(shared.jobs)
    pid = code / "pid"
    shared.run(first, command=f"env -i {sys.executable} {code}/daemon.py {pid}; sleep 600")
    daemon = pid_in(pid)
    shared.run(second, command="sleep 600 & true")
    assert shared.finished(second)["exit"] == 0
    assert not is_gone(daemon)
    shared.kill(first, grace_ms=0)
    shared.finished(first)
    assert is_gone(daemon)


def test_g15_who_forks_faster_than_one_looks_is_ended_too(shared: Node, code: Path) -> None:
    """A chain of forks, each in a new session, is stopped before it is killed."""
    job = next(shared.jobs)
    mark = code / "mark"
    shared.run(job, argv=[sys.executable, str(code / "forking.py"), str(mark)])
    until(mark.exists, "the first fork")
    shared.kill(job, grace_ms=0)
    shared.finished(job)
    marks = [pid for pid in procfs.all_pids() if str(mark).encode() in cmdline(pid)]
    assert [pid for pid in marks if not is_gone(pid)] == []


def cmdline(pid: int) -> bytes:
    """Return the command line of *pid*."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


def test_term_first(shared: Node) -> None:
    """A job may end well when it is asked to: its own exit code is told with the reason."""
    job = next(shared.jobs)
    shared.run(
        job,
        command='trap "echo bye; exit 7" TERM; echo ready; while :; do sleep 0.05; done',
    )
    until(lambda: shared.wrote(job) == "ready\n", "ready")
    shared.kill(job, grace_ms=10_000)
    end = shared.finished(job)
    assert (end["exit"], end["reason"]["text"]) == (7, "killed by alice")
    assert shared.output(job) == "ready\nbye\n"


def test_g16_kill_after_the_grace(shared: Node, code: Path) -> None:
    """Who ignores TERM is killed when the grace is over, not before, within two seconds."""
    job = next(shared.jobs)
    pid = code / "pid"
    shared.run(job, command=f"exec {sys.executable} {code}/stubborn.py {pid}")
    stubborn = pid_in(pid)
    begin = time.monotonic()
    shared.kill(job, grace_ms=700)
    end = shared.finished(job)
    assert 0.7 <= time.monotonic() - begin < 2.7
    assert (end["sig"], end["reason"]["code"]) == (signal.SIGKILL, "killed")
    assert is_gone(stubborn)


def test_children_have_the_grace_too(shared: Node, tmp_path: Path) -> None:
    """The shell dies of TERM at once; its child may still save what it has."""
    job = next(shared.jobs)
    saver = tmp_path / "saver.py"
    saver.write_text(
        "import signal, sys, time\n"
        "def save(*_):\n"
        "    time.sleep(0.3); print('saved', flush=True); sys.exit(0)\n"
        "signal.signal(signal.SIGTERM, save)\n"
        "print('ready', flush=True)\n"
        "time.sleep(600)\n"
    )
    shared.run(job, command=f"{sys.executable} {saver}; true")
    until(lambda: shared.wrote(job) == "ready\n", "ready")
    begin = time.monotonic()
    shared.kill(job, grace_ms=10_000)
    assert shared.finished(job)["reason"]["code"] == "killed"
    assert shared.output(job) == "ready\nsaved\n"
    assert time.monotonic() - begin < 5


def test_a_second_kill_may_be_sooner(shared: Node, code: Path) -> None:
    """The shorter of two graces counts."""
    job = next(shared.jobs)
    shared.run(job, command=f"exec {sys.executable} {code}/stubborn.py {code}/pid")
    pid_in(code / "pid")
    shared.kill(job, grace_ms=60_000)
    shared.kill(job, grace_ms=0)
    assert shared.finished(job)["sig"] == signal.SIGKILL


def test_a_stopped_job_can_be_killed(shared: Node, tmp_path: Path) -> None:
    """SIGSTOP does not make a job deaf to TERM."""
    job = next(shared.jobs)
    shared.run(job, command=f"echo $$ > {tmp_path}/pid; exec sleep 600")
    pid = pid_in(tmp_path / "pid")
    os.kill(pid, signal.SIGSTOP)
    shared.kill(job, grace_ms=15_000)
    assert shared.finished(job)["sig"] == signal.SIGTERM


def test_kill_of_what_waits(shared: Node) -> None:
    """What has not started is declined with the kill's own reason."""
    job = next(shared.jobs)
    shared.run(job, [[0, 1, None], [1, 1, None]], command="sleep 600")
    shared.wait("started", job)
    shared.kill(job, 1)
    assert shared.wait("declined", job, 1)["reason"]["text"] == "killed by alice"
    shared.kill(job, 0, grace_ms=0)
    shared.finished(job)


def test_kill_before_the_order_comes(shared: Node) -> None:
    """A kill of what has not come yet is remembered (G16)."""
    job = next(shared.jobs)
    shared.kill(job)
    assert shared.wait("declined", job)["reason"]["code"] == "killed"
    shared.run(job, command="touch started")
    marker = next(shared.jobs)
    shared.run(marker, argv=["true"])
    shared.finished(marker)
    assert not (shared.folder / "started").exists()


def test_g16_kill_of_another_attempt_touches_nothing(shared: Node) -> None:
    """A kill names an attempt; a later one of the same task lives on."""
    job = next(shared.jobs)
    shared.run(job, [[0, 2, None]], command="sleep 0.3; echo alive")
    shared.wait("started", job, 0, 2)
    shared.kill(job, 0, 1, grace_ms=0)
    assert shared.finished(job, 0, 2)["exit"] == 0


def test_kill_again_after_the_end(own: Node) -> None:
    """A kill of what has ended tells the end once more, and changes nothing."""
    own.server.forgets = False
    own.run(1, command="exit 5")
    own.finished(1)
    own.server.told.clear()
    own.kill(1)
    assert own.finished(1)["exit"] == 5


def test_g14_strangers_are_left_alone(shared: Node) -> None:
    """A process of the same user that is none of ours outlives every kill."""
    stranger = subprocess.Popen(["sleep", "600"], start_new_session=True)
    try:
        job = next(shared.jobs)
        shared.run(job, command="sleep 600 & sleep 600")
        shared.wait("started", job)
        shared.kill(job, grace_ms=0)
        shared.finished(job)
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()
