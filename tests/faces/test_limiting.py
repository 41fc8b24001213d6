"""``rota user limit`` and its like, against a server."""

from __future__ import annotations

from tests.faces.conftest import Rota


def test_limits_are_set_shown_and_removed(rota: Rota) -> None:
    """Of users, accounts and queues."""
    said = rota("user", "limit", "nemo", "--cores", "20", "--memory", "1TB")
    assert said.out.startswith("user nemo: user nemo, cores 20, memory 1 TiB, set_by ")
    rota("queue", "limit", "default", "--queued", "100")
    assert "queued 100" in rota("queue", "default").out
    [row] = rota("--json", "account", "limit", "chem", "--jobs", "3").json["limits"]
    assert (row["account"], row["jobs"]) == ("chem", 3)
    assert rota("user", "limit", "nemo", "--remove").out == "user nemo: no limit\n"
    rota("queue", "limit", "default", "--remove")
    rota("account", "limit", "chem", "--remove")


def test_what_makes_no_sense_is_refused(rota: Rota) -> None:
    """With the words that do."""
    assert "needs one NAME" in rota("user", "limit").err
    assert "--remove" in rota("user", "limit", "ann").err
    assert "rota user limit NAME" in rota("user", "ann", "--cores", "1").err
    assert "must be a whole number" in rota("user", "limit", "ann", "--cores", "x").err
    assert (
        "nothing was set live for user ann" in rota("user", "limit", "ann", "--remove").err
    )
