"""What is wrong with a database is told in sentences."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from rota.store.sqlite import SqliteStore
from tests.store import making as make


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    """A whole store: a job that runs, one that ended, one that says much."""
    store = SqliteStore(tmp_path / "rota.db", ballast=0)
    spec = make.JobSpec(script="x", env={"A": "1"})
    for id in (1, 2, 3):
        store.commit([*make.submitted(id, spec), make.task(id, 0), make.attempt(id, 0)])
    store.commit([make.changed(2, {"done": 1}), make.task(2, 0, "done")])
    yield store
    store.close()


@pytest.mark.parametrize(
    ("harm", "told"),
    [
        ("DELETE FROM job WHERE id = 2", ["a task of job 2 has no job", "line 2 of the"]),
        ("DELETE FROM task WHERE job = 2", ["an attempt of job 2 has no task"]),
        ("DELETE FROM attempt WHERE job = 1", ["a task of job 1 is placed or running"]),
        ("DELETE FROM content WHERE body LIKE '%A%'", [f"job {n} names" for n in "123"]),
        ("UPDATE job SET state = 'failed' WHERE id = 3", ["job 3 has ended and tasks of"]),
        ("DELETE FROM event WHERE seq = 1", []),
    ],
)  # fmt: skip
def test_each_law_has_its_sentence(
    store: SqliteStore, tmp_path: Path, harm: str, told: list[str]
) -> None:
    """A store that is whole keeps them all; harm to one is told as that one."""
    assert store.check() == []
    db = sqlite3.connect(tmp_path / "rota.db")
    db.execute(harm)
    db.commit()
    db.close()
    found = store.check()

    assert len(found) == len(told)
    for sentence, start in zip(found, told, strict=True):
        assert sentence.startswith(start)


def test_a_damaged_page_is_told(store: SqliteStore, tmp_path: Path) -> None:
    """As SQLite tells it."""
    path = tmp_path / "rota.db"
    store.close()
    with path.open("r+b") as file:
        file.seek(-4096, 2)
        file.write(b"\xff" * 4096)
    db = sqlite3.connect(path)
    db.execute("PRAGMA user_version")
    db.close()
    with pytest.raises(Exception, match="damaged"):
        SqliteStore(path, ballast=0)
