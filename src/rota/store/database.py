"""What questions need of a database: one way to ask, whatever driver answers.

    find, queries, tasks, images …  ──▶  Database.execute(sql, values)
                                           ├─ sqlite3.Connection, as it is
                                           └─ line.Reader, on PostgreSQL

The SQL is what both understand: ``?`` for a value, ``GLOB`` for a shell glob.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Protocol


class Found(Protocol):
    """The rows that a question has for an answer."""

    def fetchone(self) -> Any:
        """Return the next row, or None."""

    def fetchall(self) -> list[Any]:
        """Return all rows that are left."""

    def __iter__(self) -> Iterator[Any]:
        """Return the rows one by one."""


class Database(Protocol):
    """See the head of the file."""

    def execute(self, sql: str, values: Sequence[Any] = (), /) -> Found:
        """Ask *sql* with *values* for its ``?``; return the rows."""


class Glob(str):
    """A shell glob among the values of a question, as SQLite's GLOB reads them.

    A database that matches otherwise knows by the class what it has to translate.
    """

    __slots__ = ()
