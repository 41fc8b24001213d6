"""``rota why``: a sentence."""

from __future__ import annotations

from rota.client.http import Client
from tests.faces.conftest import Rota


def test_why_it_waits_and_how_it_ended(rota: Rota, client: Client) -> None:
    """The same reason as everywhere (promise 5)."""
    job = client.submit({"argv": ["false"], "cwd": "/", "held": True})[0].id
    assert rota("why", str(job)).lines[0] == f"job {job} is held: held by {me(client)}"
    client.release(job)
    client.wait(job, timeout_s=30)

    assert rota("why", str(job)).lines[0] == f"job {job} is failed: ended with exit code 1"
    told = rota("why", str(job), "--json").json
    assert (told["schema"], told["reason"]["code"]) == ("rota.why/1", "exit_code")
    assert len(rota("why", str(job), "last", "--json").json["jobs"]) == 2
    assert rota("why", "999999").code == 2


def test_all_about_a_wait_at_once(rota: Rota, client: Client) -> None:
    """What lacks where, when it could start, and an edit that lets it start now."""
    first = client.submit({"argv": ["sleep", "60"], "cwd": "/", "cores": 1})[0].id
    for event in client.watch(jobs=[first], since=0, level="task"):
        if event is not None and event.data["after"] == "running":
            break
    job = client.submit({"argv": ["true"], "cwd": "/", "cores": 2})[0].id
    said = rota("why", str(job)).out
    assert "1 node (" in said and "2 free cores (1 free)" in said
    assert f"latest unknown: job {first} has no time limit" in said
    assert f"would start now with cores 2 → 1: rota edit {job} cores=1" in said
    assert rota("edit", str(job), "cores=1").code == 0
    client.wait(job, timeout_s=30)
    client.kill(first)


def test_why_a_job_would_wait_before_it_is_submitted(rota: Rota, client: Client) -> None:
    """The same answer, and no job."""
    before = len(client.jobs(limit=1000))
    said = rota("submit", "--explain", "--held", "--cores", "2", "--", "true")
    assert said.code == 0 and "nothing was submitted" in said.err
    assert said.lines[:2] == ["true", f"  held by {me(client)}"]
    told = rota("submit", "--explain", "--json", "--", "true").json["jobs"][0]["waits"]
    assert told["starts"] and told["classes"][0]["missing"] == []
    assert len(client.jobs(limit=1000)) == before


def me(client: Client) -> str:
    """Return who the server says we are."""
    return str(client.info()["user"])
