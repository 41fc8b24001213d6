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


def me(client: Client) -> str:
    """Return who the server says we are."""
    return str(client.info()["user"])
