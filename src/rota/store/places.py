"""The two places a queue can lie in, as they look to who moves it from one to the other.

      source                             target
    1 read of one instant ──copy──▶ 2 all rows, and the mark "from SOURCE": one transaction
    3 the mark "to TARGET"
                                    4 the mark taken away: the queue is here

Whoever dies in between leaves at most one place that a server opens; the same command
again goes on from there.  No row of the source is changed.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from rota.core.errors import Broken, Conflict, Missing
from rota.store import founding, moving, opening
from rota.store.database import Database
from rota.store.leading import Seat
from rota.store.line import Connection, Reader
from rota.store.moving import Sum, Told
from rota.store.trouble import told_apart


class Mark(NamedTuple):
    """What a place says of itself.

    Shapes:
        server_id: of the queue that is or was here
        moved:     "", or "to PLACE" or "from PLACE": no server opens it
        is_used:   something happened in it
    """

    server_id: str
    moved: str
    is_used: bool


_MARK = "SELECT server_id, moved, (SELECT count(*) FROM event) FROM meta"


class Place(Protocol):
    """A database, held by us alone.  ``name``: as ``--from`` and ``--to`` take it."""

    name: str

    def mark(self) -> Mark | None:
        """Return what it says of itself; None when there is nothing."""

    def read(self) -> AbstractContextManager[Database]:
        """Show one instant of it."""

    def take(self, source: Database, moved: str, *, told: Told) -> dict[str, Sum]:
        """Let all of *source* take the place of what is here, and say *moved*."""

    def say(self, moved: str) -> None:
        """Say *moved* of itself, durably."""


class FilePlace:
    """The SQLite database of a home whose lock we hold."""

    def __init__(self, home: Path) -> None:
        self.name, self.path = str(home), home / "rota.db"
        if self.path.exists():
            opening.prepare(self.path)

    def mark(self) -> Mark | None:
        """Return what it says of itself; None when there is nothing."""
        if not self.path.exists():
            return None
        with self.read() as db:
            return _mark_of(db.execute(_MARK).fetchone())

    @contextmanager
    def read(self) -> Iterator[sqlite3.Connection]:
        """Show one instant of it."""
        with told_apart(self.path), contextlib.closing(opening.connect(self.path)) as db:
            db.execute("BEGIN")
            yield db
            db.execute("ROLLBACK")

    def take(self, source: Database, moved: str, *, told: Told) -> dict[str, Sum]:
        """Let all of *source* take the place of what is here, which is kept aside."""
        found: dict[str, Sum] = {}

        def fill(db: sqlite3.Connection) -> None:
            found.update(moving.to_sqlite(source, db, told=told, moved=moved))

        with told_apart(self.path):
            if self.path.exists():
                self._put_aside()
            opening.make(self.path, fill)
        return found

    def _put_aside(self) -> None:
        """Keep a copy of what is here, one file, and make room."""
        count = len(list(self.path.parent.glob(f"{self.path.name}.before-move-*")))
        opening.copy(
            self.path, self.path.with_name(f"{self.path.name}.before-move-{count + 1}")
        )
        for suffix in ("", "-wal", "-shm"):
            self.path.with_name(self.path.name + suffix).unlink(missing_ok=True)

    def say(self, moved: str) -> None:
        """Say *moved* of itself, durably."""
        with told_apart(self.path), contextlib.closing(opening.connect(self.path)) as db:
            db.execute("PRAGMA synchronous = FULL")
            db.execute("UPDATE meta SET moved = ?", (moved,))


class ServerPlace:
    """A database on PostgreSQL that we lead, so that no server does."""

    def __init__(self, seat: Seat) -> None:
        """Lead with *seat*.

        Raises:
            Conflict: a server leads it.
        """
        self.line, self.seat = seat.line, seat
        self.name = self.line.address
        if not seat.take():
            raise Conflict(
                f"a server leads the database {self.line.shown} ({seat.holder()}); stop it "
                "and those that stand by: jobs run on meanwhile"
            )
        self._db = self.line.writer(seat.name)
        with self.line.told_apart():
            founding.bring_up_to_date(self.line, self._db)
        seat.keep()

    def mark(self) -> Mark | None:
        """Return what it says of itself."""
        with self.line.told_apart():
            return _mark_of(self._db.execute(_MARK.encode()).fetchone())

    @contextmanager
    def read(self) -> Iterator[Reader]:
        """Show one instant of it."""
        with self.line.told_apart():
            db = self.line.reader()
            db.begin()
            try:
                yield db
            finally:
                db.close()

    def take(self, source: Database, moved: str, *, told: Told) -> dict[str, Sum]:
        """Let all of *source* take the place of what is here, in one transaction."""
        with self.line.told_apart(), self._db.transaction():
            self._db.execute("SET LOCAL synchronous_commit = on")
            self._fence(self._db)
            found = moving.to_postgres(source, self._db, told=told, moved=moved)
            # Our seat goes on to hold this database, by the epoch that it has now.
            row = self._db.execute("SELECT epoch FROM meta").fetchone()
            epoch = max(int(row[0]) if row else 0, self.seat.epoch + 1)
            self._db.execute("UPDATE meta SET epoch = %s", (epoch,))
        return found

    def _fence(self, db: Connection) -> None:
        row = db.execute("SELECT epoch FROM meta FOR UPDATE").fetchone()
        if row is None or row[0] != self.seat.epoch:
            raise self.seat.deposed()

    def say(self, moved: str) -> None:
        """Say *moved* of itself, durably."""
        with self.line.told_apart(), self._db.transaction():
            self._db.execute("SET LOCAL synchronous_commit = on")
            self._db.execute("UPDATE meta SET moved = %s", (moved,))

    def close(self) -> None:
        """Let servers have it again."""
        self._db.close()
        self.seat.leave()


def move(source: Place, target: Place, *, told: Told) -> dict[str, Sum]:
    """Move the queue at *source* to *target*; return what was moved.

    Raises:
        Missing: there is no queue at *source*;  Conflict: another one is at *target*.
    """
    ours = source.mark()
    if ours is None:
        raise Missing(f"there is no queue at {source.name}")
    there = target.mark()
    came, went = f"from {source.name}", f"to {target.name}"
    if ours.moved == went and there is not None and there.moved in (came, ""):
        return _finish(source, target, ours, there)
    if ours.moved:
        raise Conflict(f"the queue of {source.name} is not there: it went {ours.moved}")
    _refuse_other(target, ours, there)
    with source.read() as db:
        found = target.take(db, came, told=told)
    source.say(went)
    target.say("")
    return found


def _finish(source: Place, target: Place, ours: Mark, there: Mark) -> dict[str, Sum]:
    """Go on where a move that was cut off had copied everything already."""
    if there.server_id != ours.server_id:
        raise Broken(f"{target.name} holds another queue than the one moved there")
    target.say("")
    with target.read() as db:
        return moving.sums(db)


def _refuse_other(target: Place, ours: Mark, there: Mark | None) -> None:
    """See that nothing is at *target* that would be lost."""
    if there is None or not (there.is_used or there.moved):
        return
    if there.moved and there.server_id == ours.server_id:
        return
    raise Conflict(
        f"there is another queue at {target.name}; nothing was changed. Give an empty "
        "place: a new home, or a new database (createdb)"
    )


def _mark_of(row: Any) -> Mark:
    return Mark(str(row[0]), str(row[1]), bool(row[2]))
