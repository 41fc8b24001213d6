"""A whole store copied into another, row by row, and both compared.

    source ──rows of each table, in the order of its key──▶ target, one transaction
       └── count, digest ───────── must be equal ─────────── count, digest ──┘

What is copied is one instant of the source.  Nothing of the source is changed here.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

from rota.core.errors import Broken, Conflict, Missing
from rota.store import arrays, opening
from rota.store import statements as sql
from rota.store.database import Database
from rota.store.line import Connection, Reader
from rota.store.statements import Writing

PORTION = 5000

Row = tuple[Any, ...]
Told = Callable[[str, int], None]
"""Is told (table, rows copied so far)."""


class Sum(NamedTuple):
    """What a table holds: how many rows, and a digest over them in the order of its key."""

    rows: int
    digest: str


META = Writing(
    "meta", "upsert",
    ("only", "server_id", "next_alloc", "epoch", "commits", "moved"), ("only",),
)  # fmt: skip

KEYS = {
    "job": ("id",), "tag": ("tag", "job"), "content": ("digest",), "task": ("job", "task"),
    "attempt": ("job", "task", "n"), "event": ("seq",), "node": ("name",),
    "sample": ("job", "task", "attempt", "at"), "token": ("digest",), "usage": ("owner",),
    "cap": ("kind", "name", "own"), "pool": ("name",), "pilot": ("pool", "n"),
    "booking": ("name", "set_at"), "audit": ("id",), "learned": ("name",),
    "meta": ("only",),
}  # fmt: skip
"""What a store holds, and how it is put in order; who leads, and where, stays behind."""


def tables() -> list[Writing]:
    """Return how a row of each table is written."""
    whole = {w.table: w for w in sql.ALL if w.how not in ("update", "delete")}
    return [*(whole[name] for name in KEYS if name != "meta"), META]


def rows(db: Database, writing: Writing) -> Iterator[Row]:
    """Yield all rows of a table in the order of its key."""
    names = ", ".join(f'"{name}"' for name in writing.columns)
    order = ", ".join(f'"{name}"' for name in KEYS[writing.table])
    query = f"SELECT {names} FROM {writing.table} ORDER BY {order}"
    if isinstance(db, Reader):
        yield from db.stream(query)
    else:
        yield from db.execute(query)


def sums(db: Database) -> dict[str, Sum]:
    """Return what each table of *db* holds."""
    found = {}
    for writing in tables():
        digest, count = hashlib.blake2b(digest_size=16), 0
        for row in rows(db, writing):
            digest.update(_said(row))
            count += 1
        found[writing.table] = Sum(count, digest.hexdigest())
    return found


def _said(row: Sequence[Any]) -> bytes:
    return repr([_alike(value) for value in row]).encode("utf-8", "surrogatepass")


def _alike(value: Any) -> Any:
    """Return *value* as it is on every database."""
    return bytes(value) if isinstance(value, memoryview) else arrays.storable(value)


def to_sqlite(
    source: Database, target: sqlite3.Connection, *, told: Told, moved: str = ""
) -> dict[str, Sum]:
    """Copy all of *source* into the fresh *target*; return what both hold.

    moved: what ``meta`` of the target says afterwards, see ``places``
    """
    target.execute("BEGIN")
    for writing in tables():
        for portion, done in _portions(source, writing):
            flat = [value for row in portion for value in row]
            sql.write(target, writing, values=flat)
            told(writing.table, done)
    found = sums(source)
    _compare(found, sums(target))
    if moved:
        target.execute("UPDATE meta SET moved = ?, epoch = epoch + 1", (moved,))
    target.execute("COMMIT")
    return found


def to_postgres(
    source: Database, target: Connection, *, told: Told, moved: str = ""
) -> dict[str, Sum]:
    """Copy all of *source* into *target*, emptied before, in the transaction it is in.

    Return what both hold; *moved* as for ``to_sqlite``.
    """
    types = arrays.kinds(target)
    for writing in tables():
        target.execute(f"TRUNCATE {writing.table}".encode())
        for portion, done in _portions(source, writing):
            flat = [value for row in portion for value in row]
            arrays.write(target, writing, values=flat, kinds=types)
            told(writing.table, done)
    found = sums(source)
    _compare(found, sums(Reader(target)))
    if moved:
        target.execute("UPDATE meta SET moved = %s, epoch = epoch + 1", (moved,))
    return found


def _portions(source: Database, writing: Writing) -> Iterator[tuple[list[Row], int]]:
    every, done = rows(source, writing), 0
    while portion := list(islice(every, PORTION)):
        done += len(portion)
        yield portion, done


def _compare(before: dict[str, Sum], after: dict[str, Sum]) -> None:
    wrong = sorted(name for name in before if before[name] != after[name])
    if wrong:
        raise Broken(
            f"the copy differs from its source in {', '.join(wrong)}; it was given up"
        )


def copied_to_file(source: Database, path: Path) -> None:
    """Write a copy of *source* to a new SQLite file at *path*: whole or not at all.

    Raises:
        Conflict: there is something already;  Missing: its folder is not there.
    """
    if path.exists():
        raise Conflict(f"{path} exists already; a backup never overwrites a file")
    if not path.parent.is_dir():
        raise Missing(f"there is no folder {path.parent} for a backup")

    def fill(db: sqlite3.Connection) -> None:
        to_sqlite(source, db, told=lambda _table, _rows: None)

    opening.make(path, fill)
