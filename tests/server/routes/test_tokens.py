"""Tokens over REST: scopes, ends, revocation; invitations and who comes by them."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus

from rota.client.http import Client
from rota.core.errors import NotAllowed, RotaError
from rota.server.auth import hash_of, name_of
from rota.store.contract import Token
from rota.store.sqlite import SqliteStore
from rota.wire.invitation import from_text
from tests.server.running import Node, Server, until

ME = name_of(os.getuid())


@pytest.fixture(scope="module")
def far(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that other machines could reach."""
    home = tmp_path_factory.mktemp("far") / "home"
    with Server(home, "--listen", "0.0.0.0:0") as running:
        yield running


def made(server: Server, **body: Any) -> Any:
    """Make a token as the owner."""
    return server.good("POST", "/tokens", body)


def by(server: Server, token: str) -> Client:
    """Return a client that shows *token* over TCP."""
    return Client(server.facts()["tcp"], token=token)


def ids(server: Server) -> set[str]:
    """Return the ids that are listed."""
    return {row["id"] for row in server.good("GET", "/tokens")["tokens"]}


def test_g30_a_token_opens_what_its_scope_says(far: Server) -> None:
    """Looking, acting, acting for all, being a node: each no more than that."""
    submit = {"argv": ["true"], "cwd": "/"}
    read, user, admin, agent = (
        by(far, made(far, scope=scope)["token"])
        for scope in ("read", "user", "admin", "agent")
    )
    assert read.info()["user"] == ME
    with pytest.raises(NotAllowed, match="it takes user"):
        read.submit(submit)
    assert user.submit(submit)
    assert not user.info()["is_admin"]
    assert admin.info()["is_admin"]
    for refused in (lambda: agent.submit(submit), agent.jobs):
        with pytest.raises(NotAllowed, match="does not open this door"):
            refused()


def test_g30_only_an_agents_token_opens_the_agents_door(far: Server) -> None:
    """A user's does not, and neither does an invitation's secret."""
    secret = from_text(far.good("POST", "/invitations", {})["token"]).secret
    for token in (
        made(far, scope="user")["token"],
        made(far, scope="admin")["token"],
        secret,
    ):
        with pytest.raises(InvalidStatus, match="403"):
            Node(far, token=token)


def test_a_token_is_told_once_and_kept_as_a_hash(far: Server) -> None:
    """Neither the list nor the log nor the files have it (G31)."""
    one = made(far, note="laptop", expires_s=60)
    rows = far.good("GET", "/tokens")["tokens"]
    (row,) = [row for row in rows if row["id"] == one["id"]]
    assert (row["note"], row["scope"], row["expired"]) == ("laptop", "user", False)
    assert row["expires_at"] > row["created_at"]
    secret = one["token"]
    assert secret not in json.dumps(rows)
    assert secret not in far.log()
    assert secret.encode() not in (far.home / "rota.db-wal").read_bytes()


def test_a_revoked_token_opens_nothing_at_once(far: Server) -> None:
    """Also one that was used a moment ago."""
    one = made(far)
    with by(far, one["token"]) as client:
        client.info()
        far.good("POST", "/tokens/revoke", {"ids": [one["id"]]})
        with pytest.raises(RotaError, match="not known here"):
            client.info()
    assert one["id"] not in ids(far)
    assert far.call("POST", "/tokens/revoke", {"ids": [one["id"]]})[0] == 404


def test_an_expired_token_opens_nothing(tmp_path: Path) -> None:
    """It is listed as over."""
    with Server(tmp_path / "home") as server:
        token = Token(ME, os.getuid(), "user", 1, expires_at=2)
        store = SqliteStore(server.home / "rota.db", ballast=0)
        store.add_token(hash_of("old"), token)
        store.close()
        with pytest.raises(RotaError, match="has expired"):
            by(server, "old").info()
        rows = server.good("GET", "/tokens")["tokens"]
        assert [row["expired"] for row in rows if row["id"] == hash_of("old")[:10]] == [
            True
        ]


def test_users_make_tokens_of_their_own_only(far: Server) -> None:
    """None for others, none above their role, and none for agents."""
    carol = by(far, made(far, user="carol")["token"])
    assert carol.info()["user"] == "carol"
    for wanted, why in (
        ({"user": "dave"}, "tokens of their own only"),
        ({"scope": "admin"}, "no more than their user has"),
        ({"scope": "agent", "node": "carols"}, "only an administrator"),
    ):
        with pytest.raises(RotaError, match=why):
            carol.create_token(**wanted)
    with pytest.raises(NotAllowed, match="may not invite nodes"):
        carol.invite()
    own = carol.create_token(note="hers")
    assert {row["user"] for row in carol.tokens()} == {"carol"}
    with pytest.raises(RotaError, match="there is no token"):
        carol.revoke(made(far)["id"])
    assert carol.revoke(own["id"])["ids"] == [own["id"]]


