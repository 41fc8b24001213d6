"""Nodes over a real sshd: nothing installed, nothing left, and every failure a sentence.

About rota.server.ssh and rota.launch.ssh_nodes.
"""

from __future__ import annotations

import os
import re
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from rota.client.http import Client
from tests.client.cluster import Cluster
from tests.real.sshd import Sshd, require
from tests.server.running import until

pytestmark = pytest.mark.real


@pytest.fixture(scope="module")
def machines(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sshd]:
    """Three machines that one can log in to."""
    with Sshd(tmp_path_factory.mktemp("sshd"), 3) as found:
        yield found


@pytest.fixture
def scratch() -> Iterator[Path]:
    """A folder with a short path, as there is on nodes."""
    with tempfile.TemporaryDirectory(prefix="rn") as folder:
        yield Path(folder)


def written(tmp_path: Path, machines: Sshd, *nodes: str) -> str:
    """Write a cluster file; return its path."""
    path = tmp_path / "cluster.yaml"
    rows = "\n".join(f"  - {node}" for node in nodes)
    path.write_text(f"ssh: ssh -F {machines.config}\nnodes:\n{rows}\n")
    return str(path)


def up(tmp_path: Path, path: str) -> Cluster:
    """Return a server, to be started, that has the nodes of *path* and one of its own."""
    home = tmp_path / "home"
    return Cluster(home, "--cores", "1", "--name", "head", "--cluster", path)


def node(cluster: Cluster, name: str) -> Any:
    """Return the row of a node."""
    with Client(home=str(cluster.home)) as client:
        return next(one.raw for one in client.nodes() if one.name == name)


def why(cluster: Cluster, name: str) -> str:
    """Return why a node is not there, as soon as something was tried."""

    def said() -> str:
        text = (node(cluster, name)["reason"] or {}).get("text", "")
        return text if "ssh" in text and "being started" not in text else ""

    return until(said)


def test_a_node_comes_works_and_leaves_nothing(
    tmp_path: Path, machines: Sshd, scratch: Path
) -> None:
    """By one command, from an agent file that travelled; its socket came with the line."""
    path = written(
        tmp_path, machines, f"{{host: n1, cores: 2, labels: [far], scratch: {scratch}}}"
    )
    with up(tmp_path, path) as cluster:
        ran = cluster.rota(
            "run", "--require", "far", "--", "sh", "-c", "echo $ROTA_NODELIST"
        )
        assert ran.stdout == "n1\n"
        (place,) = scratch.iterdir()
        assert (place.stat().st_mode & 0o777, place.stat().st_uid) == (0o700, os.getuid())
        assert "--token-file" in _command_of(place)
        token = (place / "token").read_text()
        assert token not in _command_of(place)
        assert cluster.rota("down").returncode == 0
        assert list(scratch.iterdir()) == []
        assert not _command_of(place)


def test_a_lost_line_costs_no_job(tmp_path: Path, machines: Sshd, scratch: Path) -> None:
    """The agent goes on alone, is found again, and tells how the job ended."""
    path = written(
        tmp_path, machines, f"{{host: n1, cores: 1, labels: [far], scratch: {scratch}}}"
    )
    gate = tmp_path / "go"
    with up(tmp_path, path) as cluster, Client(home=str(cluster.home)) as client:
        text = f"echo $$; until [ -e {gate} ]; do sleep 0.05; done; exit 7"
        job = client.submit({"command": text, "cwd": "/", "require": ["far"]})[0].id
        until(lambda: client.job(job).state == "running")
        machines.lose("n1")
        until(lambda: node(cluster, "n1")["state"] == "unreachable")
        gate.touch()
        until(lambda: node(cluster, "n1")["state"] == "up", 40)
        done = until(lambda: (j := client.job(job)).is_final and j)
        assert (done.exit_code, done.raw["attempt"]) == (7, 1)


