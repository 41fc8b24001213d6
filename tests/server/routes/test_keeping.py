"""``GET /store/copy`` and ``POST /store/check``: for administrators."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from rota.client.http import Client
from rota.core.errors import NotAllowed
from tests.server.running import Server


def test_a_copy_is_of_one_instant_and_leaves_nothing(
    shared: Server, tmp_path: Path
) -> None:
    """What was submitted before is in it; what a server that died left over goes."""
    (shared.home / "copying").mkdir()
    (shared.home / "copying" / "rota.db").write_text("half a copy")
    job = shared.submit(name="kept", held=True)
    status, data, headers = shared.raw("GET", "/api/v1/store/copy")
    assert (status, headers["x-rota-size"]) == (200, str(len(data)))
    (tmp_path / "copy.db").write_bytes(data)
    db = sqlite3.connect(tmp_path / "copy.db")
    assert db.execute("SELECT name FROM job WHERE id = ?", (job,)).fetchone() == ("kept",)
    db.close()
    assert not (shared.home / "copying").exists()


def test_the_store_is_looked_through(shared: Server) -> None:
    """Nothing is wrong with one that serves."""
    told = shared.good("POST", "/store/check")
    assert told == {"schema": "rota.store-check/1", "problems": []}


@pytest.mark.parametrize("scope", ["read", "user"])
def test_g31_nobody_else_may_have_everybodys_secrets(shared: Server, scope: str) -> None:
    """Environments and hashes of tokens are in it."""
    token = shared.good("POST", "/tokens", {"scope": scope})["token"]
    client = Client(shared.facts()["tcp"], token=token)
    with pytest.raises(NotAllowed, match="it takes admin"):
        client.check_store()
    with pytest.raises(NotAllowed, match="it takes admin"):
        client.backup(f"{shared.home}/c.db")
    assert not (shared.home / "c.db").exists()
