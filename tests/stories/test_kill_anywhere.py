"""kill -9 anywhere: the real programs, real processes, and a witness that only reads
what the jobs themselves wrote.

Each task appends "start task attempt" and "end task attempt" to one file and exits with a
code that its number decides.  Meanwhile server, agent, both, or now and then a shepherd are
killed with SIGKILL at instants drawn from a seed, and started again.  At the end:

    G01  every acknowledged job is there      G07  no two attempts of a task overlap
    G11  every exit code is the true one      G13  shepherds spared: run exactly once
    G15  nothing of a job is left running
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import threading
from collections import defaultdict
from collections.abc import Iterator
from contextlib import suppress
from itertools import pairwise
from pathlib import Path
from time import monotonic

import pytest

from rota.client.http import Client
from rota.core.errors import RotaError

ROTA = str(Path(sys.executable).with_name("rota"))
KILLS = int(os.environ.get("ROTA_TEST_KILLS", "200"))
SEED = int(os.environ.get("ROTA_TEST_SEED", "1"))
TASK = r"""
import os, sys, time
task, n = os.environ["ROTA_TASK_ID"], os.environ["ROTA_ATTEMPT"]
job = os.environ["ROTA_JOB_ID"]
def tell(word):
    fd = os.open(sys.argv[1], os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.write(fd, f"{word} {job} {task} {n} {os.getpid()}\n".encode())
    os.close(fd)
tell("start")
time.sleep(int(task) % 7 * 0.03)
tell("end")
sys.exit(3 if int(task) % 5 == 0 else 0)
"""


class Cluster:
    """One home whose programs are started, killed and started again."""

    def __init__(self, folder: Path) -> None:
        self.home = folder / "home"
        self.book = folder / "book"
        self.task = folder / "task.py"
        self.task.write_text(TASK)
        self.book.touch()
        self.jobs: dict[int, int] = {}

    def up(self) -> None:
        """Start the server and its agent; return when they are ready."""
        words = [ROTA, "up", "--detach", "--json"]
        done = subprocess.run(
            [*words, "--home", str(self.home), "--cores", "2"],
            capture_output=True, text=True, check=False, timeout=60,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr

    def client(self) -> Client:
        """Return a client of the server."""
        return Client(home=str(self.home))

    def pids(self) -> dict[str, list[int]]:
        """Return the process ids of what can be killed."""
        status = json.loads((self.home / "server.json").read_text())
        found = {"server": [status["server_pid"]], "agent": list(status["agent_pids"])}
        found["shepherd"] = [
            int(pid)
            for pid in os.listdir("/proc")
            if pid.isdigit() and _is_shepherd(int(pid), self.home)
        ]
        return found

    def submit(self, client: Client, number: int) -> None:
        """Submit an array under a key; a repeat after a lost answer is harmless."""
        size = 6
        argv = [sys.executable, str(self.task), str(self.book)]
        doc = {"argv": argv, "array": f"0-{size - 1}", "key": f"k{number}", "cwd": "/"}
        self.jobs[client.submit(doc)[0].id] = size

    def lines(self) -> list[list[str]]:
        """Return what the tasks wrote."""
        return [line.split() for line in self.book.read_text().splitlines()]


def _is_shepherd(pid: int, home: Path) -> bool:
    try:
        words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except OSError:
        return False
    text = b" ".join(words)
    return b"shepherd" in text and str(home).encode() in text


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    made = Cluster(tmp_path)
    made.up()
    yield made
    words = [ROTA, "down", "--kill-jobs", "--home", str(made.home)]
    subprocess.run(words, check=False, timeout=60)


def pause(chance: random.Random, cluster: Cluster) -> None:
    """Come back at a random instant soon: after some lines more, and a hair."""
    goal = len(cluster.lines()) + chance.randint(0, 6)
    end = monotonic() + chance.choice([0.001, 0.02, 0.1, 0.4])
    nap = threading.Event()
    while monotonic() < end and len(cluster.lines()) < goal:
        nap.wait(0.002)


def kill(pids: list[int]) -> None:
    """SIGKILL, at once; what died meanwhile is dead."""
    for pid in pids:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            continue


@pytest.mark.slow
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("shepherds", [False, True], ids=["spared", "killed-too"])
def test_g01_g07_g11_g13_nothing_is_lost_or_doubled_wherever_we_kill(
    cluster: Cluster, *, shepherds: bool
) -> None:
    """At least 200 random kills in all; the tasks' own book is the judge."""
    chance = random.Random(SEED + shepherds)
    what = ["server", "agent", "both"] + (["shepherd"] if shepherds else [])
    for number in range(KILLS // 2):
        # Without an answer, whether it was taken is seen below, under its key.
        with suppress(RotaError), cluster.client() as client:
            cluster.submit(client, number)
        pause(chance, cluster)
        victim = chance.choice(what)
        pids = cluster.pids()
        kill(pids["server"] + pids["agent"] if victim == "both" else pids[victim])
        if victim in ("server", "both"):
            cluster.up()
    finish(cluster)
    judge(cluster, exactly_once=not shepherds)


def finish(cluster: Cluster) -> None:
    """Everything is up again: wait until all jobs have ended."""
    with cluster.client() as client:
        for number in range(KILLS // 2):
            cluster.submit(client, number)
        for job in cluster.jobs:
            client.wait(job, timeout_s=300)


def judge(cluster: Cluster, *, exactly_once: bool) -> None:
    """Compare what the tasks wrote with what the server says."""
    told: dict[tuple[int, int], list[tuple[str, int]]] = defaultdict(list)
    for word, job, task, n, _ in cluster.lines():
        told[int(job), int(task)].append((word, int(n)))
    with cluster.client() as client:
        for job, size in cluster.jobs.items():
            tasks = list(client.all_tasks(job))
            assert len(tasks) == size, f"job {job} lost tasks"
            for task in tasks:
                book = told[job, task["task"]]
                check_task(task, book, exactly_once=exactly_once)
    extra = set(told) - {(job, i) for job, n in cluster.jobs.items() for i in range(n)}
    assert not extra, f"tasks of no acknowledged job ran: {sorted(extra)[:5]}"
    pids = {int(line[4]) for line in cluster.lines()}
    left = [pid for pid in pids if _runs(pid, cluster)]
    assert not left, f"processes of ended jobs still run: {left}"


def check_task(task: dict, book: list[tuple[str, int]], *, exactly_once: bool) -> None:  # type: ignore[type-arg]
    """One task: its attempts do not overlap, and its end is the true one."""
    name = f"{task['id']}[{task['task']}]"
    expected = 3 if task["task"] % 5 == 0 else 0
    assert task["exit_code"] == expected, f"{name}: told {task['exit_code']}, {book}"
    assert task["state"] == ("failed" if expected else "done"), name
    starts = [n for word, n in book if word == "start"]
    assert starts == sorted(set(starts)), f"{name}: attempts out of order: {book}"
    assert starts and starts[-1] == task["attempt"], f"{name}: {book}"
    assert book[-1] == ("end", starts[-1]), f"{name}: {book}"
    ended = [n for word, n in book if word == "end"]
    for before, after in pairwise(starts):
        if before in ended:
            assert book.index(("end", before)) < book.index(("start", after)), name
    if exactly_once:
        assert len(starts) == 1, f"{name} ran {len(starts)} times: {book}"


def _runs(pid: int, cluster: Cluster) -> bool:
    try:
        return str(cluster.task).encode() in Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False
