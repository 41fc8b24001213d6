"""kill -9 anywhere: the real programs, real processes, and a witness that only reads
what the jobs themselves wrote.

What each task does: ``tests.matrix.witness``.  Meanwhile server, agent, both, or now and
then a shepherd are killed with SIGKILL at instants drawn from a seed, and started again:

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
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from time import monotonic

import pytest

from rota.client.http import Client
from rota.core.errors import RotaError
from tests.matrix.witness import Book, judge

ROTA = str(Path(sys.executable).with_name("rota"))
KILLS = int(os.environ.get("ROTA_TEST_KILLS", "200"))
SEED = int(os.environ.get("ROTA_TEST_SEED", "1"))


class Cluster:
    """One home whose programs are started, killed and started again."""

    def __init__(self, folder: Path) -> None:
        self.home = folder / "home"
        self.book = Book(folder)

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
        doc = {
            "argv": self.book.argv(),
            "array": f"0-{size - 1}",
            "key": f"k{number}",
            "cwd": "/",
        }
        self.book.jobs[client.submit(doc)[0].id] = size


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
    goal = len(cluster.book.lines()) + chance.randint(0, 6)
    end = monotonic() + chance.choice([0.001, 0.02, 0.1, 0.4])
    nap = threading.Event()
    while monotonic() < end and len(cluster.book.lines()) < goal:
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
    with cluster.client() as client:
        assert judge(cluster.book, client, exactly_once=not shepherds) == []


def finish(cluster: Cluster) -> None:
    """Everything is up again: wait until all jobs have ended."""
    with cluster.client() as client:
        for number in range(KILLS // 2):
            cluster.submit(client, number)
        for job in cluster.book.jobs:
            client.wait(job, timeout_s=300)
