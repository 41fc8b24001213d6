"""``rota history``: everything that happened, oldest first."""

from __future__ import annotations

import json

from rota.client.http import Client
from tests.faces.conftest import Rota


def test_the_life_of_a_job(rota: Rota, client: Client) -> None:
    """Each move with its time, its maker and its reason."""
    job = client.submit({"argv": ["false"], "cwd": "/"})[0].id
    client.wait(job, timeout_s=30)
    said = rota("history", str(job))

    assert [line.split()[2] for line in said.lines[1:2]] == ["submit"]
    assert said.lines[-1].endswith("ended with exit code 1")
    lines = [json.loads(line) for line in rota("history", str(job), "--jsonl").lines]
    assert [line["after"] for line in lines] == ["queued", "placed", "running", "failed"]
    assert rota("history", str(job), "--json").json["schema"] == "rota.history/1"


def test_one_task_and_a_limit(rota: Rota, client: Client) -> None:
    """Of an array one task's lines; what was left out is said."""
    array = client.submit({"command": "true", "cwd": "/", "array": "0-4"})[0].id
    client.wait(array, timeout_s=30)
    told = rota("history", f"{array}[3]", "--json").json["history"]
    assert {line["task"] for line in told} <= {3, None}

    said = rota("history", str(array), "--limit", "2")
    assert len(said.lines) == 3
    assert "and more" in said.err
