"""What can be wrong with a database, each with a sentence that says what to do (G04).

    Foreign    a file, but not one of ours                  refused, exit 2
    TooNew     ours, written by a newer Rota                refused, exit 2
    Moved      ours, and the queue is elsewhere by now      refused, exit 2
    Damaged    ours, and broken                             broken, exit 125
    StoreFull  no room on the disk: tried again             (contract)
    DiskFailed the disk refuses: no second try              broken, exit 125
    Broken     everything else: a bug, a missing folder     broken, exit 125

In all of them the file is left as it was found.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from rota.core.errors import Broken, Refused
from rota.store.contract import StoreFull
from rota.store.room import NO_ROOM, is_out_of_room


class Foreign(Refused):
    """The file is no database of Rota's."""

    kind = "foreign_database"
    status = 409

    def __init__(self, path: Path, what: str) -> None:
        super().__init__(
            f"{path} is not a Rota database: {what}. Nothing was changed. "
            "Move the file away, or give another --home"
        )


class TooNew(Refused):
    """The database was written by a newer Rota than this one."""

    kind = "newer_database"
    status = 409

    def __init__(self, path: Path, *, found: int, known: int) -> None:
        super().__init__(
            f"{path} was written by a newer Rota: its schema is {found}, this version "
            f"knows them up to {known}. Nothing was changed. Install the newer version "
            f"again, or put back the copy that was made before the upgrade"
            + _copies(path, f"{path.name}.before-*")
        )


class Moved(Refused):
    """The queue is not here any more, or not here yet."""

    kind = "moved_database"
    status = 409

    def __init__(self, place: str, moved: str) -> None:
        way, _, other = moved.partition(" ")
        self.way, self.other = way, other
        told = {
            "to": f"its queue was moved to {other}; start with the options for that place, "
            f"or move it back: rota migrate-store --from {other} --to {place}",
            "from": f"a move from {other} to here did not come to its end; do it again: "
            f"rota migrate-store --from {other} --to {place}",
        }
        super().__init__(f"the database {place} is not in use: {told[way]}")


class Damaged(Broken):
    """The database is ours, and broken."""

    kind = "damaged_database"

    def __init__(self, path: Path, what: str) -> None:
        super().__init__(
            f"the database {path} is damaged: {what}. Nothing was changed. To restore it: "
            f"move {path.name}, {path.name}-wal and {path.name}-shm aside, then copy a "
            f"backup to {path.name}{_copies(path, '*')}, or save what can still be read: "
            f"sqlite3 {path.name} .recover"
        )


class DiskFailed(Broken):
    """The disk refused: what is on it is uncertain until a new start has looked."""

    kind = "disk_failed"


@contextmanager
def told_apart(path: Path) -> Iterator[None]:
    """Turn what the driver raises about the database at *path* into errors of ours."""
    try:
        yield
    except sqlite3.Error as error:
        raise translated(error, path) from error
    except OSError as error:
        told = f"{error.filename or path}: {error.strerror}"
        if error.errno in NO_ROOM:
            raise StoreFull(f"no room for {told}") from error
        raise Broken(f"cannot use {told}") from error
    except msgspec.MsgspecError as error:
        raise Damaged(path, f"a row cannot be read: {error}") from error


def translated(error: sqlite3.Error, path: Path) -> Exception:
    """Return the error of ours that the driver's *error* means."""
    code = getattr(error, "sqlite_errorcode", None)
    if code is None:
        return Broken(f"the database {path} was used wrongly: {error}")
    primary = code & 0xFF
    if primary == sqlite3.SQLITE_FULL:
        return StoreFull(f"no room for {path}: {error}")
    # What fsync refuses may be lost although it was written: no second try (fail-stop).
    is_sync = code in (sqlite3.SQLITE_IOERR_FSYNC, sqlite3.SQLITE_IOERR_DIR_FSYNC)
    may_be_full = primary in (sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN)
    if may_be_full and not is_sync and is_out_of_room(path.parent):
        return StoreFull(f"no room for {path}: {error}")
    if primary in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
        return Damaged(path, str(error))
    if primary in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return Broken(f"another program has kept the database {path} locked; end it")
    name = getattr(error, "sqlite_errorname", code)
    told = f"the database {path} cannot be used: {error} ({name})"
    return DiskFailed(told) if primary == sqlite3.SQLITE_IOERR else Broken(told)


def _copies(path: Path, pattern: str) -> str:
    found = sorted(p.name for p in path.parent.glob(pattern) if _is_copy(p, path))
    return f" (here are: {', '.join(found[:5])})" if found else ""


def _is_copy(candidate: Path, path: Path) -> bool:
    """Whether *candidate* is another database beside *path*."""
    if candidate == path or not candidate.is_file():
        return False
    with candidate.open("rb") as file:
        return file.read(16) == b"SQLite format 3\0"
