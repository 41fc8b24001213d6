"""A glob among values is a string to every driver that does not ask."""

from __future__ import annotations

import sqlite3

from rota.store.database import Database, Glob


def test_sqlite_takes_a_glob_as_it_is() -> None:
    """A connection of SQLite is a database as it stands."""
    db: Database = sqlite3.connect(":memory:")

    assert db.execute("SELECT 'sim-1' GLOB ?", (Glob("sim*"),)).fetchone() == (1,)
