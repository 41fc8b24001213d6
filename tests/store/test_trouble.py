"""What the driver says, in our words: full, damaged, or broken."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import msgspec
import pytest

from rota.core.errors import Broken
from rota.store.contract import StoreFull
from rota.store.trouble import Damaged, DiskFailed, told_apart, translated


def said(code: int) -> sqlite3.Error:
    """Return an error of the driver."""
    error = sqlite3.OperationalError("as the driver says")
    error.sqlite_errorcode = code
    error.sqlite_errorname = "NAME"
    return error


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (sqlite3.SQLITE_FULL, StoreFull),
        (sqlite3.SQLITE_CORRUPT, Damaged),
        (sqlite3.SQLITE_CORRUPT_INDEX, Damaged),
        (sqlite3.SQLITE_NOTADB, Damaged),
        (sqlite3.SQLITE_IOERR_READ, DiskFailed),
        (sqlite3.SQLITE_IOERR_WRITE, DiskFailed),
        (sqlite3.SQLITE_IOERR_FSYNC, DiskFailed),
        (sqlite3.SQLITE_CANTOPEN, Broken),
        (sqlite3.SQLITE_BUSY, Broken),
        (sqlite3.SQLITE_READONLY, Broken),
        (sqlite3.SQLITE_CONSTRAINT, Broken),
    ],
)
def test_each_code_has_its_class(tmp_path: Path, code: int, kind: type[Exception]) -> None:
    """There is room on this disk: an I/O error is one."""
    assert type(translated(said(code), tmp_path / "rota.db")) is kind


def test_the_driver_used_wrongly_is_our_bug(tmp_path: Path) -> None:
    """Errors that do not come from SQLite have no code."""
    error = translated(sqlite3.ProgrammingError("closed"), tmp_path / "rota.db")

    assert type(error) is Broken
    assert "used wrongly: closed" in str(error)


def test_a_row_that_cannot_be_read_is_damage(tmp_path: Path) -> None:
    """Its text is not what we write."""
    with pytest.raises(Damaged, match="a row cannot be read"), told_apart(tmp_path / "x"):
        msgspec.json.decode("{nonsense")


def test_other_errors_pass(tmp_path: Path) -> None:
    """They are not the database's."""
    with pytest.raises(ZeroDivisionError), told_apart(tmp_path / "x"):
        print(1 // 0)
