"""Steps from one schema to the next: they lead to the tables, all of them or none."""

from __future__ import annotations

import re
import sqlite3
from pathlib import Path

import pytest

from rota.core.errors import Broken
from rota.store import opening
from rota.store.migrations import upgrade
from rota.store.sqlite import SqliteStore


def laid_out(path: Path) -> dict[str, str]:
    """Return {name: SQL} of all tables and indexes in a file, white space aside."""
    with sqlite3.connect(path) as db:
        rows = db.execute("SELECT name, sql FROM sqlite_schema WHERE sql IS NOT NULL")
        return {name: re.sub(r"\s+", "", sql) for name, sql in rows}


def test_migrations_lead_to_the_schema(tmp_path: Path) -> None:
    """A file made at once and one brought up step by step are alike."""
    made, migrated = tmp_path / "made.db", tmp_path / "migrated.db"
    opening.prepare(made)
    migrated.touch()
    upgrade(migrated)

    assert laid_out(made) == laid_out(migrated)
    for path in (made, migrated):
        with sqlite3.connect(path) as db:
            assert db.execute("PRAGMA user_version").fetchone() == (opening.SCHEMA,)
            version = (f"{opening.SCHEMA:04d}",)
            assert db.execute("SELECT * FROM alembic_version").fetchone() == version
            assert db.execute("SELECT count(*), next_alloc FROM meta").fetchone() == (1, 1)


def test_g06_an_upgrade_that_fails_leaves_the_file_as_it_was(tmp_path: Path) -> None:
    """All steps are one transaction."""
    path = tmp_path / "rota.db"
    db = sqlite3.connect(path)
    db.execute(f"PRAGMA application_id = {opening.APPLICATION_ID}")
    # The last table of the first step is there already: the step breaks at its end.
    db.execute("CREATE TABLE meta (stranger TEXT)")
    db.close()

    with pytest.raises(Broken, match="already exists"):
        SqliteStore(path, ballast=0)
    db = sqlite3.connect(path)
    names = [row[0] for row in db.execute("SELECT name FROM sqlite_schema")]
    db.close()
    assert names == ["meta"]
