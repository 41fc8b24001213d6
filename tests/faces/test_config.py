"""The operator's file through the real programs: in force, checked, read again."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import pytest

from tests.client.cluster import Cluster

FILE = """\
queues:
  short:
    defaults: {time: 10m, memory: 64MB}
    limits: {time_max: 1h, cores_max: 1}
licences: {abaqus: 2}
limits:
  - {user: "*", jobs: 50}
"""


@pytest.fixture
def ruled(tmp_path: Path) -> Iterator[Cluster]:
    """A server whose home has a ``config.yaml``."""
    home = tmp_path / "home"
    home.mkdir()
    (home / "config.yaml").write_text(FILE)
    with Cluster(home) as cluster:
        yield cluster


def told(cluster: Cluster, *words: str) -> Any:
    """Return what a verb prints as JSON."""
    done = cluster.rota("--json", *words)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def until(condition: Any) -> None:
    """Poll until *condition* holds, bounded."""
    deadline = monotonic() + 20
    while not condition():
        assert monotonic() < deadline, "it never came true"
        sleep(0.05)


def test_a_file_is_obeyed_from_submit_to_start(ruled: Cluster) -> None:
    """Defaults, refusals, licences taken and given back, reasons, a reload, SIGHUP."""
    [job] = told(ruled, "submit", "--dry-run", "--queue", "short", "--", "true")["jobs"]
    assert (job["resolved"]["time"], job["sources"]["time"]) == ("10m00s", "queue default")
    assert job["sources"]["queue"] != "queue default"

    refused = ruled.rota("submit", "--queue", "shirt", "--", "true")
    assert refused.returncode == 2
    assert "did you mean short? queues are default, short" in refused.stderr
    refused = ruled.rota("submit", "--queue", "short", "--time", "2h", "--", "true")
    assert "ask for at most 1h00m" in refused.stderr

    ruled.rota("submit", "--licence", "abaqus=2", "--", "sleep", "600")
    ruled.rota("submit", "--licence", "abaqus=1", "--", "true")
    until(lambda: told(ruled, "licence")["licences"][0]["held"] == 2)
    assert "waits for 1 abaqus (0 free)" in ruled.rota("why", "2").stdout
    assert "abaqus" in ruled.rota("licence").stdout
    assert "time_max 1h00m" in ruled.rota("queue").stdout

    path = ruled.home / "config.yaml"
    path.write_text(FILE.replace("abaqus: 2", "abaqus: two"))
    wrong = ruled.rota("config", "--reload")
    assert wrong.returncode == 2
    assert "config.yaml:5:12: licences.abaqus: must be a whole number" in wrong.stderr
    assert told(ruled, "config")["licences"] == {"abaqus": 2}

    path.write_text(FILE.replace("abaqus: 2", "abaqus: 3"))
    assert told(ruled, "config", "--reload")["licences"] == {"abaqus": 3}
    assert ruled.rota("wait", "2", "--timeout", "20s").returncode == 0

    path.write_text(FILE.replace("abaqus: 2", "abaqus: 7"))
    os.kill(ruled.status()["server_pid"], signal.SIGHUP)
    until(lambda: told(ruled, "config")["licences"] == {"abaqus": 7})


def test_a_wrong_file_is_checked_without_a_server(tmp_path: Path) -> None:
    """Every complaint with its line; a good one is said to be good."""
    path = tmp_path / "mine.yaml"
    path.write_text("polcy: default\nqueues:\n  a: {bakfill: easy}\npolicy: fcfs:eazy\n")
    done = Cluster(tmp_path / "nowhere").rota("config", "--check", str(path))
    assert done.returncode == 2
    assert f"{path}:1:1: polcy: unknown setting; did you mean `policy`?" in done.stderr
    assert f"{path}:3:7: queues.a.bakfill: unknown key" in done.stderr
    path.write_text("policy: fcfs:eazy\n")
    done = Cluster(tmp_path / "nowhere").rota("config", "--check", str(path))
    assert f"{path}:1:1: policy: unknown backfill: 'eazy'" in done.stderr
    path.write_text(FILE)
    assert (
        Cluster(tmp_path / "nowhere").rota("config", "--check", str(path)).returncode == 0
    )


def test_a_server_with_a_wrong_file_does_not_start(tmp_path: Path) -> None:
    """It says what is wrong, and where."""
    path = tmp_path / "mine.yaml"
    path.write_text("licences: 3\n")
    cluster = Cluster(tmp_path / "home")
    done = cluster.rota("up", "--detach", "--config", str(path))
    assert done.returncode == 2
    assert "mine.yaml:1:1: licences: must be a mapping" in done.stderr
