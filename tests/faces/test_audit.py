"""``rota history --audit``: who did what, newest first."""

from __future__ import annotations

from rota.client.http import Client
from tests.faces.conftest import Rota


def test_who_did_what_is_listed_with_why(rota: Rota, client: Client) -> None:
    """A refusal with its sentence; what was said is text of one line (G32)."""
    job = client.submit({"argv": ["true"], "cwd": "/", "held": True})[0].id
    rota("kill", str(job), "--why", "not needed\x1b[31m any more")
    refused = rota("hold", str(job))
    said = rota("history", "--audit", "--limit", "2")
    assert "hold jobs" in said.lines[1]
    assert "refused: cannot hold job" in said.lines[1]
    assert "not needed" in said.lines[2]
    assert "\x1b" not in said.out
    told = rota("history", "--audit", "--refused", "--limit", "1", "--json").json
    assert told["schema"] == "rota.audit/1"
    assert told["audit"][0]["refused"] in refused.err
    lines = rota("history", "--audit", "--action", "kill_jobs", "--jsonl").lines
    assert str(job) in lines[0]


def test_without_a_job_it_says_what_it_needs(rota: Rota) -> None:
    """And what else there is."""
    said = rota("history")
    assert said.code == 2
    assert "--audit" in said.err
    assert "goes with --audit" in rota("history", "12", "--refused").err
