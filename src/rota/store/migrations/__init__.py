"""Numbered steps from the schema of any released version to the present one.

    versions/0001_first.py ──→ 0002_….py ──→ …      Alembic runs what a file still lacks

All steps of an upgrade are one transaction: a server that dies in it finds the file as it
was.  A step is never edited once released; ``tests/old`` holds a file of every version.
"""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine, event, pool
from sqlalchemy.engine import Connection

from rota.store.opening import connect


def upgrade(path: Path, *, to: str = "head") -> None:
    """Bring the SQLite database at *path* to the schema *to*, or leave it as it is."""
    engine = create_engine(
        "sqlite://", creator=lambda: connect(path), poolclass=pool.NullPool
    )
    event.listen(engine, "begin", _begin)
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    with engine.begin() as db:
        config.attributes["connection"] = db
        command.upgrade(config, to)
        found = db.exec_driver_sql("SELECT version_num FROM alembic_version").scalar_one()
        db.exec_driver_sql(f"PRAGMA user_version = {int(found)}")
    engine.dispose()


def _begin(db: Connection) -> None:
    """The driver begins no transaction by itself here, so that DDL is in it too."""
    db.exec_driver_sql("BEGIN IMMEDIATE")
