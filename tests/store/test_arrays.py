"""Rows as arrays: the statements PostgreSQL is given."""

from __future__ import annotations

import pytest

pytest.importorskip("psycopg")

from rota.store import statements as sql
from rota.store.arrays import COPY_MIN, kinds, statement, write
from rota.store.line import Line
from rota.store.postgres import PostgresStore
from tests.real import postgres

KINDS = {("usage", "owner"): "text", ("usage", "used"): "double precision",
         ("usage", "at"): "bigint"}  # fmt: skip


def test_a_statement_names_the_types_of_its_arrays() -> None:
    """A column of nothing but NULL could not tell its own."""
    assert statement(sql.USAGE, KINDS) == (
        "INSERT INTO usage (owner, used, at) SELECT owner, used, at "
        "FROM unnest(%s::text[], %s::double precision[], %s::bigint[]) "
        "AS new (owner, used, at) ON CONFLICT (owner) DO UPDATE "
        "SET used = excluded.used, at = excluded.at"
    )


@pytest.mark.real
@pytest.mark.parametrize("count", [1, COPY_MIN - 1, COPY_MIN, 3 * COPY_MIN])
def test_any_number_of_rows_is_written(count: int) -> None:
    """By the statement or copied: words with everything in them, and NULLs."""
    with postgres.running().lent() as url:
        PostgresStore(url).close()
        db = Line(url).writer()
        rows = [
            (seq, 5, 1, None, None, "move", None, 'a\t"\\N\né', None, "x")
            for seq in range(count)
        ]
        flat = [value for row in rows for value in row]

        assert write(db, sql.EVENT, values=flat, kinds=kinds(db)) == count
        names = ", ".join(sql.EVENT.columns)
        found = db.execute(f"SELECT {names} FROM event ORDER BY seq".encode()).fetchall()
        db.close()
        assert found == rows
