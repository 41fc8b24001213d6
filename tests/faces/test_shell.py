"""``rota shell``: the person's own shell, as a job."""

from __future__ import annotations

from rota.client.http import Client
from tests.client.cluster import Cluster
from tests.faces.person import Person


def test_a_shell_with_what_it_needs(cluster: Cluster, client: Client) -> None:
    """It knows its job, has its cores, and leaves with the shell's code."""
    cluster.env["SHELL"] = "/bin/sh"
    with Person(cluster, "shell", "--cores", "2") as person:
        person.presses("echo cores=$ROTA_CORES; exit 3\r")
        person.sees("cores=2")
        assert person.is_left_with(3)
    job = client.jobs(limit=1).jobs[0]

    assert (job.name, job.exit_code) == ("shell", 3)


def test_it_is_for_people(cluster: Cluster) -> None:
    """A program wants rota run, or rota submit."""
    done = cluster.rota("shell", "--json")

    assert done.returncode == 2
    assert "--pty has no --json" in done.stdout + done.stderr
