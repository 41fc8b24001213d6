"""Numbered steps from the schema of any released version to the present one.

    versions/0001_first.py ──→ 0002_….py ──→ …      Alembic runs what a file still lacks

All steps of an upgrade are one transaction: a server that dies in it finds the file as it
was.  A step is never edited once released; ``tests/old`` holds a file of every version.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine, event, pool
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError

from rota.core.errors import Broken
from rota.store.opening import connect


def upgrade_postgresql(connect: Callable[[], Any], *, to: str = "head") -> None:
    """Bring the PostgreSQL database that *connect* connects to to the schema *to*.

    Raises:
        Broken: a step failed; none was taken.
    """
    engine = create_engine(
        "postgresql+psycopg://", creator=connect, poolclass=pool.NullPool
    )
    event.listen(engine, "begin", _begin_there)
    try:
        with engine.begin() as db:
            _run_steps(db, to=to)
    except DBAPIError as error:
        told = f"the database cannot be upgraded and is as it was: {error.orig}"
        raise Broken(told) from error
    finally:
        engine.dispose()


def upgrade(path: Path, *, to: str = "head") -> None:
    """Bring the SQLite database at *path* to the schema *to*, or leave it as it is.

    Raises:
        Broken: a step failed; none was taken.
    """
    engine = create_engine(
        "sqlite://", creator=lambda: connect(path), poolclass=pool.NullPool
    )
    event.listen(engine, "begin", _begin)
    try:
        with engine.begin() as db:
            _run_steps(db, to=to)
            version = db.exec_driver_sql("SELECT version_num FROM alembic_version")
            db.exec_driver_sql(f"PRAGMA user_version = {int(version.scalar_one())}")
    except DBAPIError as error:
        told = f"the database {path} cannot be upgraded and is as it was: {error.orig}"
        raise Broken(told) from error
    finally:
        engine.dispose()


def _run_steps(db: Connection, *, to: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.attributes["connection"] = db
    command.upgrade(config, to)


def _begin_there(db: Connection) -> None:
    """Connections of the store say themselves where transactions begin."""
    db.exec_driver_sql("BEGIN")


def _begin(db: Connection) -> None:
    """The driver begins no transaction by itself here, so that DDL is in it too."""
    db.exec_driver_sql("BEGIN IMMEDIATE")
