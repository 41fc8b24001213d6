"""Following: from attempt to attempt, through a restart of the server."""

from __future__ import annotations

from pathlib import Path

from rota.client.http import Client
from rota.faces.follow import Follower
from tests.client.cluster import Cluster


def test_a_job_without_output_is_followed_to_its_end(client: Client) -> None:
    """It was killed before it began."""
    job = client.submit({"argv": ["true"], "cwd": "/", "held": True})[0].id
    client.kill(job)

    assert list(Follower(client, job).pieces()) == []


def test_what_was_seen_is_not_shown_again(client: Client) -> None:
    """Following starts where one says."""
    job = client.submit({"command": "printf 0123456789", "cwd": "/"})[0].id
    client.wait(job, timeout_s=30)

    assert b"".join(Follower(client, job).pieces(offset=4)) == b"456789"


def test_a_restart_of_the_server_loses_nothing(cluster: Cluster, tmp_path: Path) -> None:
    """Reading goes on at the byte where it broke off (G13)."""
    gate = tmp_path / "go"
    text = f"echo before; until [ -e {gate} ]; do sleep 0.05; done; echo after"
    with Client(home=str(cluster.home)) as client:
        job = client.submit({"command": text, "cwd": "/"})[0].id
        pieces = Follower(client, job).pieces()
        assert next(pieces) == b"before\n"
        assert cluster.rota("down").returncode == 0
        gate.touch()
        assert cluster.rota("up", "--detach", *cluster.words).returncode == 0

        assert b"".join(pieces) == b"after\n"
