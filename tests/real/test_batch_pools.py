"""Pools on a real Slurm and a real Grid Engine, both started for this file on loopback.

About rota.launch.slurm and rota.launch.gridengine.
"""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.real.batch import BatchSystems
from tests.real.drain import drain, table
from tests.server.running import Node, Server, until

TASKS = 600
PYTHON = "/usr/bin/python3"

pytestmark = pytest.mark.real


@pytest.fixture(scope="module")
def systems() -> Iterator[BatchSystems]:
    """Slurm and Grid Engine, for all tests of this file."""
    with BatchSystems() as found:
        yield found


@pytest.fixture
def server(systems: BatchSystems, tmp_path: Path) -> Iterator[Server]:
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


def test_one_array_on_all_there_is_while_slurm_is_killed(systems: BatchSystems) -> None:
    """Nothing lost, nothing twice at a time; Slurm comes back and takes part again."""
    with tempfile.TemporaryDirectory(prefix="rd") as folder:
        found = drain(systems, Path(folder), tasks=TASKS, each_s=0.05)
    told = "\n".join(table(found))
    assert (found.lost, found.twice) == ([], []), told
    assert found.counts == {"done": TASKS}, told
    assert set(found.seen.nodes) == {"this machine", "ssh", "slurm", "gridengine"}, told
    assert found.killed_at and found.booted_at, told


def test_a_wrong_partition_is_told(server: Server) -> None:
    """What sbatch said, and the queue keeps going."""
    add(server, "big", kind="slurm", partition="nope")
    server.submit(pool="big")
    assert "invalid partition specified: nope" in reason(server)


@pytest.mark.parametrize(
    ("refuses", "told"),
    [
        ("NO", ["`squeue` says PENDING (PartitionTimeLimit)", "`rota pool log big`"]),
        ("ALL", ["`sbatch --parsable` ended with 1", "`sinfo` lists"]),
    ],
)
def test_more_time_than_the_partition_allows_is_told(
    systems: BatchSystems, server: Server, refuses: str, told: list[str]
) -> None:
    """What was run, what it says, what to do; the pool backs off, the queue goes on."""
    short = "PartitionName=short Nodes=ALL MaxTime=60"
    with systems.slurm_with(short, f"EnforcePartLimits={refuses}"):
        add(server, "big", kind="slurm", time="3h", partition="short")
        waits = server.submit(pool="big")
        said = reason(server)
        assert said.startswith("pool big backs off: ")
        assert [words for words in (*told, "`rota pool set") if words not in said] == []
        node = Node(server)
        other = server.submit()
        assert node.runs(1) == [[other, 0, 1]]
        assert server.job(waits)["state"] == "queued"
        assert server.good("GET", "/pools")["pools"][0]["up"] == 0


def test_nothing_of_a_pilot_outlives_it(server: Server) -> None:
    """A job that hides in a session of its own is ended with its allocation."""
    add(server, "sge", kind="gridengine")
    argv = ["sh", "-c", "setsid sleep 54321 & wait; sleep 54321"]
    server.until(server.submit(pool="sge", argv=argv, restartable=True), "running")
    server.good("POST", "/pools/remove", {"name": "sge"})
    until(lambda: not server.good("GET", "/pools")["pools"], timeout=60)
    told = subprocess.run(["pgrep", "-f", "sleep 54321"], capture_output=True, text=True)
    assert told.stdout == ""