def test_jobs_outlive_rota_down_and_are_taken_up_again(
    tmp_path: Path, machines: Sshd, scratch: Path
) -> None:
    """The folder stays as long as a job runs there, or its end was not told yet."""
    path = written(
        tmp_path, machines, f"{{host: n2, cores: 1, labels: [far], scratch: {scratch}}}"
    )
    with up(tmp_path, path) as cluster:
        with Client(home=str(cluster.home)) as client:
            job = client.submit({"argv": ["sleep", "600"], "cwd": "/", "require": ["far"]})[
                0
            ]
            until(lambda: client.job(job.id).state == "running")
        cluster.rota("down")
        assert len(list(scratch.iterdir())) == 1
        assert cluster.rota("up", "--detach", *cluster.words).returncode == 0
        with Client(home=str(cluster.home)) as client:
            until(lambda: node(cluster, "n2")["state"] == "up")
            assert client.job(job.id).state == "running"
        done = cluster.rota("down", "--kill-jobs")
        assert done.returncode == 0, done.stderr
        (place,) = scratch.iterdir()
        assert "sleep 600" not in _command_of(place)
        assert cluster.rota("up", "--detach", *cluster.words).returncode == 0
        with Client(home=str(cluster.home)) as client:
            until(lambda: client.job(job.id).is_final)
        cluster.rota("down")
        assert list(scratch.iterdir()) == []


def test_each_failure_is_a_sentence(tmp_path: Path, machines: Sshd, scratch: Path) -> None:
    """With the command that was run, its words, and what to do; the others work on."""
    other = machines.make_key("stranger")
    text = machines.config.read_text()
    machines.config.write_text(
        text
        + text.split("Host n2")[0]
        .replace("Host n1", "Host refused")
        .replace(f"{machines.folder}/id", str(other))
        + text.split("Host n2")[0]
        .replace("Host n1", "Host unknown")
        .replace("known_hosts", "nobody_known")
    )
    path = written(
        tmp_path, machines,
        "refused", "unknown", "{host: no..such..host, name: nowhere}",
        "{host: n1, name: old, python: /bin/false}",
        f"{{host: n2, name: readonly, scratch: /proc/{os.getpid()}}}",
        f"{{host: n3, cores: 1, labels: [far], scratch: {scratch}}}",
    )  # fmt: skip
    try:
        with up(tmp_path, path) as cluster:
            for name, words in {
                "refused": "Permission denied.*see that `ssh refused` works",
                "unknown": "Host key verification failed.*look at it yourself",
                "nowhere": "Could not resolve.*there is no such host",
                "old": "found no Python of 3.9 or later.*python: PATH",
                "readonly": "cannot write /proc/.*scratch: DIR",
            }.items():
                said = why(cluster, name)
                assert re.search(words, said), said
                assert said.startswith(f"`ssh -F {machines.config}")
            shown = cluster.rota("nodes").stdout
            assert "there is no such host" in shown
            ran = cluster.rota("run", "--require", "far", "--", "echo", "on")
            assert ran.stdout == "on\n"
    finally:
        machines.config.write_text(text)


def test_a_full_scratch_is_told(tmp_path: Path, machines: Sshd, scratch: Path) -> None:
    """Nothing half-written is taken for an agent."""
    require("mount", root=True)
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=32k,mode=1777", "none", str(scratch)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if mounted.returncode:
        pytest.fail(f"no file system of a known size can be had: {mounted.stderr}")
    try:
        path = written(tmp_path, machines, f"{{host: n1, name: full, scratch: {scratch}}}")
        with up(tmp_path, path) as cluster:
            said = why(cluster, "full")
            assert "No space left on device" in said
            assert "its scratch is full: free some" in said
    finally:
        subprocess.run(["umount", str(scratch)], check=True)


def _command_of(place: Path) -> str:
    """Return the command lines of all that runs with *place* in them."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = path.read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except (FileNotFoundError, ProcessLookupError):
            continue
        if str(place) in words:
            found.append(words)
    return "\n".join(found)
