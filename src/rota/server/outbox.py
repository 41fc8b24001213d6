"""What is still to be told to people: a small file of its own, beside the store.

    put(told, deliveries, cursor) ──▶ one transaction ──▶ due(line) ──▶ sent | later
                                                      cursor: the history up to which
                                                      all that was to be told is in here

A server that dies between ``put`` and ``sent`` sends once more, under the same id; what is
in here, or after the cursor, is never forgotten.  It is no part of the store, so that a
slow disk here delays letters and nothing else.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import Any, NamedTuple

_TABLES = """
CREATE TABLE IF NOT EXISTS place (only_one INTEGER PRIMARY KEY, cursor INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS told (
    job INTEGER PRIMARY KEY, started_at INTEGER, has_failed INTEGER, ended_at INTEGER,
    quarter INTEGER, digest_at INTEGER);
CREATE TABLE IF NOT EXISTS delivery (
    id TEXT PRIMARY KEY, line TEXT NOT NULL, whom TEXT NOT NULL, notice TEXT NOT NULL,
    made_at INTEGER NOT NULL, due_at INTEGER NOT NULL, tries INTEGER NOT NULL,
    error TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS delivery_line ON delivery (line, due_at, made_at);
"""

KEPT_MS = 30 * 86_400_000


@dataclass(frozen=True, slots=True)
class Told:
    """What was told of a job already.  ``quarter``: the last quarter a digest told of."""

    started_at: int | None = None
    has_failed: bool = False
    ended_at: int | None = None
    quarter: int = 0
    digest_at: int = 0


class Delivery(NamedTuple):
    """One notice for one recipient.  ``line``: "mail", or the name of the channel."""

    id: str
    line: str
    whom: str
    notice: Mapping[str, Any]
    made_at: int
    due_at: int
    tries: int = 0
    error: str = ""


class Outbox:
    """See the head of the file; methods block, one thread at a time."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        path.chmod(0o600)
        self._db.executescript(_TABLES)

    def close(self) -> None:
        """Let go of the file."""
        self._db.close()

    def cursor(self) -> int | None:
        """Return up to which line of history all is told or in here; None: a new file."""
        row = self._row("SELECT cursor FROM place")
        return None if row is None else int(row[0])

    def told(self, jobs: Sequence[int]) -> dict[int, Told]:
        """Return what was told of those of *jobs* of which anything was."""
        found = {}
        for job in jobs:
            row = self._row("SELECT * FROM told WHERE job = ?", job)
            if row is not None:
                found[job] = Told(row[1], bool(row[2]), *row[3:])
        return found

    def put(
        self, told: Mapping[int, Told], deliveries: Iterable[Delivery], *, cursor: int
    ) -> None:
        """Keep *deliveries* and what they tell, all of it or nothing."""
        self._db.execute("BEGIN IMMEDIATE")
        try:
            self._db.executemany(
                "INSERT OR REPLACE INTO told VALUES (?, ?, ?, ?, ?, ?)",
                [(job, *astuple(each)) for job, each in told.items()],
            )
            self._db.executemany(
                "INSERT OR IGNORE INTO delivery VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                [(*each[:3], json.dumps(each.notice), *each[4:]) for each in deliveries],
            )
            self._db.execute("INSERT OR REPLACE INTO place VALUES (1, ?)", (cursor,))
            self._db.execute("COMMIT")
        finally:
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")

    def due(self, line: str, at: int) -> Delivery | None:
        """Return what is to be sent next over *line*, None when nothing is due at *at*."""
        row = self._row(
            "SELECT * FROM delivery WHERE line = ? AND due_at <= ? "
            "ORDER BY due_at, made_at LIMIT 1", line, at,
        )  # fmt: skip
        if row is None:
            return None
        id, line, whom, notice, made_at, due_at, tries, error = row
        return Delivery(id, line, whom, json.loads(notice), made_at, due_at, tries, error)

    def drop(self, id: str) -> None:
        """Forget a delivery: it was sent, or is given up."""
        self._db.execute("DELETE FROM delivery WHERE id = ?", (id,))

    def later(self, id: str, *, due_at: int, error: str) -> None:
        """Try a delivery again at *due_at*; *error* says what was in the way."""
        self._db.execute(
            "UPDATE delivery SET due_at = ?, tries = tries + 1, error = ? WHERE id = ?",
            (due_at, error, id),
        )

    def waiting(self) -> dict[str, int]:
        """Return {line: deliveries that wait}."""
        query = "SELECT line, count(*) FROM delivery GROUP BY line"
        with closing(self._db.execute(query)) as rows:
            return {str(line): int(count) for line, count in rows}

    def forget(self, at: int) -> None:
        """Let go of what was told of jobs that ended long ago."""
        self._db.execute("DELETE FROM told WHERE ended_at < ?", (at - KEPT_MS,))

    def _row(self, query: str, *values: Any) -> tuple[Any, ...] | None:
        with closing(self._db.execute(query, values)) as rows:
            found: tuple[Any, ...] | None = rows.fetchone()
            return found
