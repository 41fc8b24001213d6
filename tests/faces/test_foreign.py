"""What the commands of other systems share."""

from __future__ import annotations

import pytest

from rota.client.http import Client
from rota.core.errors import Malformed
from rota.faces.foreign import Site, handed_in, tell


def test_what_is_told_is_harmless(capsys: pytest.CaptureFixture[str]) -> None:
    """Line ends stay; what moves a terminal does not."""
    tell("one\x1b[2J\ntwo")
    assert capsys.readouterr().err == "one\\x1b[2J\ntwo\n"


def test_a_server_without_mail_takes_the_job_all_the_same(
    client: Client, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nothing else is left out, and a program that reads stderr hears nothing."""
    doc = {"command": "true", "notify": {"ann@example.org": ["end"]}, "held": True}
    said: list[str] = []
    job = handed_in(client, [doc], say=said.append)[0].id
    view = client.job(job).raw["spec"]
    assert view["held"] is True and not view.get("notify")
    assert len(said) == 1 and said[0].startswith(
        "no mail will be sent: notify: this server"
    )
    with pytest.raises(Malformed, match="nosuch"):
        handed_in(client, [{**doc, "nosuch": 1}], say=said.append)
    client.kill(job)
    Site("sbatch").aside("no terminal is here")
    assert len(said) == 1 and capsys.readouterr().err == ""
