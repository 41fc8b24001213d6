"""A thousand short jobs: every output is there, and complete to the byte."""

from __future__ import annotations

from rota.client.http import Client
from tests.client.cluster import Cluster

MANY = 1_000
TEXT = 'echo "out of $ROTA_TASK_ID"; echo "err of $ROTA_TASK_ID" >&2'


def test_g23_a_thousand_outputs_are_complete_to_the_byte(
    cluster: Cluster, client: Client
) -> None:
    """Neither lost, nor doubled, nor mixed."""
    doc = {"command": TEXT, "cwd": "/", "array": f"0-{MANY - 1}"}
    job = client.submit(doc)[0].id
    client.wait(job, timeout_s=120)
    folder = cluster.home / "node" / "out" / str(job)
    found = {path.name: path.read_text() for path in folder.iterdir()}

    assert found == {
        f"{task}.1.{ending}": f"{ending} of {task}\n"
        for task in range(MANY)
        for ending in ("out", "err")
    }
    assert client.job(job)["array"]["counts"] == {"done": MANY}
