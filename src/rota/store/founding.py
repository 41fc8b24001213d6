"""A database on PostgreSQL made ours: tables made if there are none, or recognised.

no tables    ──→ schema_postgresql.sql in one transaction: whole or not at all
our tables   ──→ their schema: newer is refused, older is brought up to date by the leader
other tables ──→ refused; nothing was changed (G04)
"""

from __future__ import annotations

import secrets
from pathlib import Path

from rota.core.errors import Broken, Conflict
from rota.store.line import Connection, Line
from rota.store.opening import SCHEMA

# Two servers that found a database at once: one waits for the other.
_TURN = "SELECT pg_advisory_xact_lock(1919906913, hashtext(current_schema()))"


def found(line: Line) -> None:
    """See that our tables are there.

    Raises:
        Conflict: what is there is not ours, or newer than we are;  StoreAway
    """
    with line.told_apart(), line.writer() as db, db.transaction():
        db.execute(_TURN)
        tables = {row[0] for row in db.execute(
            "SELECT tablename FROM pg_tables WHERE schemaname = current_schema()"
        )}  # fmt: skip
        if not tables:
            _create(db)
        elif not {"alembic_version", "meta", "leader"} <= tables:
            raise Conflict(
                f"the database {line.shown} holds tables of something else "
                f"({', '.join(sorted(tables)[:3])} …); nothing was changed. "
                "Make an empty database for Rota: createdb rota"
            )
        elif schema_of(db) > SCHEMA:
            raise Conflict(
                f"the database {line.shown} was written by a newer Rota: its schema is "
                f"{schema_of(db)}, this version knows them up to {SCHEMA}; nothing was "
                "changed. Install the newer version again"
            )


def schema_of(db: Connection) -> int:
    """Return the number of the last migration that was taken."""
    row = db.execute("SELECT version_num FROM alembic_version").fetchone()
    return int(row[0]) if row else 0


def bring_up_to_date(line: Line, db: Connection) -> None:
    """Take the steps that *db* lacks; only who leads may do that."""
    if schema_of(db) == SCHEMA:
        return
    # Only an upgrade needs them, and they cost a server 36 MB.
    from rota.store.migrations import upgrade_postgresql

    upgrade_postgresql(line.writer)
    if schema_of(db) != SCHEMA:
        raise Broken(f"the database {line.shown} was not upgraded to schema {SCHEMA}")


def _create(db: Connection) -> None:
    script = Path(__file__).with_name("schema_postgresql.sql").read_text("utf-8")
    db.execute(script.encode())
    db.execute("CREATE TABLE alembic_version (version_num VARCHAR(32) PRIMARY KEY)")
    db.execute("INSERT INTO alembic_version VALUES (%s)", (f"{SCHEMA:04d}",))
    db.execute("INSERT INTO meta VALUES (1, %s, 1, 0, 0, '')", (secrets.token_hex(8),))
    db.execute("INSERT INTO leader VALUES (1, 0, 0, '')")
