"""A database on PostgreSQL is made ours, recognised, or left alone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip("psycopg")

from rota.core.errors import Conflict
from rota.store import schema
from rota.store.founding import found, schema_of
from rota.store.line import Line
from rota.store.migrations import upgrade_postgresql
from rota.store.opening import SCHEMA
from tests.real import postgres

LAID_OUT = (
    "SELECT relname, attname, format_type(atttypid, NULL), attnotnull FROM pg_attribute "
    "JOIN pg_class ON pg_class.oid = attrelid WHERE attnum > 0 AND relkind IN ('r', 'i') "
    "AND relnamespace = current_schema()::regnamespace AND relname NOT LIKE 'alembic%' "
    "ORDER BY relname, attnum"
)


@pytest.fixture
def line() -> Iterator[Line]:
    """A schema of its own, which goes with the test."""
    cluster = postgres.running()
    admin = Line(cluster.url()).writer()
    admin.execute("CREATE SCHEMA apart")
    yield Line(cluster.url("apart"))
    admin.execute("DROP SCHEMA apart CASCADE")
    admin.close()


def test_the_script_is_made_from_the_tables() -> None:
    """``python -m rota.store.schema postgresql`` prints it."""
    script = Path(schema.__file__).with_name("schema_postgresql.sql")

    assert script.read_text("utf-8") == schema.script("postgresql")


@pytest.mark.real
def test_tables_are_made_once(line: Line) -> None:
    """The second time they are recognised."""
    found(line)
    found(line)

    db = line.writer()
    assert schema_of(db) == SCHEMA
    db.close()


@pytest.mark.real
def test_migrations_lead_to_the_same_tables(line: Line) -> None:
    """Step by step from nothing, or made at once: the same columns and indexes."""
    upgrade_postgresql(line.writer)
    db = line.writer()
    migrated = db.execute(LAID_OUT).fetchall()
    db.execute("DROP SCHEMA apart CASCADE")
    db.execute("CREATE SCHEMA apart")
    found(line)

    assert db.execute(LAID_OUT).fetchall() == migrated
    db.close()


@pytest.mark.real
def test_foreign_and_newer_databases_are_left_alone(line: Line) -> None:
    """With a sentence that says what to do (G04)."""
    db = line.writer()
    db.execute("CREATE TABLE customers (id int)")
    with pytest.raises(Conflict, match=r"customers.*createdb rota"):
        found(line)
    db.execute("DROP TABLE customers")
    found(line)
    db.execute("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(Conflict, match="newer Rota"):
        found(line)
    db.close()
