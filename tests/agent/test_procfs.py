"""/proc as it is read here, against what psutil and the processes themselves say."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
from collections.abc import Iterator

import psutil
import pytest

from rota.agent import procfs
from tests.agent.server import until

FAMILY = """
import os, sys, threading, time
pids = [os.getpid()]
if os.fork() == 0:
    if os.fork() == 0:
        time.sleep(600)
    time.sleep(600)
# A child of another thread than the first is a child all the same.
def other():
    os.fork()
    time.sleep(600)
threading.Thread(target=other).start()
print("x", flush=True)
time.sleep(600)
"""


@pytest.fixture
def family() -> Iterator[subprocess.Popen[bytes]]:
    """A process with a name of its own, two children, one grandchild, and a thread."""
    process = subprocess.Popen(
        [sys.executable, "-c", FAMILY], stdout=subprocess.PIPE, start_new_session=True
    )
    assert process.stdout is not None
    process.stdout.readline()
    yield process
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    process.stdout.close()


def test_facts(family: subprocess.Popen[bytes]) -> None:
    """Parent, session, state, threads, start and memory are the kernel's."""
    facts = procfs.facts_of(family.pid)
    known = psutil.Process(family.pid)
    assert facts is not None
    assert (facts.parent, facts.session) == (os.getpid(), family.pid)
    assert facts.threads == known.num_threads() == 2
    assert facts.state in "SR"
    assert 0.5 < facts.rss / known.memory_info().rss < 2
    assert (
        abs(
            facts.start * procfs.TICK_MS / 1000 - (known.create_time() - psutil.boot_time())
        )
        < 5
    )


def test_a_name_with_brackets_and_spaces() -> None:
    """A program may call itself anything; the fields are found all the same."""
    code = (
        "import ctypes,time; ctypes.CDLL(None).prctl(15, b') R 1 (x', 0, 0, 0);"
        "print('x', flush=True); time.sleep(600)"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        facts = procfs.facts_of(process.pid)
        assert facts is not None and facts.parent == os.getpid()
        process.kill()


def test_tree(family: subprocess.Popen[bytes]) -> None:
    """Children of every thread, and theirs."""
    known = {p.pid for p in psutil.Process(family.pid).children(recursive=True)}
    until(lambda: len(procfs.tree([family.pid])) == 4, "all four")
    assert {facts.pid for facts in procfs.tree([family.pid])} >= known | {family.pid}


def test_tree_on_a_kernel_that_lists_no_children(
    family: subprocess.Popen[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same by asking everybody for their parent."""
    until(lambda: len(procfs.tree([family.pid])) == 4, "all four")
    by_list = {facts.pid for facts in procfs.tree([family.pid])}
    monkeypatch.setattr(procfs, "_lists_children", lambda: False)
    assert {facts.pid for facts in procfs.tree([family.pid])} == by_list


def test_who_is_gone() -> None:
    """Nothing is there of a process that has been reaped."""
    process = subprocess.Popen(["true"])
    process.wait()
    assert procfs.facts_of(process.pid) is None
    assert procfs.tree([process.pid]) == []
    assert procfs.tag_of(process.pid) is None


def test_tag() -> None:
    """The limit that marks a process and all it starts."""
    tag = 1 << 62 | 12345

    def mark() -> None:
        resource.setrlimit(resource.RLIMIT_RSS, (tag, resource.RLIM_INFINITY))

    with subprocess.Popen(["sleep", "600"], preexec_fn=mark) as process:
        assert procfs.tag_of(process.pid) == tag
        process.kill()
    assert procfs.tag_of(os.getpid()) is None


def test_g14_a_signal_hits_only_whom_it_means() -> None:
    """The same pid with another start is somebody else (G14)."""
    with subprocess.Popen(["sleep", "600"]) as process:
        facts = procfs.facts_of(process.pid)
        assert facts is not None
        assert procfs.send(facts._replace(start=facts.start - 1), signal.SIGKILL)
        assert process.poll() is None
        assert procfs.send(facts, signal.SIGKILL)
        assert process.wait(10) == -signal.SIGKILL
    assert procfs.send(facts, signal.SIGKILL)


def test_catches() -> None:
    """Who has a handler, and who has none."""
    text = 'trap "echo" USR1; echo x; while :; do sleep 0.1; done'
    with subprocess.Popen(["sh", "-c", text], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        assert procfs.catches(process.pid, signal.SIGUSR1)
        assert not procfs.catches(process.pid, signal.SIGUSR2)
        process.kill()


def test_long_lists_are_read_whole() -> None:
    """The kernel hands /proc out by the page; a thousand children are a thousand."""
    code = (
        "import os,sys,time\n"
        "for _ in range(1000):\n"
        "    if os.fork() == 0:\n"
        "        time.sleep(600)\n"
        "print('x', flush=True)\n"
        "time.sleep(600)\n"
    )
    with subprocess.Popen(
        [sys.executable, "-S", "-c", code], stdout=subprocess.PIPE, start_new_session=True
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        found = procfs.children_of(process.pid, 1)
        os.killpg(process.pid, signal.SIGKILL)
    assert len(found) == 1000
