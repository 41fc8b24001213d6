"""The SQL of the hot path: which columns rows have, and the statements that write them.

    write(db, TASK, values=[1, 0, "done", …, 1, 1, "done", …])     flat: row after row

Rows go in by statements of many rows each, powers of two, so that few statements are ever
compiled.  Between statements another thread may take the interpreter; one statement a row
would let a busy event loop stretch a batch a hundredfold.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from rota.store.contract import Token

ROWS_MAX = 128
"""Rows in one statement; more gain nothing (docs/adr/0003-sqlite-group-commit.md)."""

IDS_MAX = 500
"""Values of one kind in one statement that reads: every database takes so many."""


@dataclass(frozen=True, slots=True)
class Writing:
    """One kind of write to one table.

    how: ``insert`` (a second row of the same key is an error), ``once`` (it is dropped),
    ``upsert`` (it replaces the first), ``update`` (there has to be a first), ``delete``
    (it goes, if it is there)
    """

    table: str
    how: str
    columns: tuple[str, ...]
    key: tuple[str, ...] = ()
    _sql: dict[int, str] = field(default_factory=dict, compare=False, repr=False)

    def sql(self, rows: int) -> str:
        """Return the statement that writes so many rows."""
        if rows not in self._sql:
            make = {"update": _update, "delete": _delete}.get(self.how, _insert)
            self._sql[rows] = make(self, rows)
        return self._sql[rows]


def row_of_token(digest: str, token: Token) -> tuple[Any, ...]:
    """Return the row of a token whose hash is *digest*, for ``TOKEN``."""
    return (digest, *token[:8], json.dumps(token.labels), token.parent)


def write(db: sqlite3.Connection, writing: Writing, *, values: Sequence[Any]) -> None:
    """Write rows whose columns stand one after another in *values*."""
    width = len(writing.columns)
    left, start = len(values) // width, 0
    while left:
        rows = min(ROWS_MAX, 1 << (left.bit_length() - 1))
        stop = start + rows * width
        db.execute(writing.sql(rows), values[start:stop])
        left, start = left - rows, stop


def portions(values: Sequence[Any]) -> Iterator[tuple[str, Sequence[Any]]]:
    """Yield ("?, ?, …", so many values) until all *values* have been given."""
    for start in range(0, len(values), IDS_MAX):
        some = values[start : start + IDS_MAX]
        yield ", ".join("?" * len(some)), some


def _insert(writing: Writing, rows: int) -> str:
    names = ", ".join(writing.columns)
    sql = f"INSERT INTO {writing.table} ({names}) VALUES {_holes(writing, rows)}"
    if writing.how == "insert":
        return sql
    if writing.how == "once":
        return f"{sql} ON CONFLICT DO NOTHING"
    rest = [name for name in writing.columns if name not in writing.key]
    changes = ", ".join(f"{name} = excluded.{name}" for name in rest)
    return f"{sql} ON CONFLICT ({', '.join(writing.key)}) DO UPDATE SET {changes}"


def _update(writing: Writing, rows: int) -> str:
    names = ", ".join(writing.columns)
    rest = [name for name in writing.columns if name not in writing.key]
    changes = ", ".join(f"{name} = new.{name}" for name in rest)
    same = " AND ".join(f"{writing.table}.{name} = new.{name}" for name in writing.key)
    return (
        f"WITH new ({names}) AS (VALUES {_holes(writing, rows)}) "
        f"UPDATE {writing.table} SET {changes} FROM new WHERE {same}"
    )


def _delete(writing: Writing, rows: int) -> str:
    names = ", ".join(writing.columns)
    return (
        f"DELETE FROM {writing.table} WHERE ({names}) IN (VALUES {_holes(writing, rows)})"
    )


def _holes(writing: Writing, rows: int) -> str:
    row = "(" + ", ".join("?" * len(writing.columns)) + ")"
    return ", ".join([row] * rows)


_SAID = ("owner", "uid", "name", "queue", "job_key", "submitted_at", "is_array", "request",
         "spec", "env", "array_values", "script")  # fmt: skip
_BECAME = ("state", "counts", "failed", "waiting", "started_at", "ended_at", "reason")
_ENDED = ("started_at", "ended_at", "exit_code", "signal", "reason")

JOB = Writing("job", "insert", ("id", *_SAID, *_BECAME))
JOB_BECAME = Writing("job", "update", ("id", *_BECAME), ("id",))
JOB_SAID = Writing(
    "job", "update",
    ("id", "name", "queue", "request", "spec", "env", "array_values", "script"), ("id",),
)  # fmt: skip
TAG = Writing("tag", "once", ("tag", "job"))
CONTENT = Writing("content", "once", ("digest", "body"))
TASK = Writing(
    "task", "upsert",
    ("job", "task", "state", "attempt", "reason", "failures", "troubles", "not_before",
     "started_at", "ended_at", "exit_code", "signal"), ("job", "task"),
)  # fmt: skip
ATTEMPT = Writing(
    "attempt", "upsert",
    ("job", "task", "n", "node", "alloc", "grants", "placed_at", *_ENDED, "usage",
     "killing"), ("job", "task", "n"),
)  # fmt: skip
EVENT = Writing(
    "event", "insert",
    ("seq", "at", "job", "task", "attempt", "move", "state_before", "state_after",
     "reason", "source"),
)  # fmt: skip
NODE = Writing(
    "node", "upsert",
    ("name", "boot", "cores", "memory", "gpus", "resources", "labels", "seen_at",
     "drained", "requires", "serves"), ("name",),
)  # fmt: skip
NODE_GONE = Writing("node", "delete", ("name",))
SAMPLE = Writing(
    "sample", "once",
    ("job", "task", "attempt", "at", "cpu_ms", "rss", "read_bytes", "written_bytes",
     "processes"),
)  # fmt: skip
TOKEN = Writing(
    "token", "upsert",
    ("digest", "owner", "uid", "scope", "created_at", "note", "expires_at", "uses", "node",
     "labels", "parent"), ("digest",),
)  # fmt: skip

USAGE = Writing("usage", "upsert", ("owner", "used", "at"), ("owner",))

CAP = Writing(
    "cap", "upsert", ("kind", "name", "own", "said", "set_by", "at", "gone"),
    ("kind", "name", "own"),
)  # fmt: skip
BOOKING = Writing(
    "booking", "upsert",
    ("name", "set_at", "said", "set_by", "removed_at", "removed_by"), ("name", "set_at"),
)  # fmt: skip
AUDIT = Writing(
    "audit", "upsert",
    ("id", "at", "owner", "role", "origin", "action", "subject", "why", "refused"),
    ("id",),
)  # fmt: skip
LEARNED = Writing("learned", "upsert", ("name", "said", "at"), ("name",))
POOL = Writing(
    "pool", "upsert",
    ("name", "said", "source", "drained", "removed", "next_n", "gone"), ("name",),
)  # fmt: skip
PILOT = Writing(
    "pilot", "upsert",
    ("pool", "n", "state", "id", "word", "asked_at", "since", "up_at", "ended_at"),
    ("pool", "n"),
)  # fmt: skip

ALL = (
    JOB,
    JOB_BECAME,
    JOB_SAID,
    TAG,
    CONTENT,
    TASK,
    ATTEMPT,
    EVENT,
    NODE,
    SAMPLE,
    TOKEN,
    USAGE,
    NODE_GONE,
    POOL,
    PILOT,
    CAP,
    BOOKING,
    LEARNED,
    AUDIT,
)
