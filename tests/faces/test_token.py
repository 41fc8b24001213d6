"""rota token and rota invite, as a person uses them."""

from __future__ import annotations

from tests.faces.conftest import Rota


def test_a_token_is_made_listed_and_revoked(rota: Rota) -> None:
    """What is printed on standard output is the token and nothing else."""
    made = rota("token", "create", "--note", "laptop", "--expires", "1h")
    token = made.out.strip()
    assert len(token) == 43
    assert "user of" in made.err
    listed = rota("token").out
    assert "laptop" in listed
    assert token not in listed
    rows = rota("token", "ls", "--json").json["tokens"]
    (one,) = [row["id"] for row in rows if row["note"] == "laptop"]
    assert "opens nothing any more" in rota("token", "revoke", one).out
    again = rota("token", "revoke", one)
    assert (again.code, "there is no token" in again.err) == (2, True)
    assert "which?" in rota("token", "revoke").err


def test_a_server_of_one_machine_says_how_to_invite(rota: Rota) -> None:
    """Nobody could come."""
    said = rota("invite")
    assert (said.code, "rota up --listen" in said.err) == (2, True)
