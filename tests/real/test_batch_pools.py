"""Pools on a real Slurm and a real Grid Engine, both started for this file on loopback.

    one array ──▶ local agent + Slurm pilots + Grid Engine pilots, one system killed midway

The scripts in ``clusters`` start and stop them; they need root and the packages.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.server.running import Server, until

CLUSTERS = Path(__file__).parent / "clusters"
TASKS = 400
PYTHON = "/usr/bin/python3"
NEEDED = ("slurmctld", "slurmd", "munged", "qconf")

pytestmark = pytest.mark.real


@pytest.fixture(scope="module")
def systems() -> Iterator[None]:
    """Slurm with two nodes of four cores, Grid Engine with eight slots; on the PATH."""
    path = f"{os.environ['PATH']}:/usr/sbin:/sbin"
    lacking = [name for name in NEEDED if not shutil.which(name, path=path)]
    if lacking or os.getuid() != 0:
        why = f"packages of {', '.join(lacking)}" if lacking else "root"
        pytest.skip(f"a real Slurm and Grid Engine need {why}; see tools/packages.py")
    # Sockets want a short path.
    folder = Path(tempfile.mkdtemp(prefix="rota-"))
    before = dict(os.environ)
    try:
        for name in ("slurm", "gridengine"):
            up = [CLUSTERS / f"{name}-up", "--dir", folder / name, "--no-install"]
            told = subprocess.run(up, text=True, capture_output=True, timeout=120)
            assert told.returncode == 0, told.stderr
            words = (line.removeprefix("export ") for line in told.stdout.splitlines())
            os.environ.update(word.partition("=")[::2] for word in words)
        os.environ["PATH"] = f"{folder / 'gridengine' / 'bin'}:{path}"
        yield
    finally:
        for name in ("slurm", "gridengine"):
            down = [CLUSTERS / f"{name}-down", "--dir", folder / name, "--quiet"]
            subprocess.run(down, timeout=60, check=False)
        os.environ.clear()
        os.environ.update(before)
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def server(systems: None, tmp_path: Path) -> Iterator[Server]:
    """A server that finds both systems' commands."""
    with Server(tmp_path / "home") as server:
        yield server
        for pool in server.good("GET", "/pools")["pools"]:
            server.good("POST", "/pools/remove", {"name": pool["name"]})
        until(lambda: not server.good("GET", "/pools")["pools"], timeout=60)


def add(server: Server, name: str, **keys: object) -> None:
    """Add a pool of two pilots with two cores."""
    usual = {"time": "10m", "cores": 2, "max": 2, "poll": "500ms", "python": PYTHON}
    server.good("POST", "/pools/add", {"name": name, "set": {**usual, **keys}})


def reason(server: Server) -> str:
    """Return why the only pool starts nothing, as soon as there is a reason."""
    found = until(lambda: server.good("GET", "/pools")["pools"][0]["reason"], timeout=60)
    return str(found["text"])


def test_one_array_on_both_while_one_is_killed(server: Server, tmp_path: Path) -> None:
    """Nothing lost, nothing done twice: every task ends once, on whatever is left."""
    add(server, "big", kind="slurm")
    add(server, "sge", kind="gridengine")
    job = server.submit(
        array=f"0-{TASKS - 1}", argv=["sh", "-c", "sleep 0.05"], cwd=str(tmp_path)
    )

    def pilots() -> int:
        return sum(pool["up"] for pool in server.good("GET", "/pools")["pools"])

    until(lambda: pilots() == 4, timeout=60)
    subprocess.run(["scancel", "--user", "root"], check=True, timeout=30)
    server.good("POST", "/pools/drain", {"name": "big"})
    until(lambda: server.job(job)["state"] == "done", timeout=120)
    shown = server.job(job)
    assert shown["array"]["counts"] == {"done": TASKS}
    tasks = server.good("GET", f"/jobs/{job}/tasks?limit=1000")["tasks"]
    assert len({task["task"] for task in tasks}) == TASKS
    nodes = {task["nodes"][0]["host"].partition("-")[0] for task in tasks}
    assert "sge" in nodes


def test_a_wrong_partition_is_told(server: Server) -> None:
    """What sbatch said, and the queue keeps going."""
    add(server, "big", kind="slurm", partition="nope")
    server.submit(pool="big")
    assert "invalid partition specified: nope" in reason(server)


def test_nothing_of_a_pilot_outlives_it(server: Server) -> None:
    """A job that hides in a session of its own is ended with its allocation."""
    add(server, "sge", kind="gridengine")
    argv = ["sh", "-c", "setsid sleep 54321 & wait; sleep 54321"]
    server.until(server.submit(pool="sge", argv=argv, restartable=True), "running")
    server.good("POST", "/pools/remove", {"name": "sge"})
    until(lambda: not server.good("GET", "/pools")["pools"], timeout=60)
    told = subprocess.run(["pgrep", "-f", "sleep 54321"], capture_output=True, text=True)
    assert told.stdout == ""
