"""How rows go into PostgreSQL: a column each as an array, one statement for any number.

values  1 0 done …  1 1 done …      ──▶  {1, 1, …} {0, 1, …} {done, done, …}
few rows, or rows that may be there ──▶  INSERT … SELECT FROM unnest(…) ON CONFLICT …
many new rows                       ──▶  COPY, twice as fast again
                                         (docs/adr/0064-psycopg-and-arrays.md)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rota.store.line import Connection
from rota.store.statements import Writing

COPY_MIN = 200
"""So many new rows are copied; fewer are as fast by the statement."""

Kinds = Mapping[tuple[str, str], str]
"""{(table, column): its type}, as ``kinds`` finds them."""

_KINDS = (
    "SELECT relname, attname, format_type(atttypid, NULL) FROM pg_attribute "
    "JOIN pg_class ON pg_class.oid = attrelid WHERE attnum > 0 AND relkind = 'r' "
    "AND relnamespace = current_schema()::regnamespace"
)


def kinds(db: Connection) -> Kinds:
    """Return the types of all columns there are."""
    return {(table, column): kind for table, column, kind in db.execute(_KINDS)}


def write(db: Connection, writing: Writing, *, values: Sequence[Any], kinds: Kinds) -> int:
    """Write rows whose columns stand one after another in *values*; return how many."""
    if not values:
        return 0
    width = len(writing.columns)
    starts = range(0, len(values), width)
    rows = _last_of_each(
        writing, [tuple(map(storable, values[at : at + width])) for at in starts]
    )
    if writing.how == "insert" and len(rows) >= COPY_MIN:
        names = _named(writing.columns)
        with db.cursor().copy(
            f"COPY {writing.table} ({names}) FROM STDIN".encode()
        ) as into:
            for row in rows:
                into.write_row(row)
        return len(rows)
    columns = [list(column) for column in zip(*rows, strict=True)]
    return db.execute(statement(writing, kinds).encode(), columns).rowcount


def storable(value: Any) -> Any:
    """Return *value* as PostgreSQL keeps it: without NUL, which must stop no server."""
    return value.replace("\0", "\ufffd") if type(value) is str and "\0" in value else value


def _last_of_each(writing: Writing, rows: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """Keep the last of rows with the same key: one statement may touch each row once."""
    if writing.how not in ("upsert", "update"):
        return rows
    at = [writing.columns.index(name) for name in writing.key]
    last = {tuple(row[i] for i in at): row for row in rows}
    return rows if len(last) == len(rows) else list(last.values())


def _named(columns: Sequence[str]) -> str:
    # ``only``, the key of tables of one row, is a word of PostgreSQL's.
    return ", ".join(f'"{name}"' if name == "only" else name for name in columns)


def statement(writing: Writing, kinds: Kinds) -> str:
    """Return the statement that writes rows given as one array for each column."""
    names = _named(writing.columns)
    arrays = ", ".join(f"%s::{kinds[writing.table, c]}[]" for c in writing.columns)
    new = f"unnest({arrays}) AS new ({names})"
    rest = [name for name in writing.columns if name not in writing.key]
    if writing.how == "delete":
        return f"DELETE FROM {writing.table} WHERE ({names}) IN (SELECT {names} FROM {new})"
    if writing.how == "update":
        changes = ", ".join(f"{name} = new.{name}" for name in rest)
        same = " AND ".join(f"{writing.table}.{c} = new.{c}" for c in writing.key)
        return f"UPDATE {writing.table} SET {changes} FROM {new} WHERE {same}"
    insert = f"INSERT INTO {writing.table} ({names}) SELECT {names} FROM {new}"
    if writing.how == "once":
        return f"{insert} ON CONFLICT DO NOTHING"
    if writing.how == "upsert":
        changes = ", ".join(f"{name} = excluded.{name}" for name in rest)
        return f"{insert} ON CONFLICT ({_named(writing.key)}) DO UPDATE SET {changes}"
    return insert
