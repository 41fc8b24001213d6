"""The store on PostgreSQL: one leader that writes, fenced; any number of readers.

    commit ──▶ rows ──▶ BEGIN · meta: epoch = ours, commits + 1 · rows · COMMIT
                                 └ no such row: another leads, nothing is written (G26)
    jobs, tasks … ──▶ a pool of connections that read      each sees one committed instant

A connection that is lost in a COMMIT leaves the outcome unknown.  The count of commits
tells: it has moved, and the batch is in; it has not, and the batch is written again.
"""

from __future__ import annotations

import os
import queue
import socket
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import psycopg

from rota.core.errors import Broken, Conflict
from rota.engine.records import Record
from rota.store import arrays, founding
from rota.store import statements as sql
from rota.store.answers import Answers
from rota.store.checking import problems
from rota.store.contract import Sample, StoreAway, StoreFull, Token
from rota.store.leading import Seat
from rota.store.line import Connection, Line, Reader
from rota.store.rows import Encoder, Rows
from rota.store.trouble import Moved
from rota.store.values import mapping_of

READERS_KEPT = 4
ALLOCS_AHEAD = 1000
SIZE_MAX = 256 << 20
"""Larger submissions are refused: a field of PostgreSQL ends at 1 GiB."""

FULL_S = 5.0
"""So long after the disk was full new work is let in to try again."""

_FENCE = (
    "UPDATE meta SET commits = commits + 1, next_alloc = greatest(next_alloc, %s) "
    "WHERE epoch = %s AND commits = %s"
)


def who_we_are() -> str:
    """Return how others are told of this server."""
    return f"pid {os.getpid()} on {socket.gethostname()}"


def seat_at(url: str) -> Seat:
    """Return a seat at *url*, nobody in it yet; tables are made if there are none.

    Raises:
        Conflict: the database is not ours to use;  StoreAway: nobody answers there.
    """
    line = Line(url)
    founding.found(line)
    return Seat(line, who=who_we_are())


def _taken(seat: Seat) -> Seat:
    if not seat.take():
        raise Conflict(
            f"another server leads the database {seat.line.shown} ({seat.holder()}); "
            "rota serve waits as its standby"
        )
    return seat


