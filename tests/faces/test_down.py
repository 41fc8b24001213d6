"""``rota down``: programs stop, jobs live on, unless they are to be ended."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from rota.client.http import Client
from tests.client.cluster import Cluster


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Cluster]:
    """A server that the test may stop."""
    with Cluster(tmp_path / "home") as cluster:
        yield cluster


def test_jobs_live_on_and_are_taken_up_again(own: Cluster, tmp_path: Path) -> None:
    """The job ends while nobody is there; its code is known afterwards (G13)."""
    gate = tmp_path / "go"
    text = f"until [ -e {gate} ]; do sleep 0.05; done; echo done; exit 5"
    with Client(home=str(own.home)) as client:
        job = client.submit({"command": text, "cwd": "/"})[0].id
        _running(client, job)
    done = own.rota("down")
    assert (done.returncode, done.stdout) == (0, "stopped\n")
    assert done.stderr == "1 task runs on; rota up takes it up again\n"
    gate.touch()
    assert own.rota("up", "--detach", *own.words).returncode == 0

    assert own.rota("wait", str(job)).returncode == 5
    assert own.rota("log", str(job)).stdout == "done\n"


def test_kill_jobs_ends_them_for_certain(own: Cluster) -> None:
    """The next server learns the truth."""
    with Client(home=str(own.home)) as client:
        job = client.submit({"argv": ["sleep", "600"], "cwd": "/", "restartable": False})[
            0
        ].id
        _running(client, job)
    done = own.rota("down", "--kill-jobs", "--json")
    told = json.loads(done.stdout)
    assert (told["was_up"], told["running"], told["killed"]) == (True, 1, True)
    assert own.rota("up", "--detach", *own.words).returncode == 0

    assert own.rota("wait", str(job)).returncode != 0
    assert "--kill-jobs" in own.rota("why", str(job)).stdout


def test_stopping_twice_is_no_error(own: Cluster) -> None:
    """What was wanted is so."""
    assert own.rota("down").returncode == 0
    done = own.rota("down")

    assert (done.returncode, done.stdout) == (0, f"no server was up in {own.home}\n")


def _running(client: Client, job: int) -> None:
    for event in client.watch(jobs=[job], since=0, level="task"):
        if event is not None and event.data["after"] == "running":
            return
