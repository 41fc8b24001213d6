"""What a person does with ``rota`` on one machine, through the real programs."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.client.cluster import Cluster
from tests.stories.transcript import Transcript

CAMPAIGN = """\
defaults: {cwd: here, env_policy: none}
jobs:
  - name: parts
    array: 0-5%2
    retries: 1
    command: |
      echo "part $ROTA_TASK_ID of attempt $ROTA_ATTEMPT"
      [ "$ROTA_TASK_ID" != 3 ] || [ "$ROTA_ATTEMPT" = 2 ]
  - name: merge
    after: ok:parts
    command: echo merged
"""

BAD = """\
name: bad
comand: ./model
memory: 10
cores: 0
"""


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    """A home of the story's own; whatever it starts is stopped."""
    cluster = Cluster(tmp_path / "home")
    yield cluster
    cluster.rota("down", "--kill-jobs")


def test_first_job(cluster: Cluster, tmp_path: Path) -> None:
    """From nothing to a job's end, and back to nothing."""
    rota = Transcript(cluster, "first_job", cwd=tmp_path)
    rota("ls", code=125)
    rota("up", "--detach", "--cores", "2", "--name", "node1")
    rota("up", "--detach", code=2)
    rota("submit", "--name", "hello", "-c", "echo hello; echo 3 / 4")
    rota("wait", "last")
    rota("log", "last")
    rota("ls")
    rota("show", "hello")
    rota("why", "hello")
    rota("run", "--quiet", "--", "echo", "and now at once")
    rota("run", "--", "sh", "-c", "echo but not well >&2; exit 3", code=3)
    rota("stat")
    rota("down")
    rota("down")
    rota.end()


def test_a_campaign(cluster: Cluster, tmp_path: Path) -> None:
    """An array with a task that fails once, and a job that waits for all of it."""
    (tmp_path / "campaign.yaml").write_text(CAMPAIGN)
    cluster.rota("up", "--detach", "--cores", "2", "--name", "node1")
    rota = Transcript(cluster, "campaign", cwd=tmp_path)
    rota("submit", "--dry-run", "campaign.yaml")
    rota("submit", "--parsable", "campaign.yaml")
    rota("wait", "merge", "--quiet")
    rota("ls", "--all")
    rota("ls", "parts", "--tasks")
    rota("log", "1[3]", "--attempt", "1")
    rota("log", "1[3]")
    rota("log", "merge")
    rota.end()


def test_living_with_it(cluster: Cluster, tmp_path: Path) -> None:
    """Hold, edit, release, kill, rerun, drain."""
    cluster.rota("up", "--detach", "--cores", "2", "--name", "node1")
    rota = Transcript(cluster, "living_with_it", cwd=tmp_path)
    rota("submit", "--held", "--tag", "paper", "--name", "a", "--", "true")
    rota("submit", "--held", "--tag", "paper", "--name", "b", "--", "false")
    rota("edit", "a", "cores=2", "priority=high")
    rota("release", "tag:paper")
    rota("wait", "1", "2", "--quiet", code=1)
    rota("rerun", "--failed")
    rota("wait", "b", "--quiet", code=1)
    rota("history", "b")
    rota("drain", "node1", "--why", "new disk")
    rota("submit", "--name", "c", "--", "sleep", "600")
    rota("why", "c")
    rota("kill", "c")
    rota("undrain", "node1")
    rota("nodes")
    rota("kill", "all", code=2)
    rota.end()


def test_what_goes_wrong(cluster: Cluster, tmp_path: Path) -> None:
    """Each refusal names the place, the value and the cure, and changes nothing."""
    (tmp_path / "bad.yaml").write_text(BAD)
    (tmp_path / "cycle.yaml").write_text(
        "- {name: a, command: x, after: ok:b}\n- {name: b, command: x, after: ok:a}\n"
    )
    cluster.rota("up", "--detach", "--cores", "2", "--memory", "1GB", "--name", "node1")
    rota = Transcript(cluster, "what_goes_wrong", cwd=tmp_path)
    rota("sbumit", "--", "true", code=2)
    rota("submit", "--memroy", "1GB", "--", "true", code=2)
    rota("submit", "bad.yaml", code=2)
    rota("submit", "python", "train.py", code=2)
    rota("submit", code=2)
    rota("submit", "--cores", "64", "--", "true", code=2)
    rota("submit", "--memory", "64GB", "--", "true", code=2)
    rota("submit", "--cores", "NaN", "--", "true", code=2)
    rota("submit", "--cores", "99999999999999999999", "--", "true", code=2)
    rota("submit", "--time", "90", "--", "true", code=2)
    rota("submit", "--name", "evil\x1b[2J\nname", "--", "true", code=2)
    rota("submit", "--after", "ok:4711", "--", "true", code=2)
    rota("submit", "cycle.yaml", code=2)
    rota("submit", "--array", "9-0", "--", "true", code=2)
    rota("submit", "-", code=2, text="jobs: []\n")
    rota("run", "--", "no-such-command", code=127)
    rota("run", "--cwd", "/no/such/folder", "--", "true", code=1)
    rota("run", "--output", "/proc/no/out", "--", "true", code=1)
    rota("kill", "nosuch-*", code=2)
    rota("show", "12[", code=2)
    rota("log", "4711", code=2)
    rota("wait", "4711", code=2)
    rota("ls", "--all")
    rota.end()


def test_run_outlives_the_server(cluster: Cluster, tmp_path: Path) -> None:
    """kill -9 of the server, a new one: output goes on where it was, the code is true."""
    gate = tmp_path / "go"
    cluster.rota("up", "--detach", "--cores", "2")
    text = f"echo begun; until [ -e {gate} ]; do sleep 0.05; done; echo ended; exit 6"
    process = subprocess.Popen(
        cluster.command("run", "-c", text), env=cluster.env, text=True,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stdout.readline() == "begun\n"
    os.kill(cluster.status()["server_pid"], signal.SIGKILL)
    gate.touch()
    assert cluster.rota("up", "--detach", "--cores", "2").returncode == 0
    out, err = process.communicate(timeout=60)

    assert (out, process.returncode) == ("ended\n", 6), err
