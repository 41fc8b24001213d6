"""The store on SQLite: one writer, any number of readers, one transaction for each batch.

    commit ──▶ rows ──▶ one connection that writes      WAL, synchronous=FULL: on disk
                                                         when commit returns
    jobs, tasks … ──▶ a pool of connections that read   each sees one committed instant

When the disk is full the ballast is given up and the batch tried once more (G05).
"""

from __future__ import annotations

import queue
import sqlite3
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from rota.core.errors import Broken, Conflict, Missing
from rota.engine.records import Record
from rota.store import opening
from rota.store import statements as sql
from rota.store.answers import Answers
from rota.store.checking import PROBLEMS_MAX, problems
from rota.store.contract import Sample, StoreFull, Token
from rota.store.room import BALLAST_SIZE, GROWTH, Ballast
from rota.store.rows import Encoder, Rows
from rota.store.trouble import Damaged, DiskFailed, Moved, told_apart
from rota.store.values import mapping_of

READERS_KEPT = 4
CHECKPOINT_WEIGHT = 4000
"""About so many pages are in the log when it is written back to the tables."""

ALLOCS_AHEAD = 1000
"""The store notes numbers of allocations so far ahead: a start may skip some."""

_WRITER = """
    PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = -16384;
    PRAGMA temp_store = MEMORY; PRAGMA wal_autocheckpoint = 0; PRAGMA secure_delete = OFF;
    PRAGMA journal_size_limit = 67108864;
"""
_READER = "PRAGMA query_only = ON; PRAGMA cache_size = -4096; PRAGMA temp_store = MEMORY;"


