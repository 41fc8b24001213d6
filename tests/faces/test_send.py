"""``rota send``: what a running job reads."""

from __future__ import annotations

from pathlib import Path

import pytest

from rota.client.http import Client
from rota.core.errors import Conflict, Malformed
from tests.client.cluster import Cluster
from tests.faces.conftest import Rota


def echoing(client: Client) -> int:
    """Start a job that writes what it reads, and wait until it runs."""
    from rota.client.sending import Sender

    job = client.submit({"command": "cat", "stdin": "open"})[0].id
    assert Sender(client, job, wait=True).ready() == 1
    return job


def text_of(client: Client, job: int) -> str:
    """Return what *job* wrote, once it is over."""
    assert client.wait(job).is_ok
    return b"".join(client.log(job)).decode()


def test_lines_files_and_the_end(client: Client, rota: Rota, tmp_path: Path) -> None:
    """In the order in which they were sent."""
    job = echoing(client)
    (tmp_path / "more").write_bytes(b"\0raw\n" * 50_000)

    assert rota("send", str(job), "two", "words").code == 0
    told = rota("--json", "send", str(job), "--file", str(tmp_path / "more")).json
    assert (told["schema"], told["bytes"], told["attempt"]) == ("rota.sent/1", 250_000, 1)
    assert rota("send", str(job), "--end").code == 0

    assert text_of(client, job) == "two words\n" + "\0raw\n" * 50_000


def test_from_our_own_input(client: Client, cluster: Cluster) -> None:
    """A dash means it."""
    job = echoing(client)
    assert cluster.rota("send", str(job), "-f", "-", "--end", text="x\n").returncode == 0
    assert text_of(client, job) == "x\n"


def test_refusals_say_what_to_do(client: Client, rota: Rota) -> None:
    """No job, none that reads, none that runs, nothing to send."""
    job = echoing(client)
    client.send(job, b"", end=True)
    client.wait(job)
    deaf = client.submit({"command": "sleep 60"})[0].id

    assert "it is done" in rota("send", str(job), "x").err
    assert "--stdin open" in rota("send", str(deaf), "x").err
    assert rota("send", str(job)).code == 2
    assert rota("send", str(job), "x", "--file", "y").code == 2
    client.kill(deaf, grace_ms=0)


def test_after_the_end_nothing_is_taken(client: Client) -> None:
    """Also when the job goes on."""
    job = client.submit({"command": "cat; sleep 60", "stdin": "open"})[0].id
    from rota.client.sending import Sender

    Sender(client, job, wait=True).ready()
    client.send(job, b"x", end=True)
    with pytest.raises(Conflict, match="was sent already"):
        client.send(job, b"y")
    client.kill(job, grace_ms=0)


def test_a_task_of_an_array_is_named(client: Client) -> None:
    """Each task has its own input."""
    job = client.submit({"command": "cat", "stdin": "open", "array": "0-1"})[0].id
    with pytest.raises(Malformed, match="array"):
        client.send(job, b"x")
    from rota.client.sending import Sender

    for task in (0, 1):
        sender = Sender(client, job, task=task, wait=True)
        sender.send(b"%d" % task, end=True)
    client.wait(job)
    assert b"".join(client.log(job, task=1)) == b"1"
