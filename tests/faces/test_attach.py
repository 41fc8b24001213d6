"""``rota attach``: refusals that say what to do instead."""

from __future__ import annotations

from rota.client.http import Client
from tests.client.cluster import Cluster


def test_a_job_without_a_terminal(cluster: Cluster, client: Client) -> None:
    """There is nothing to type to: its log can be followed."""
    (job,) = client.submit({"command": "sleep 600", "cwd": "/"})
    done = cluster.rota("attach", str(job.id))
    client.kill(job.id, grace_ms=0)

    assert done.returncode == 2
    assert "has no terminal" in done.stderr


def test_a_job_that_is_over(cluster: Cluster, client: Client) -> None:
    """What it has shown is in its log."""
    (job,) = client.submit({"argv": ["true"], "cwd": "/"})
    client.wait(job.id)
    done = cluster.rota("attach", str(job.id))

    assert done.returncode == 2
    assert f"`rota log {job.id}`" in done.stderr
