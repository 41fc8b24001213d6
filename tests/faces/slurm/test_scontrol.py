"""scontrol."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from rota.client.http import Client
from tests.client.cluster import Cluster
from tests.faces.slurm.conftest import Slurm

Submit = Callable[..., str]


def test_show_job(slurm: Slurm, submitted: Submit) -> None:
    """Fields in Slurm's order, each record begins at the edge."""
    job = submitted(
        "-H", "-J", "sc", "-t", "5", "-n", "2", "--comment", "hi", "--wrap", "true"
    )
    said = slurm("scontrol", "show", "job", job)
    assert said.lines[0] == f"JobId={job} JobName=sc"
    assert "   JobState=PENDING Reason=JobHeldUser Dependency=(null)" in said.lines
    assert "TimeLimit=00:05:00" in said.out and "NumTasks=2 CPUs/Task=1" in said.out
    one = slurm("scontrol", "show", "-o", "job", job).lines
    assert len(one) == 1 and "WorkDir=/" in one[0] and "Comment=hi " in one[0]


def test_unknown_things(slurm: Slurm) -> None:
    """Slurm's words and exit codes."""
    said = slurm("scontrol", "show", "job", "99999999")
    assert (said.code, said.err) == (1, "slurm_load_jobs error: Invalid job id specified\n")
    assert slurm("scontrol", "show", "node", "nosuch").out == "Node nosuch not found\n"
    assert slurm("scontrol", "show", "partition", "no").out == "Partition no not found\n"
    assert slurm("scontrol", "nosuch").err == "invalid keyword: nosuch\n"
    said = slurm("scontrol", "update", "jobid=99999999", "name=x")
    assert (said.code, said.err) == (1, "Invalid job id specified for job 99999999\n")


def test_hold_release_update(slurm: Slurm, submitted: Submit, client: Client) -> None:
    """Keys of a job that waits."""
    job = submitted("-H", "-b", "now+1hour", "--wrap", "true")
    assert slurm("scontrol", "release", job).code == 0
    assert slurm("scontrol", "hold", job).code == 0
    assert slurm("scontrol", "update", f"jobid={job}", "name=new", "timelimit=10").code == 0
    found = client.job(int(job))
    assert (found.name, found.state, found["request"]["time"]) == ("new", "held", 600.0)
    client.kill(int(job))


def test_requeue(slurm: Slurm, submitted: Submit, client: Client) -> None:
    """What runs is stopped and runs again; what waits is refused."""
    job = submitted(
        "-o", "/dev/null", "--wrap", 'test -n "$SLURM_RESTART_COUNT" || sleep 99'
    )
    waits = submitted("-H", "--wrap", "true")
    while client.job(int(job)).state != "running":
        next(client.watch(jobs=[int(job)], beat_s=0.1))
    assert slurm("scontrol", "requeue", job).code == 0
    ended = client.wait(int(job), timeout_s=60)
    assert ended.is_ok and ended["attempt"] == 2
    said = slurm("scontrol", "requeue", waits)
    assert (said.code, said.err) == (1, f"Job is pending execution for job {waits}\n")


@pytest.mark.parametrize(
    ("words", "out"),
    [
        (["show", "hostnames", "n[1-3,7],x05"], "n1\nn2\nn3\nn7\nx05\n"),
        (["show", "hostlist", "n1,n2,n3,n5"], "n[1-3,5]\n"),
    ],
)
def test_lists_of_hosts(slurm: Slurm, words: list[str], out: str) -> None:
    """Without a server's help."""
    assert slurm("scontrol", *words).out == out


def test_ping_and_configuration(slurm: Slurm) -> None:
    """What clients look for."""
    assert slurm("scontrol", "ping").out.endswith(" is UP\n")
    config = slurm("scontrol", "show", "config").out
    assert "MinJobAge               = 300 sec\n" in config and "ClusterName" in config


def test_nodes_are_drained_with_a_reason(slurm: Slurm, cluster: Cluster) -> None:
    """And take work again."""
    said = slurm("scontrol", "update", "nodename=node1", "state=drain")
    assert said.code == 1 and "must specify a reason" in said.err
    words = ("update", "nodename=node1", "state=drain", "reason=for a test")
    assert slurm("scontrol", *words).code == 0
    try:
        assert slurm("sinfo", "-h", "-R", "-o", "%n|%E|%t").out in (
            "node1|for a test|drain\n", "node1|for a test|drng\n",
        )  # fmt: skip
    finally:
        assert slurm("scontrol", "update", "nodename=node1", "state=resume").code == 0
    assert "NodeName=node1 " in slurm("scontrol", "-o", "show", "nodes").out