class PostgresStore(Answers):
    """See the head of the file, and ``contract.Store`` for what each method promises."""

    def __init__(self, url: str, *, seat: Seat | None = None) -> None:
        """Open the database at *url*, its tables made if there are none, and lead.

        Shapes:
            seat: of who waited and leads already; None: lead now or not at all

        Raises:
            Conflict: another server leads, or the database is not ours to use;
            StoreAway: nobody answers there.
        """
        super().__init__()
        self.seat = seat or _taken(seat_at(url))
        self.line = self.seat.line
        self._turn = threading.RLock()
        self._readers: queue.LifoQueue[Reader] = queue.LifoQueue()
        self._encoder = Encoder()
        self._closed = False
        self._full_at: float | None = None
        self._unsure: Callable[[], None] | None = None
        self._landed: object = None
        self._writer = self.line.writer(self.seat.name)
        with self.line.told_apart():
            founding.bring_up_to_date(self.line, self._writer)
            self._start()
        self.seat.keep()

    def _start(self) -> None:
        db = self._writer
        db.execute("SET synchronous_commit = on")
        self._kinds = arrays.kinds(db)
        row = db.execute("SELECT commits, next_alloc, moved FROM meta").fetchone()
        last = db.execute("SELECT coalesce(max(seq), 0) FROM event").fetchone()
        assert row is not None, "the row that names the database is missing"
        assert last is not None, "an aggregate has a row"
        if row[2]:
            self.close()
            raise Moved(self.line.address, row[2])
        self._commits, self._allocs, self._seq = int(row[0]), int(row[1]), int(last[0])

    @property
    def epoch(self) -> int:
        """Of our leadership."""
        return self.seat.epoch

    def is_sure(self) -> bool:
        """Whether nobody else can lead by now."""
        return self.seat.is_sure()

    # ── writing ───────────────────────────────────────────────────────────────────────

    def commit(self, batch: Sequence[Record]) -> int:
        """Write *batch* as one durable transaction; return the last history number."""
        with self._turn:
            self._find_out()
            landed, self._landed = self._landed, None
            if not batch or landed is batch:
                return self._seq
            rows = self._encoder.rows_of(batch, after=self._seq)
            alloc = rows.alloc + ALLOCS_AHEAD if rows.alloc >= self._allocs else 0

            def written() -> None:
                self._encoder.written(rows)
                self._allocs = max(self._allocs, alloc)
                self._seq = rows.seq
                self._landed = batch

            with self._writing(written, alloc=alloc) as db:
                self._write_rows(db, rows)
            self._landed = None
            return self._seq

    def _write_rows(self, db: Connection, rows: Rows) -> None:
        self._drop_old_tags(db, rows.edited)
        for writing, values in rows.writes:
            count = arrays.write(db, writing, values=values, kinds=self._kinds)
            if writing is sql.JOB_BECAME and count != rows.changed:
                raise Broken("a job that changed has no row in the store")

    def _drop_old_tags(self, db: Connection, ids: Sequence[int]) -> None:
        for job in ids:
            spec = db.execute("SELECT spec FROM job WHERE id = %s", (job,)).fetchone()
            tags = list(mapping_of(spec[0]).get("tags", ())) if spec else []
            db.execute(
                "DELETE FROM tag WHERE job = %s AND tag = ANY(%s::text[])", (job, tags)
            )

    def save_samples(self, rows: Sequence[Sample]) -> None:
        """Keep measurements; a second one of the same attempt and time is dropped."""
        flat = [value for row in rows for value in row]
        with self._turn, self._writing() as db:
            arrays.write(db, sql.SAMPLE, values=flat, kinds=self._kinds)

    @contextmanager
    def _writing(
        self, written: Callable[[], None] = lambda: None, *, alloc: int = 0
    ) -> Iterator[Connection]:
        """A transaction of the leader; *written* is called when it is in, maybe later."""
        self._find_out()
        try:
            with self.line.told_apart():
                db = self._connected()
                with db.transaction():
                    fence = (alloc, self.seat.epoch, self._commits)
                    if not db.execute(_FENCE, fence).rowcount:
                        raise self.seat.deposed()
                    yield db
        except StoreAway:
            self._unsure = written
            raise
        except StoreFull:
            self._full_at = time.monotonic()
            raise
        self._commits += 1
        self._full_at = None
        written()

    def _find_out(self) -> None:
        """Learn what became of the transaction in which the connection was lost.

        Should the database still be busy with it, the lock on its row makes us wait.
        """
        if self._unsure is None:
            return
        with self.line.told_apart():
            db = self._connected()
            row = db.execute("SELECT epoch, commits FROM meta FOR UPDATE").fetchone()
        if row is None or int(row[0]) != self.seat.epoch:
            raise self.seat.deposed()
        written, self._unsure = self._unsure, None
        if int(row[1]) > self._commits:
            self._commits = int(row[1])
            written()

    def _connected(self) -> Connection:
        if self._closed:
            raise Broken(f"the database {self.line.shown} has been closed")
        if self._writer.closed:
            self._writer = self.line.writer(self.seat.name)
            self._writer.execute("SET synchronous_commit = on")
        return self._writer

    # ── room ──────────────────────────────────────────────────────────────────────────

    def is_full(self) -> bool:
        """Whether the database's disk was full a moment ago; cheap to ask."""
        full_at = self._full_at
        return full_at is not None and time.monotonic() - full_at < FULL_S

    def has_room(self, size: int) -> bool:
        """Whether a submission of about *size* bytes would fit; never when full."""
        return size <= SIZE_MAX and not self.is_full()

    # ── reading ───────────────────────────────────────────────────────────────────────

    @contextmanager
    def _reading(self) -> Iterator[Reader]:
        with self.line.told_apart():
            db = self._reader()
            try:
                yield db
            finally:
                self._put_back(db)

    def _reader(self) -> Reader:
        """Return a reader in a transaction; one that lay idle may have been cut off."""
        if self._closed:
            raise Broken(f"the database {self.line.shown} has been closed")
        while not self._readers.empty():
            try:
                db = self._readers.get_nowait()
                db.begin()
            except (queue.Empty, psycopg.OperationalError):
                continue
            return db
        db = self.line.reader()
        db.begin()
        return db

    def _put_back(self, db: Reader) -> None:
        db.end()
        if self._closed or db.is_closed or self._readers.qsize() >= READERS_KEPT:
            db.close()
        else:
            self._readers.put(db)

    # ── about itself ──────────────────────────────────────────────────────────────────

    def add_token(self, digest: str, token: Token) -> None:
        """Let the token whose hash is *digest* stand for what *token* says."""
        row = sql.row_of_token(digest, token)
        with self._turn, self._writing() as db:
            arrays.write(db, sql.TOKEN, values=row, kinds=self._kinds)

    def use_token(self, digest: str) -> bool:
        """Use a token once; return whether it could still be used."""
        once = "UPDATE token SET uses = uses - 1 WHERE digest = %s AND uses > 0"
        with self._turn, self._writing() as db:
            return db.execute(once, (digest,)).rowcount == 1

    def drop_token(self, digest: str) -> None:
        """Let a token, and those made from it, stand for nobody any more."""
        query = "DELETE FROM token WHERE digest = %s OR parent = %s"
        with self._turn, self._writing() as db:
            db.execute(query, (digest, digest))

    def backup(self, path: Path) -> None:
        """Write a copy of one instant, an SQLite database, to *path*."""
        from rota.store.moving import copied_to_file

        with self._reading() as db:
            copied_to_file(db, path)

    def check(self) -> list[str]:
        """Return all that is wrong with what is stored, a sentence each; slow."""
        with self._reading() as db:
            return problems(db)

    def close(self) -> None:
        """Let go of the connections; safe to call twice."""
        with self._turn:
            self._closed = True
            self.seat.leave()
            while not self._readers.empty():
                self._readers.get_nowait().close()
            self._writer.close()
