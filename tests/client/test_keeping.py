"""A copy of the store brought here: whole, or not there."""

from __future__ import annotations

import asyncio
import os
import sqlite3
from pathlib import Path

import pytest

from rota.client.aio import AsyncClient
from rota.client.http import Client
from rota.core.errors import Conflict, Unreachable
from tests.client.cluster import Cluster
from tests.client.stub import Stub


def test_both_clients_bring_a_database(cluster: Cluster, tmp_path: Path) -> None:
    """One that SQLite opens; nothing is wrong with the store it is of."""

    async def ask() -> list[str]:
        async with AsyncClient(home=str(cluster.home)) as client:
            await client.backup(str(tmp_path / "b.db"))
            return await client.check_store()

    with Client(home=str(cluster.home)) as client:
        assert client.backup(str(tmp_path / "a.db")) == (tmp_path / "a.db").stat().st_size
    assert asyncio.run(ask()) == []
    for name in ("a.db", "b.db"):
        db = sqlite3.connect(tmp_path / name)
        assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        db.close()
    with Client(home=str(cluster.home)) as client, pytest.raises(Conflict):
        client.backup(str(tmp_path / "a.db"))


def test_half_a_copy_is_none(tmp_path: Path) -> None:
    """The server went away in the middle: no file is left that looks like a backup."""
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\nX-Rota-Size: 100\r\n\r\nhalf"
    with Stub(tmp_path / "s.sock", [head]), Client(f"unix:{tmp_path}/s.sock") as client:
        with pytest.raises(Unreachable):
            client.backup(str(tmp_path / "copy.db"))
        assert [name for name in os.listdir(tmp_path) if "copy" in name] == []
