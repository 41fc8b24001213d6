"""Opening a database: made if it is not there, recognised if it is, brought up to date.

no file ──→ schema.sql in a new file beside it ──→ renamed: whole or not at all (G03)
a file  ──→ its head ──→ its schema ──→ quick check ──→ copy, migrate if it is older
              │            │              │
           Foreign       TooNew        Damaged          nothing was written yet (G04)
"""

from __future__ import annotations

import os
import secrets
import sqlite3
import struct
from collections.abc import Callable
from pathlib import Path

from rota.core.errors import Broken
from rota.store.trouble import Damaged, Foreign, TooNew, told_apart

APPLICATION_ID = 0x526F7461
"""Stands in the head of the file: "Rota"."""

SCHEMA = 10
"""The newest migration; it stands in the file as its user version."""

CHECK_SIZE_MAX = 256 << 20
"""Larger files are not read through at every start; ``check`` does it on demand."""

_MAGIC = b"SQLite format 3\0"
_HEAD = 100


def prepare(path: Path) -> None:
    """See that a database of the present schema is at *path*.

    Raises:
        Foreign, TooNew, Damaged: it is not ours to use; nothing was changed.
    """
    with told_apart(path):
        if _is_new(path):
            make(path)
            return
        _recognise(path)
        found = _inspect(path)
        if found < SCHEMA:
            _migrate(path, found)


def connect(path: Path, mode: str = "rw") -> sqlite3.Connection:
    """Return a connection on which transactions begin and end where we say so.

    mode: ``rw``, ``ro``, or ``ro&immutable=1``: of a file that nobody writes to; without
    that SQLite makes a log beside it even to read
    """
    return sqlite3.connect(
        f"{path.absolute().as_uri()}?mode={mode}",
        uri=True,
        isolation_level=None,
        check_same_thread=False,
        cached_statements=256,
        timeout=30.0,
    )


def copy(path: Path, target: Path) -> None:
    """Write a copy of the database, of one instant, to *target*: whole or not at all."""
    draft = target.with_name(f"{target.name}.{os.getpid()}.new")
    draft.unlink(missing_ok=True)
    try:
        source, copied = connect(path, "ro"), _new(draft)
        try:
            source.backup(copied)
            # A copy is one file: no log beside it that somebody forgets to move.
            copied.execute("PRAGMA journal_mode = DELETE")
        finally:
            source.close()
            copied.close()
        _put(draft, target)
    finally:
        # A copy that found no room leaves its journals, too.
        for suffix in ("", "-journal", "-wal", "-shm"):
            draft.with_name(draft.name + suffix).unlink(missing_ok=True)


def _is_new(path: Path) -> bool:
    try:
        size = path.stat().st_size
    except FileNotFoundError:
        size = 0
    if not size and _log_size(path):
        what = f"it is gone or empty, but its log {path.name}-wal is still there"
        raise Damaged(path, what)
    return not size


def _log_size(path: Path) -> int:
    log = path.with_name(f"{path.name}-wal")
    return log.stat().st_size if log.exists() else 0


def make(path: Path, fill: Callable[[sqlite3.Connection], None] | None = None) -> None:
    """Make a database at *path*, and *fill* it: whole or not at all."""
    draft = path.with_name(f"{path.name}.{os.getpid()}.new")
    draft.unlink(missing_ok=True)
    try:
        db = _new(draft)
        try:
            script = Path(__file__).with_name("schema.sql").read_text("utf-8")
            db.executescript(f"BEGIN; {script} {_stamp()} COMMIT;")
            if fill is not None:
                fill(db)
            db.execute("PRAGMA journal_mode = WAL")
        finally:
            db.close()
        _put(draft, path)
    finally:
        draft.unlink(missing_ok=True)


def _stamp() -> str:
    return (
        "CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL, "
        "CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num));"
        f"INSERT INTO alembic_version VALUES ('{SCHEMA:04d}');"
        f"INSERT INTO meta VALUES (1, '{secrets.token_hex(8)}', 1, 0, 0, '');"
        "INSERT INTO leader VALUES (1, 0, 0, '');"
        f"PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = {SCHEMA};"
    )


def _new(draft: Path) -> sqlite3.Connection:
    os.close(os.open(draft, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
    return connect(draft)


def _put(draft: Path, target: Path) -> None:
    """Make *draft*, which is on disk, *target*; fails when somebody else was faster."""
    handle = os.open(draft, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
    if target.exists() and target.stat().st_size:
        raise Broken(f"{target} has appeared while it was being made; it was left alone")
    draft.rename(target)
    folder = os.open(target.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _recognise(path: Path) -> None:
    """Read the head of the file, and nothing else, with our own hands."""
    try:
        with path.open("rb") as file:
            head = file.read(_HEAD)
    except OSError as error:
        raise Broken(f"cannot read the database {path}: {error.strerror}") from error
    if head[:16] != _MAGIC[: len(head[:16])] or len(head) < 16:
        raise Foreign(path, "it does not begin as an SQLite file does, or is damaged there")
    if len(head) < _HEAD:
        raise Damaged(path, f"it is only {len(head)} bytes long")
    (application,) = struct.unpack(">I", head[68:72])
    if application != APPLICATION_ID:
        raise Foreign(path, "it is an SQLite file of another program")


def _inspect(path: Path) -> int:
    """Return the schema of the file, having looked for damage without writing to it."""
    db = connect(path, "ro" if _log_size(path) else "ro&immutable=1")
    try:
        found = int(db.execute("PRAGMA user_version").fetchone()[0])
        if found > SCHEMA:
            raise TooNew(path, found=found, known=SCHEMA)
        if path.stat().st_size <= CHECK_SIZE_MAX:
            problems = [row[0] for row in db.execute("PRAGMA quick_check(3)")]
            if problems != ["ok"]:
                raise Damaged(path, "; ".join(problems).replace("\n", " "))
        if found and not _has_name(db):
            raise Damaged(path, "the row that names it is missing")
    finally:
        db.close()
    return found


def _has_name(db: sqlite3.Connection) -> bool:
    tables = db.execute("SELECT count(*) FROM sqlite_schema WHERE name = 'meta'")
    if not tables.fetchone()[0]:
        return False
    return bool(db.execute("SELECT count(*) FROM meta").fetchone()[0] == 1)


def _migrate(path: Path, found: int) -> None:
    """Bring an older schema up to date; a copy of what it was stays beside it."""
    kept = path.with_name(f"{path.name}.before-{SCHEMA:04d}")
    if not kept.exists():
        copy(path, kept)
    # Only an upgrade needs them, and they cost a server 36 MB.
    from rota.store.migrations import upgrade

    upgrade(path)
    after = _inspect(path)
    if after != SCHEMA:
        raise Broken(f"the database {path} was not upgraded beyond schema {after}")
