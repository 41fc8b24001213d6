"""A store copied into another is the same store, on whatever database."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip("psycopg")

from rota.core.errors import Broken
from rota.store import moving, schema
from rota.store.line import Line
from rota.store.opening import connect
from rota.store.postgres import PostgresStore
from rota.store.sqlite import SqliteStore
from tests.old.make import fill
from tests.real import postgres


@pytest.fixture
def source(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    """A queue in use, read."""
    store = SqliteStore(tmp_path / "rota.db", ballast=0)
    fill(store)
    store.close()
    db = connect(tmp_path / "rota.db")
    yield db
    db.close()


def quietly(_table: str, _rows: int) -> None:
    """Tell nobody how far it is."""


def test_every_table_is_moved_but_who_leads() -> None:
    """One that is forgotten here would be lost on the way."""
    names = {writing.table for writing in moving.tables()}

    assert names == set(schema.metadata.tables) - {"leader", "peer"}
    for writing in moving.tables():
        table = schema.metadata.tables[writing.table]
        assert set(writing.columns) == set(table.columns.keys())
        assert moving.KEYS[writing.table] == tuple(c.name for c in table.primary_key)


@pytest.mark.real
def test_there_and_back_is_the_same(source: sqlite3.Connection, tmp_path: Path) -> None:
    """Each table has as many rows, and the same digest; a store opens with its queue."""
    before = moving.sums(source)
    with postgres.running().lent() as url:
        PostgresStore(url).close()
        line = Line(url)
        db = line.writer()
        with db.transaction():
            moving.to_postgres(source, db, told=quietly)
        db.close()
        store = PostgresStore(url)
        assert [job.added.id for job in store.load().jobs] == [2, 3, 4]
        assert store.check() == []
        store.backup(tmp_path / "back.db")
        store.close()
    back = connect(tmp_path / "back.db")
    after = moving.sums(back)
    back.close()

    assert before["job"].rows == 5
    assert after.pop("meta").rows == before.pop("meta").rows == 1
    assert after == before


def test_a_copy_that_differs_is_given_up(
    source: sqlite3.Connection, tmp_path: Path
) -> None:
    """Nothing is left of it."""
    with pytest.raises(Broken, match="differs from its source in job"):
        moving.copied_to_file(_Forgetful(source), tmp_path / "copy.db")

    assert not (tmp_path / "copy.db").exists()


class _Forgetful:
    """A database that answers otherwise the second time it is asked about jobs."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db, self._asked = db, 0

    def execute(self, sql: str, values: object = (), /) -> sqlite3.Cursor:
        """Answer; the second time without the first job."""
        self._asked += " FROM job " in sql
        hidden = "FROM job WHERE id > 1" if self._asked > 1 else "FROM job"
        return self._db.execute(sql.replace("FROM job", hidden))
