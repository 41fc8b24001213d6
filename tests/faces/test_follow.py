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


def test_a_job_that_could_not_begin_is_followed_to_its_end(client: Client) -> None:
    """It has no output anywhere, and nobody waits for it for ever."""
    for _ in range(5):
        job = client.submit({"argv": ["true"], "cwd": "/no/such/folder"})[0].id
        assert list(Follower(client, job, first=1).pieces()) == []
        assert client.job(job).is_final


def test_attempts_without_output_are_passed_over(client: Client, tmp_path: Path) -> None:
    """The first could not begin, the second could."""
    late = tmp_path / "late"
    doc = {"argv": ["echo", "hi"], "cwd": str(late), "retries": 1, "retry_delay": "300ms"}
    job = client.submit(doc)[0].id
    for event in client.watch(jobs=[job], since=0, level="task"):
        if event is not None and event.data["move"] in ("requeue", "retry"):
            break
    late.mkdir()

    assert b"".join(Follower(client, job, first=1).pieces()) == b"hi\n"


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