class SqliteStore(Answers):
    """See the head of the file, and ``contract.Store`` for what each method promises."""

    def __init__(self, path: Path, *, ballast: int = BALLAST_SIZE) -> None:
        """Open the database at *path*, made if it is not there.

        Shapes:
            ballast: bytes kept free beside it for the day the disk is full

        Raises:
            rota.core.errors.Refused, Broken: it is not ours to use (G04); unchanged.
        """
        super().__init__()
        self.path = path
        self._ballast = Ballast(path.with_name("ballast"), ballast)
        self._turn = threading.RLock()
        self._readers: queue.LifoQueue[sqlite3.Connection] = queue.LifoQueue()
        self._encoder = Encoder()
        self._weight = 0
        self._closed = False
        self._failed: DiskFailed | None = None
        self._writer = self._open()
        try:
            self._full = not (self._ballast.is_held or self._ballast.take())
            with told_apart(path):
                last = self._writer.execute("SELECT max(seq) FROM event").fetchone()[0]
                mark = "SELECT next_alloc, moved FROM meta"
                alloc, moved = self._writer.execute(mark).fetchone()
            if moved:
                raise Moved(str(path.parent), moved)
        except BaseException:
            self._writer.close()
            raise
        self._seq, self._allocs = int(last or 0), int(alloc)
        self.epoch = 0

    def _open(self) -> sqlite3.Connection:
        """Open the writer; a disk that is too full even for that gets the ballast."""
        try:
            return self._prepared()
        except StoreFull:
            if not self._ballast.give_up():
                raise
            return self._prepared()

    def _prepared(self) -> sqlite3.Connection:
        opening.prepare(self.path)
        with told_apart(self.path):
            db = opening.connect(self.path)
            db.executescript(_WRITER)
            mode = db.execute("PRAGMA journal_mode").fetchone()[0]
        if mode != "wal":
            db.close()
            raise Broken(
                f"the file system of {self.path} cannot map shared memory, as network "
                "file systems often cannot; give a --home on a local disk"
            )
        return db

    def begin_epoch(self, now_s: int) -> None:
        """Begin an epoch, later than all before, also when this is a backup put back."""
        grown = "UPDATE meta SET epoch = max(epoch + 1, ?) RETURNING epoch"
        with self._turn, self._writing() as db:
            self.epoch = int(db.execute(grown, (now_s,)).fetchone()[0])

    def is_sure(self) -> bool:
        """Whether nobody else can lead by now: the lock of the home is ours."""
        return not self._closed

    # ── writing ───────────────────────────────────────────────────────────────────────

    def commit(self, batch: Sequence[Record]) -> int:
        """Write *batch* as one durable transaction; return the last history number."""
        with self._turn:
            rows = self._encoder.rows_of(batch, after=self._seq)
            if batch:
                self._with_reserve(lambda: self._write_batch(rows))
                self._encoder.written(rows)
                if rows.alloc >= self._allocs:
                    self._allocs = rows.alloc + ALLOCS_AHEAD
                self._seq = rows.seq
                self._checkpoint(len(batch))
            return self._seq

    def save_samples(self, rows: Sequence[Sample]) -> None:
        """Keep measurements; a second one of the same attempt and time is dropped."""
        flat = [value for row in rows for value in row]
        with self._turn, self._writing() as db:
            sql.write(db, sql.SAMPLE, values=flat)
        with self._turn:
            self._checkpoint(len(rows))

    def _with_reserve(self, write: Callable[[], None]) -> None:
        """Write; when the disk is full, once more with the room of the ballast."""
        try:
            write()
        except StoreFull:
            self._full = True
            if not self._ballast.give_up():
                raise
            write()

    def _write_batch(self, rows: Rows) -> None:
        with self._writing() as db:
            self._drop_old_tags(db, rows.edited)
            for writing, values in rows.writes:
                before = db.total_changes
                sql.write(db, writing, values=values)
                if writing is sql.JOB_BECAME and db.total_changes - before != rows.changed:
                    raise Broken("a job that changed has no row in the store")
            if rows.alloc >= self._allocs:
                db.execute("UPDATE meta SET next_alloc = ?", (rows.alloc + ALLOCS_AHEAD,))

    def _drop_old_tags(self, db: sqlite3.Connection, ids: Sequence[int]) -> None:
        for job in ids:
            spec = db.execute("SELECT spec FROM job WHERE id = ?", (job,)).fetchone()
            if spec is not None:
                pairs = [(tag, job) for tag in mapping_of(spec[0]).get("tags", ())]
                db.executemany("DELETE FROM tag WHERE tag = ? AND job = ?", pairs)

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        """A transaction of the writer: all of it is on disk at the end, or nothing."""
        with self._failing_once(), told_apart(self.path):
            db = self._writer
            db.execute("BEGIN IMMEDIATE")
            try:
                yield db
                db.execute("COMMIT")
            finally:
                # Some errors have rolled back already, others leave that to us.
                if db.in_transaction:
                    db.execute("ROLLBACK")

    @contextmanager
    def _failing_once(self) -> Iterator[None]:
        """After the disk has refused, nothing more is written: a second try may lie."""
        if self._failed is not None:
            raise self._failed
        try:
            yield
        except DiskFailed as error:
            self._failed = error
            raise

    def _checkpoint(self, rows: int) -> None:
        """Write the log back to the tables now and then; see what SQLite would not tell.

        Its own automatic checkpoint swallows errors; an fsync that failed must not be.
        """
        self._weight += 8 + rows // 16
        if self._weight < CHECKPOINT_WEIGHT:
            return
        self._weight = 0
        try:
            with self._failing_once(), told_apart(self.path):
                self._writer.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
        except StoreFull:
            # All is in the log; the tables follow when there is room.
            self._full = True

    # ── room ──────────────────────────────────────────────────────────────────────────

    def is_full(self) -> bool:
        """Whether new work should be refused as the disk is full; cheap to ask."""
        if self._full and self._ballast.could_be_taken():
            with self._turn:
                self._full = not self._ballast.take()
        return self._full

    def has_room(self, size: int) -> bool:
        """Whether a submission of about *size* bytes would fit; never when full."""
        return not self.is_full() and self._ballast.free() >= GROWTH * size

    # ── reading ───────────────────────────────────────────────────────────────────────

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        """A reader's transaction: one committed instant, whatever is written meanwhile."""
        with told_apart(self.path):
            db = self._reader()
            try:
                db.execute("BEGIN")
                yield db
            finally:
                if db.in_transaction:
                    db.execute("ROLLBACK")
                if self._closed or self._readers.qsize() >= READERS_KEPT:
                    db.close()
                else:
                    self._readers.put(db)

    def _reader(self) -> sqlite3.Connection:
        if self._closed:
            raise Broken(f"the database {self.path} has been closed")
        try:
            return self._readers.get_nowait()
        except queue.Empty:
            db = opening.connect(self.path, "ro")
            db.executescript(_READER)
            return db

    # ── about itself ──────────────────────────────────────────────────────────────────

    def add_token(self, digest: str, token: Token) -> None:
        """Let the token whose hash is *digest* stand for what *token* says."""
        with self._turn, self._writing() as db:
            sql.write(db, sql.TOKEN, values=sql.row_of_token(digest, token))

    def use_token(self, digest: str) -> bool:
        """Use a token once; return whether it could still be used."""
        once = "UPDATE token SET uses = uses - 1 WHERE digest = ? AND uses > 0"
        with self._turn, self._writing() as db:
            return db.execute(once, (digest,)).rowcount == 1

    def drop_token(self, digest: str) -> None:
        """Let a token, and those made from it, stand for nobody any more."""
        query = "DELETE FROM token WHERE digest = ? OR parent = ?"
        with self._turn, self._writing() as db:
            db.execute(query, (digest, digest))

    def backup(self, path: Path) -> None:
        """Write a copy, whole and of one instant, to *path* while others write."""
        if path.exists():
            raise Conflict(f"{path} exists already; a backup never overwrites a file")
        if not path.parent.is_dir():
            raise Missing(f"there is no folder {path.parent} for a backup")
        with told_apart(self.path):
            opening.copy(self.path, path)

    def check(self) -> list[str]:
        """Return all that is wrong with what is stored, a sentence each; slow."""
        try:
            with self._reading() as db:
                pages = db.execute(f"PRAGMA integrity_check({PROBLEMS_MAX})")
                found = [str(row[0]) for row in pages]
                return problems(db) if found == ["ok"] else found
        except Damaged as damage:
            return [damage.sentence]

    def close(self) -> None:
        """Let go of the files; safe to call twice."""
        with self._turn:
            self._closed = True
            while not self._readers.empty():
                self._readers.get_nowait().close()
            self._writer.close()
