"""A shepherd's folder: one lives there, upgrades, takes over, and leaves it clean."""

from __future__ import annotations

import os
from pathlib import Path

from rota.agent import fold
from tests.agent.server import Node


def test_one_shepherd_a_folder(own: Node) -> None:
    """A second one finds the lock taken and ends; the lock says who has it."""
    (folder,) = fold.folders_of(str(own.home))
    assert fold.is_taken(folder)
    process = fold.start(folder, 1000)
    assert process.wait(20) == fold.TAKEN
    assert process.stdout is not None
    process.stdout.close()
    assert own.shepherd_pids() == [int(Path(folder, "lock").read_text())]


def test_a_shepherd_has_nothing_of_its_agent(own: Node) -> None:
    """Its own session, no terminal, no descriptor of the agent, small."""
    (pid,) = own.shepherd_pids()
    assert os.getsid(pid) == pid
    assert own.agent is not None
    agents = {link.readlink() for link in Path(f"/proc/{own.agent.pid}/fd").iterdir()}
    ours = {link.readlink() for link in Path(f"/proc/{pid}/fd").iterdir()}
    sockets = {str(path) for path in agents & ours if str(path).startswith("socket:")}
    assert sockets == set()
    for each in (pid, own.agent.pid):
        status = Path(f"/proc/{each}/status").read_text()
        rss = int(status.split("VmRSS:")[1].split()[0])
        assert rss < 30 << 10


def test_jobs_get_no_descriptor_of_ours(own: Node) -> None:
    """A job has its three files and nothing else."""
    own.run(1, command="ls /proc/$$/fd")
    own.finished(1)
    assert [int(word) for word in own.output(1).split()][:3] == [0, 1, 2]
    assert len(own.output(1).split()) == 3
