"""One schema, told three times: tables, migrations, and the SQL a server runs."""

from __future__ import annotations

import re
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from rota.store import opening, schema, statements
from rota.store.migrations import upgrade


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
            assert db.execute("SELECT * FROM alembic_version").fetchone() == ("0001",)
            assert db.execute("SELECT count(*), next_alloc FROM meta").fetchone() == (1, 1)


def test_the_script_is_made_from_the_tables() -> None:
    """``python -m rota.store.schema > schema.sql`` brings it up to date."""
    script = Path(schema.__file__).with_name("schema.sql")

    assert script.read_text("utf-8") == schema.sqlite_script()


@pytest.mark.parametrize("writing", statements.ALL, ids=lambda w: f"{w.table}-{w.how}")
def test_statements_write_columns_there_are(writing: statements.Writing) -> None:
    """What is inserted is every column of its table; what is a key is its key."""
    table = schema.metadata.tables[writing.table]

    if writing.how != "update":
        assert sorted(writing.columns) == sorted(table.columns.keys())
    assert set(writing.columns) <= set(table.columns.keys())
    if writing.key:
        assert set(writing.key) == {column.name for column in table.primary_key}


def test_a_running_server_does_without_sqlalchemy(tmp_path: Path) -> None:
    """It costs 23 MB and a tenth of a second, and only an upgrade needs it."""
    code = (
        "import sys; from pathlib import Path; from rota.store.sqlite import SqliteStore; "
        "SqliteStore(Path(sys.argv[1]), ballast=0).load(); "
        "print([m for m in ('sqlalchemy', 'alembic') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, tmp_path / "rota.db"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip

    assert done.stdout == "[]\n"
