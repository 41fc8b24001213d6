"""Users and accounts over the API: the tree of the operator's file, and who submitted."""

from __future__ import annotations

import pytest

from tests.server.running import Server

TREE = "shares: {physics: {shares: 3, members: {ann: 1, theory: {}}}, cyd: 1}\n"


def test_the_tree_is_listed_with_who_is_in_it(shared: Server) -> None:
    """Accounts from the top, users once for each account."""
    path = shared.home / "config.yaml"
    path.write_text(TREE)
    try:
        shared.good("POST", "/config/reload")
        accounts = {a["name"]: a for a in shared.good("GET", "/accounts")["accounts"]}
        users = {u["name"]: u for u in shared.good("GET", "/users")["users"]}
    finally:
        path.unlink()
        shared.good("POST", "/config/reload")
    assert accounts["theory"]["account"] == "physics"
    assert accounts["physics"]["entitled"] >= 0.5
    assert users["ann"]["account"] == "physics"
    assert users["cyd"]["shares"] == pytest.approx(1.0)


def test_a_limit_is_in_force_at_once_and_marked_as_live(shared: Server) -> None:
    """The file's own have no *set_by*; each that is not bound is named."""
    told = shared.good(
        "POST", "/limits", {"kind": "user", "name": "eve", "set": {"jobs": 2}}
    )
    [limit] = told["limits"]
    assert (told["schema"], limit["jobs"], bool(limit["set_by"])) == (
        "rota.limits/1",
        2,
        True,
    )
    told = shared.good("POST", "/limits", {"kind": "user", "name": "eve"})
    assert told["limits"] == []
