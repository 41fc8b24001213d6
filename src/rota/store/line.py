"""Connections to PostgreSQL, and what their errors mean.

    postgresql://user@host/name ──▶ Line ──▶ writer()   autocommit: we say where it begins
                                      └────▶ reader()   Reader: ``?`` and GLOB understood

    connection lost   StoreAway   the outcome is unknown; the store finds out (``postgres``)
    53100 disk full   StoreFull   nothing was written
    everything else   Broken      a bug, a damaged table

No wait here is without a bound: connecting, and a peer that is silent, are given up on.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from typing import Any

import msgspec
import psycopg
from psycopg.adapt import Dumper
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from rota.core.errors import Broken, Refused
from rota.store.contract import StoreAway, StoreFull
from rota.store.database import Found, Glob

Connection = psycopg.Connection[tuple[Any, ...]]

_PATIENCE = {
    "connect_timeout": 5,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
    "tcp_user_timeout": 10_000,
}
_DISK_FULL = "53100"
STREAM_ROWS = 5000


class Line:
    """Makes connections to one database; *url* may hold a password.

    Shapes:
        address: *url* without it, as it can be given again;  shown: for people
    """

    def __init__(self, url: str) -> None:
        """Read *url*; nothing is connected yet.

        Raises:
            Refused: it cannot be read.
        """
        try:
            said = conninfo_to_dict(url)
        except psycopg.Error as error:
            raise Refused(
                f"cannot read the address of the database: {str(error).strip()}; "
                "write postgresql://USER@HOST:PORT/NAME"
            ) from None
        self._conninfo = make_conninfo(**{k: str(v) for k, v in (_PATIENCE | said).items()})
        self.address = _without_password(url)
        host = said.get("host") or "the local socket"
        self.shown = f"{said.get('dbname') or 'the default database'} at {host}"

    def writer(self, name: str = "rota") -> Connection:
        """Return a connection that announces itself as *name*.

        Raises:
            StoreAway: nobody answers there.
        """
        with self.told_apart():
            db = psycopg.connect(self._conninfo, autocommit=True, application_name=name)
            db.execute("SET client_encoding = 'UTF8'")
            return db

    def reader(self) -> Reader:
        """Return a connection that only reads, each transaction at one instant."""
        db = self.writer("rota reader")
        db.adapters.register_dumper(Glob, _GlobDumper)
        return Reader(db)

    @contextmanager
    def told_apart(self) -> Iterator[None]:
        """Turn what the driver raises into errors of ours."""
        try:
            yield
        except psycopg.Error as error:
            raise self.translated(error) from error
        except msgspec.MsgspecError as error:
            told = f"the database {self.shown} is damaged: a row cannot be read: {error}"
            raise Broken(told) from error

    def translated(self, error: psycopg.Error) -> Exception:
        """Return the error of ours that the driver's *error* means."""
        said = " ".join(str(error).split())
        if error.sqlstate == _DISK_FULL:
            return StoreFull(f"no room for {self.shown}: {said}")
        if is_away(error):
            return StoreAway(
                f"the database {self.shown} does not answer: {said}; what runs goes on, "
                "new work is taken when it is back"
            )
        return Broken(f"the database {self.shown} cannot be used: {said}")


def _without_password(url: str) -> str:
    url = re.sub(r"^(\w+://[^/?#]*?):[^/?#]*@", r"\1@", url)
    return re.sub(r"([?&])password=[^&]*(&|$)", r"\1", url).rstrip("?&")


class Reader:
    """A ``database.Database`` on PostgreSQL: for one thread at a time."""

    def __init__(self, db: Connection) -> None:
        self._db = db

    def stream(self, sql: str) -> Iterator[tuple[Any, ...]]:
        """Yield the rows of *sql* a portion at a time, however many there are."""
        with self._db.cursor(name="rota_stream") as cursor:
            cursor.itersize = STREAM_ROWS
            yield from cursor.execute(translated_sql(sql).encode())

    def begin(self) -> None:
        """Begin to read one committed instant."""
        self._db.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")

    def end(self) -> None:
        """End the transaction, if it still lives."""
        if not self._db.closed:
            self._db.execute("ROLLBACK")

    def close(self) -> None:
        """Let the connection go."""
        self._db.close()

    @property
    def is_closed(self) -> bool:
        """Whether it is gone."""
        return self._db.closed

    def execute(self, sql: str, values: Sequence[Any] = (), /) -> Found:
        """Ask *sql*, written for every database, with *values*."""
        return self._db.execute(translated_sql(sql).encode(), tuple(values))


class _GlobDumper(Dumper):
    """Globs travel as the regular expressions they are to PostgreSQL."""

    def dump(self, obj: Glob) -> bytes:
        """Return the bytes of the expression."""
        return regex_of(obj).encode()


@cache
def translated_sql(sql: str) -> str:
    """Return *sql* as the driver and PostgreSQL read it."""
    return sql.replace("%", "%%").replace("?", "%s").replace(" GLOB ", " ~ ")


def regex_of(glob: str) -> str:
    """Return the regular expression that matches what SQLite's GLOB would.

    A bracket that is never closed matches nothing there, and so it does here.
    """
    parts, at = ["^(?:"], 0
    while at < len(glob):
        char = glob[at]
        if char == "[":
            end = glob.find("]", at + (3 if glob[at + 1 : at + 2] == "^" else 2))
            if end < 0:
                return "^(?!.*)"
            parts.append(_class_of(glob[at + 1 : end]))
            at = end
        else:
            parts.append({"*": ".*", "?": "."}.get(char) or re.escape(char))
        at += 1
    return "".join([*parts, ")$"])


def _class_of(inside: str) -> str:
    negated, members = inside[:1] == "^", inside.removeprefix("^")
    shown = re.sub(r"([\\\[\]^])", r"\\\1", members)
    return f"[{'^' if negated else ''}{shown}]"


def is_away(error: psycopg.Error) -> bool:
    """Whether *error* says that the connection, not the question, is what failed."""
    if isinstance(error, psycopg.InterfaceError):
        return True
    state = error.sqlstate or ""
    gone = not state or state.startswith(("08", "57P"))
    return isinstance(error, psycopg.OperationalError) and gone
