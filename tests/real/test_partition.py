"""Two machines, and the network between them breaks: nothing is lost or runs twice."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from rota.client.http import Client
from tests.client.cluster import Cluster
from tests.real.netns import HEAD, Machines
from tests.server.running import until

pytestmark = pytest.mark.real

COUNT = 60


@pytest.fixture
def machines() -> Iterator[Machines]:
    """Two machines and a cable."""
    with Machines() as found:
        yield found


def settled(book: Path) -> bool:
    """Whether no task has started for as long as ten of them take."""
    return time.time() - book.stat().st_mtime > 1


class Pair:
    """A server on one machine, and a node that joined from the other."""

    def __init__(self, machines: Machines, folder: Path) -> None:
        self.machines, self.folder = machines, folder
        self.server, self.other = Cluster(folder / "home"), Cluster(folder / "other")

    def rota(self, where: str, *words: str) -> subprocess.CompletedProcess[str]:
        """Call ``rota`` on a machine."""
        one = self.server if where == self.machines.head else self.other
        command = self.machines.on(where, *one.command(*words))
        return subprocess.run(
            command, env=one.env, capture_output=True, text=True, timeout=60, check=False
        )

    def __enter__(self) -> Pair:
        up = (
            "up",
            "--detach",
            "--name",
            "head",
            "--cores",
            "1",
            "--listen",
            f"{HEAD}:8400",
        )
        done = self.rota(self.machines.head, *up)
        assert done.returncode == 0, done.stderr
        line = self.rota(self.machines.head, "invite", "--labels", "far").stdout.split()[1:]
        joined = self.rota(
            self.machines.far, *line, "--detach", "--name", "far", "--cores", "2"
        )
        assert joined.returncode == 0, joined.stderr
        return self

    def __exit__(self, *_: object) -> None:
        self.rota(self.machines.far, "down", "--kill-jobs")
        self.rota(self.machines.head, "down", "--kill-jobs")

    def state(self) -> str:
        """Return the state of the far node."""
        with Client(home=str(self.server.home)) as client:
            return next(node.state for node in client.nodes() if node.name == "far")


@pytest.mark.parametrize("how", ["cut", "server is deaf", "agent is deaf"])
def test_g27_a_partition_loses_nothing_and_doubles_nothing(
    machines: Machines, tmp_path: Path, how: str
) -> None:
    """Each task writes a line when it starts; afterwards each stands there once."""
    book, gate = tmp_path / "book", tmp_path / "gate"
    text = f"echo $ROTA_TASK_ID >>{book}; until [ -e {gate} ]; do sleep 0.05; done"
    with Pair(machines, tmp_path) as pair, Client(home=str(pair.server.home)) as client:
        job = client.submit(
            {"command": text, "cwd": "/", "require": ["far"], "array": f"0-{COUNT - 1}"}
        )[0].id
        until(lambda: book.exists() and len(book.read_text().split()) >= 2)
        if how == "cut":
            machines.cut()
        else:
            machines.deafen(machines.head if how == "server is deaf" else machines.far)
        gate.touch()
        if how == "cut":
            until(lambda: pair.state() == "unreachable", 60)
        else:
            # What was sent to the node before is worked off there; nobody hears of it.
            until(lambda: settled(book))
        machines.heal()
        until(lambda: pair.state() == "up", 60)
        until(lambda: client.job(job).is_final, 60)

        assert client.job(job).state == "done"
        assert sorted(map(int, book.read_text().split())) == list(range(COUNT))
        tasks = list(client.all_tasks(job))
        assert {task.raw["attempt"] for task in tasks} == {1}


def test_an_agent_works_through_the_absence_of_its_server(
    machines: Machines, tmp_path: Path
) -> None:
    """The server is killed and stays away; what ended meanwhile is told when it is back."""
    gate = tmp_path / "gate"
    with Pair(machines, tmp_path) as pair:
        with Client(home=str(pair.server.home)) as client:
            text = f"until [ -e {gate} ]; do sleep 0.05; done; exit 3"
            job = client.submit({"command": text, "cwd": "/", "require": ["far"]})[0].id
            until(lambda: client.job(job).state == "running")
        os.kill(pair.server.status()["server_pid"], 9)
        gate.touch()
        up = (
            "up",
            "--detach",
            "--name",
            "head",
            "--cores",
            "1",
            "--listen",
            f"{HEAD}:8400",
        )
        until(lambda: pair.rota(machines.head, *up).returncode == 0)
        with Client(home=str(pair.server.home)) as client:
            ended = until(lambda: (j := client.job(job)).is_final and j, 60)
        assert (ended.exit_code, ended.raw["attempt"]) == (3, 1)
