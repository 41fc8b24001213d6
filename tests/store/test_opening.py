"""What is found where the database should be: used if it is ours, else left alone (G04)."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from rota.core.errors import Broken, Refused
from rota.store import opening
from rota.store.contract import JobQuery
from rota.store.opening import SCHEMA
from rota.store.sqlite import SqliteStore
from rota.store.trouble import Damaged, Foreign, TooNew
from tests.store import making as make


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where a database with a job in it is."""
    path = tmp_path / "rota.db"
    store = SqliteStore(path, ballast=0)
    for id in range(1, 200):
        store.commit(make.submitted(id))
    store.close()
    return path


def refused(path: Path, kind: type[Exception]) -> str:
    """Return what is said about *path*, having seen that nothing there was changed."""
    before = contents(path.parent)
    with pytest.raises(kind) as told:
        SqliteStore(path, ballast=0)
    assert contents(path.parent) == before
    assert "Nothing was changed" in str(told.value)
    return str(told.value)


def contents(folder: Path) -> dict[str, bytes]:
    """Return {name: bytes} of all files but SQLite's index of its log, which is no data."""
    files = (path for path in folder.iterdir() if path.is_file())
    return {f.name: f.read_bytes() for f in files if not f.name.endswith("-shm")}


def test_g03_a_new_database_is_there_whole_or_not_at_all(tmp_path: Path) -> None:
    """It is made beside its place; a draft that somebody left does not matter."""
    path = tmp_path / "rota.db"
    (tmp_path / f"rota.db.{os.getpid()}.new").write_bytes(b"left by a crash")
    opening.prepare(path)

    assert [p.name for p in tmp_path.iterdir()] == ["rota.db"]
    assert path.stat().st_mode & 0o777 == 0o600


def test_an_empty_file_becomes_a_database(tmp_path: Path) -> None:
    """That is what a crash between creating and writing leaves."""
    path = tmp_path / "rota.db"
    path.touch()

    SqliteStore(path, ballast=0).close()
    assert path.stat().st_size > 0


@pytest.mark.parametrize("what", [b"PK\x03\x04 a zip", b"x", b"rota" * 5000, b"\0" * 4096])
def test_another_file_is_left_alone(tmp_path: Path, what: bytes) -> None:
    """Whatever it is."""
    path = tmp_path / "rota.db"
    path.write_bytes(what)

    assert "is not a Rota database" in refused(path, Foreign)


def test_g04_another_programs_database_is_left_alone(tmp_path: Path) -> None:
    """Even if it is SQLite."""
    path = tmp_path / "rota.db"
    with sqlite3.connect(path) as db:
        db.execute("CREATE TABLE job (id INTEGER)")
    db.close()

    assert "another program" in refused(path, Foreign)


def test_g04_a_newer_database_is_left_alone(path: Path) -> None:
    """It says which schema it has, and where the copy from before the upgrade is."""
    shutil.copy(path, path.with_name("rota.db.before-0001"))
    db = sqlite3.connect(path)
    db.execute("PRAGMA user_version = 999")
    db.close()
    told = refused(path, TooNew)

    assert f"its schema is 999, this version knows them up to {SCHEMA}" in told
    assert "rota.db.before-0001" in told


def _cut(path: Path) -> None:
    os.truncate(path, path.stat().st_size - 5000)


def _cut_to_a_stump(path: Path) -> None:
    os.truncate(path, 60)


def _scribble(path: Path) -> None:
    with path.open("r+b") as file:
        file.seek(4096 * 3)
        file.write(os.urandom(4096 * 4))


def _scribble_in_the_head(path: Path) -> None:
    with path.open("r+b") as file:
        file.seek(100)
        file.write(b"\xff" * 900)


def _lose_the_name(path: Path) -> None:
    db = sqlite3.connect(path)
    db.execute("DELETE FROM meta")
    db.commit()
    db.close()


def _lose_a_table(path: Path) -> None:
    db = sqlite3.connect(path)
    db.execute("DROP TABLE meta")
    db.close()


@pytest.mark.parametrize(
    "damage",
    [
        _cut,
        _cut_to_a_stump,
        _scribble,
        _scribble_in_the_head,
        _lose_the_name,
        _lose_a_table,
    ],
    ids=lambda damage: damage.__name__.strip("_"),
)
def test_g04_a_damaged_database_is_left_alone(
    path: Path, damage: Callable[[Path], None]
) -> None:
    """It says what is damaged, and how to restore it, naming the backups that are there."""
    shutil.copy(path, path.with_name("monday.db"))
    damage(path)
    told = refused(path, Damaged)

    assert "copy a backup to rota.db (here are: monday.db)" in told
    assert "sqlite3 rota.db .recover" in told


def test_a_log_without_its_database_is_left_alone(path: Path) -> None:
    """An empty database beside a log that has something is a loss, not a beginning."""
    path.with_name("rota.db-wal").write_bytes(b"something")
    path.write_bytes(b"")

    assert "its log rota.db-wal is still there" in refused(path, Damaged)


def test_what_cannot_be_read_is_told(tmp_path: Path) -> None:
    """A folder in its place, say."""
    path = tmp_path / "rota.db"
    path.mkdir()

    with pytest.raises(Broken, match="Is a directory"):
        SqliteStore(path, ballast=0)


def test_damage_found_later_stops_the_store(path: Path) -> None:
    """A page that went bad while the store was open is told as damage, not as an answer."""
    store = SqliteStore(path, ballast=0)
    with path.open("r+b") as file:
        file.seek(4096)
        file.write(b"\xff" * (path.stat().st_size - 4096))

    with pytest.raises(Broken, match="damaged"):
        store.load()
    assert store.check() != []
    store.close()


def test_g06_an_older_schema_is_copied_and_upgraded(tmp_path: Path) -> None:
    """The copy is what it was; all steps are taken; the store opens."""
    path = tmp_path / "rota.db"
    db = sqlite3.connect(path)
    db.execute(f"PRAGMA application_id = {opening.APPLICATION_ID}")
    db.execute("PRAGMA user_version = 0")
    db.execute("VACUUM")
    db.close()
    store = SqliteStore(path, ballast=0)
    store.commit(make.submitted(1))

    assert [row["id"] for row in store.jobs(JobQuery())] == [1]
    store.close()
    kept = sqlite3.connect(path.with_name("rota.db.before-0001"))
    assert kept.execute("PRAGMA user_version").fetchone() == (0,)
    kept.close()


def test_refusals_and_failures_are_told_apart() -> None:
    """What a user can mend is a refusal; what is broken is not."""
    assert issubclass(Foreign, Refused)
    assert issubclass(TooNew, Refused)
    assert issubclass(Damaged, Broken)
