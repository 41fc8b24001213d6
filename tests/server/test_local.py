"""The server with its own agent, both real: started, replaced, left, and jobs live on."""

from __future__ import annotations

import asyncio
import fcntl
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from rota.server.local import replace_old
from tests.server.running import Server, is_alive, until


@pytest.fixture
def whole(tmp_path: Path) -> Iterator[Server]:
    """A server with an agent; afterwards nothing of either is left."""
    server = Server(tmp_path / "home", "--agent", "--name", "here", "--cores", "2")
    server.start()
    yield server
    server.stop()
    for process in psutil.process_iter(["cmdline"]):
        if any(str(tmp_path) in word for word in process.info["cmdline"] or ()):
            process.kill()


def agent_of(server: Server) -> int:
    """Return the pid of the agent that is connected now."""
    pid: int = until(lambda: [int(w) for w in lock(server).split()[:1]])[0]
    return pid


def lock(server: Server) -> str:
    """Return what the agent wrote into its lock."""
    path = server.home / "node" / "agent.lock"
    return path.read_text() if path.exists() else ""


def is_up(server: Server) -> bool:
    """Whether the node is connected."""
    return [n["state"] for n in server.good("GET", "/nodes")["nodes"]] == ["up"]


def test_ready_means_that_the_node_is_there(whole: Server) -> None:
    """So that the first submit is checked against what there is."""
    assert is_up(whole)
    assert whole.ready["agent_pids"] == [agent_of(whole)]
    job = whole.submit(command="echo to stdout; echo to stderr >&2; exit 3")
    assert whole.until(job, "failed")["exit_code"] == 3
    assert whole.raw("GET", f"/api/v1/jobs/{job}/log")[1] == b"to stdout\n"
    assert whole.raw("GET", f"/api/v1/jobs/{job}/log?stream=stderr")[1] == b"to stderr\n"


def test_an_agent_that_dies_is_started_again(whole: Server) -> None:
    """And what it ran is adopted."""
    job = whole.submit(argv=["sleep", "60"])
    whole.until(job, "running")
    old = agent_of(whole)
    psutil.Process(old).kill()
    until(lambda: agent_of(whole) != old and is_up(whole))
    assert whole.job(job)["state"] == "running"
    whole.good("POST", "/jobs/kill", {"targets": [str(job)], "wait": True, "grace_ms": 100})
    assert whole.job(job)["attempt"] == 1


def test_a_clean_stop_leaves_jobs_alive(whole: Server, tmp_path: Path) -> None:
    """Agent and server go, the shepherd stays, the next server adopts (G13)."""
    go = tmp_path / "go"
    job = whole.submit(command=f"while [ ! -e {go} ]; do read -t 0.05 x; done; exit 5",
                       shell="/bin/bash")  # fmt: skip
    whole.until(job, "running")
    agent = agent_of(whole)
    assert whole.stop() == 0
    assert not is_alive(agent)
    go.touch()
    whole.start()
    view = whole.until(job, "failed", "done")
    assert (view["exit_code"], view["attempt"]) == (5, 1)


def test_an_agent_left_by_a_killed_server_is_replaced(whole: Server) -> None:
    """The new one has today's options; the job does not notice."""
    job = whole.submit(argv=["sleep", "60"])
    whole.until(job, "running")
    old = agent_of(whole)
    whole.stop(signal.SIGKILL)
    assert is_alive(old)
    whole.words = (*whole.words[:-1], "1", "--label", "fresh")
    whole.start()
    assert not is_alive(old)
    until(lambda: is_up(whole))
    (node,) = whole.good("GET", "/nodes")["nodes"]
    assert (node["cores"], node["labels"][0]) == (1, "fresh")
    until(lambda: whole.job(job)["flags"] == [])
    assert whole.job(job)["state"] == "running"
    whole.good("POST", "/jobs/kill", {"targets": [str(job)], "wait": True, "grace_ms": 100})


def test_g14_a_stranger_with_the_agents_number_is_not_touched(tmp_path: Path) -> None:
    """A number in a file names nobody for sure (G14)."""
    (tmp_path / "agent.lock").write_text(f"{os.getpid()}\n")
    with open(tmp_path / "agent.lock") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        asyncio.run(replace_old(tmp_path))
    assert is_alive(os.getpid())
