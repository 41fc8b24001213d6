"""wq rm, node, limit, refresh, serve."""

from __future__ import annotations

from rota.client.http import Client
from tests.faces.wq.conftest import Wq


def test_rm(wq: Wq, client: Client) -> None:
    """One, or all of one's own; what is not there is told."""
    jobs = [
        client.submit({"command": "true", "cwd": "/", "held": True})[0].id for _ in "ab"
    ]
    said = wq("rm", "99999999")
    assert said.code == 1 and said.err.startswith("Cannot remove, reason= there is no job")
    assert wq("rm", "all").code == 0
    assert {client.job(job).state for job in jobs} == {"cancelled"}
    assert wq("rm").code == 2


def test_nodes_go_and_come(wq: Wq, client: Client) -> None:
    """Spelt with and without a blank."""
    assert wq("node", "node1", "status:offline").code == 0
    try:
        assert client.nodes()[0].state == "drained"
        assert "[XX]" in wq("stat").out
    finally:
        assert wq("node", "node1", "status: online").code == 0
    assert client.nodes()[0].state == "up"
    assert wq("node", "node1").code == 2 and wq("node", "node1", "status: up").code == 2


def test_limits_are_ones_own(wq: Wq, client: Client) -> None:
    """Set, one of them taken back by −1, all of them by clear."""

    def mine() -> str:
        return str([limit for user in client.users()["users"] for limit in user["limits"]])

    assert wq("limit", "Njobs: 25; cores: 100").code == 0
    assert "25" in mine() and "100" in mine()
    assert wq("limit", "run: -1").code == 0
    assert "25" not in mine() and "100" in mine()
    assert wq("limit", "clear").code == 0
    assert "100" not in mine()
    assert wq("limit", "hours: 3").code == 2 and wq("limit").code == 2


def test_the_rest(wq: Wq) -> None:
    """refresh asks whether there is a server; a port and unknown words are taken well."""
    assert wq("-p", "51093", "refresh").code == 0
    assert wq("serve").code == 2
    assert wq("nosuch").code == 1 and "wq sub" in wq("-h").out
    assert wq("ls", "-h").out.startswith("usage: wq ls")