def test_an_invitation_is_exchanged_for_a_token_of_that_node_only(far: Server) -> None:
    """It cannot speak for another node; once revoked it is hung up on."""
    told = far.good("POST", "/invitations", {"labels": ["far"], "note": "lab"})
    invitation = from_text(told["token"])
    assert all("#sha256=" in url for url in invitation.urls)
    status, joined = far.call("POST", "/join", {"secret": invitation.secret, "node": "n7"})
    assert (status, joined["node"], joined["labels"]) == (201, "n7", ["far"])
    wrong = Node(far, name="n8", token=joined["token"])
    refused = wrong.hear("refused")["reason"]["text"]
    assert "its token is for the node n7 only" in refused
    node = Node(far, name="n7", token=joined["token"])
    node.hear("welcome")
    row = next(r for r in far.good("GET", "/tokens")["tokens"] if r["node"] == "n7")
    far.good("POST", "/tokens/revoke", {"ids": [row["id"]]})
    with pytest.raises(ConnectionClosed, match="revoked"):
        node.hear("nothing")
    wrong.close()


def test_an_invitation_that_does_not_hold_is_refused_with_a_sentence(far: Server) -> None:
    """Used up, unknown, expired, or a name that is taken: nothing changed by it."""
    secret = from_text(far.good("POST", "/invitations", {})["token"]).secret
    first = Node(far, name="taken")
    first.hear("welcome")
    asked: dict[str, Any] = {"secret": secret, "node": "taken"}
    status, told = far.call("POST", "/join", asked)
    assert (status, "there is a node taken already" in told["error"]) == (409, True)
    first.close()
    assert far.call("POST", "/join", {**asked, "node": "n1"})[0] == 201
    for changed, why in (
        ({"node": "n2"}, "used already"),
        ({"secret": "guess"}, "not known here"),
    ):
        status, told = far.call("POST", "/join", {**asked, "node": "n2", **changed})
        assert (status, why in told["error"]) == (401, True), told
    short = far.good("POST", "/invitations", {"expires_s": 1})
    body = {"secret": from_text(short["token"]).secret, "node": "n3"}

    def too_late() -> bool:
        status, told = far.call("POST", "/join", {**body, "node": "taken!"})
        return status == 401 and "expired at" in told["error"]

    name = Node(far, name="taken!")  # while the name is taken nothing is used up
    name.hear("welcome")
    until(too_late)
    name.close()


def test_a_server_of_one_machine_invites_nobody(server: Server) -> None:
    """It says how to make it reachable; an address given by hand does not help."""
    status, told = server.call("POST", "/invitations", {"addresses": ["box:1"]})
    assert (status, "rota up --listen" in told["error"]) == (409, True)


def test_an_address_may_be_given_by_hand(far: Server) -> None:
    """Behind a gateway the server does not know its own."""
    told = far.good("POST", "/invitations", {"addresses": ["gate.example:9000"]})
    (url,) = from_text(told["token"]).urls
    assert url.startswith("https://gate.example:9000#sha256=")


def test_anybody_may_bring_a_node_that_runs_his_own_jobs_only(far: Server) -> None:
    """By an invitation of his own; it takes no other's name, and not one of a pilot."""
    carol = by(far, made(far, user="carol")["token"])
    word = carol.invite(mine=True, uses=2)["token"]
    secret = from_text(word).secret
    taken = {"secret": secret, "node": "big-1"}
    status, told = far.call("POST", "/join", taken)
    assert (status, "a name as pilots have them" in told["error"]) == (409, True)
    joined = far.good("POST", "/join", {"secret": secret, "node": "carols"})
    node = Node(far, name="carols", token=joined["token"], labels=["hers"])
    node.hear("welcome")
    rows = {row["name"]: row for row in far.good("GET", "/nodes")["nodes"]}
    assert rows["carols"]["serves"] == "carol"
    far.submit(require="hers")
    mine = carol.submit({"argv": ["true"], "cwd": "/", "require": ["hers"]})[0].id
    (ran,) = node.runs(1)
    assert ran[0] == mine
    node.starts(ran)
    node.ends(ran)
    far.until(mine, "done")
    node.close()


def test_a_token_of_ones_own_agent_is_for_one_node(far: Server) -> None:
    """Else it could be any that is there."""
    carol = by(far, made(far, user="carol")["token"])
    with pytest.raises(RotaError, match="for one node: say which"):
        carol.create_token(scope="mine")
    assert carol.create_token(scope="mine", node="carols2")["scope"] == "mine"
