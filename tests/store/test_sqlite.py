"""The store on SQLite: what is its own, beside the contract all stores fulfil."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from rota.core.errors import Broken
from rota.core.reasons import Reason
from rota.store.contract import JobQuery
from rota.store.sqlite import READERS_KEPT, SqliteStore
from tests.store import making as make


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the database is."""
    return tmp_path / "rota.db"


@pytest.fixture
def store(path: Path) -> Iterator[SqliteStore]:
    """A new store."""
    store = SqliteStore(path, ballast=0)
    yield store
    store.close()


def test_a_commit_is_on_disk_when_it_returns(path: Path, store: SqliteStore) -> None:
    """The log is synced at each commit, and errors of writing it back are not swallowed."""
    settings = {
        name: store._writer.execute(f"PRAGMA {name}").fetchone()[0]
        for name in ("journal_mode", "synchronous", "wal_autocheckpoint")
    }

    assert settings == {"journal_mode": "wal", "synchronous": 2, "wal_autocheckpoint": 0}


def test_the_log_does_not_grow_for_ever(path: Path, store: SqliteStore) -> None:
    """It is written back every so often, however small or large the batches are."""
    log = path.with_name("rota.db-wal")
    id, sizes = 0, []
    for size in (1, 1000):
        for _ in range(600 // size + 60):
            batch = [r for n in range(size) for r in make.submitted(id + n + 1)]
            id += size
            store.commit(batch)
            sizes.append(log.stat().st_size)

    assert max(sizes) < 40 << 20
    assert path.stat().st_size > 4 << 20


def test_g22_a_slow_reader_does_not_hold_up_commits(store: SqliteStore) -> None:
    """It keeps seeing its instant while batch after batch goes in."""
    store.commit(make.submitted(1))
    with store._reading() as db:
        before = db.execute("SELECT count(*) FROM job").fetchone()
        for first in range(2, 24_002, 600):
            batch = [row for n in range(600) for row in make.submitted(first + n)]
            store.commit(batch)
        assert db.execute("SELECT count(*) FROM job").fetchone() == before

    with store._reading() as db:
        assert db.execute("SELECT count(*) FROM job").fetchone() == (24_001,)


def test_many_readers_leave_few_connections(store: SqliteStore) -> None:
    """As many as ask at once are opened, few are kept."""
    store.commit(make.submitted(1))
    gate = threading.Barrier(12)

    def read() -> None:
        """Ask, at the same time as all others."""
        with store._reading() as db:
            gate.wait(timeout=30)
            db.execute("SELECT 1")

    threads = [threading.Thread(target=read) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert store._readers.qsize() == READERS_KEPT


def test_commits_from_many_threads_take_turns(store: SqliteStore) -> None:
    """Numbers are given once, and all is there."""
    seqs: list[int] = []

    def write(first: int) -> None:
        """Hand in twenty jobs."""
        for id in range(first, first + 20):
            seqs.append(store.commit(make.submitted(id)))

    threads = [threading.Thread(target=write, args=(n * 100 + 1,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(seqs) == list(range(1, 81))
    assert len(store.history(limit=100)) == 80


def test_a_second_writer_is_noticed(path: Path, store: SqliteStore) -> None:
    """Two that number the same history cannot both be right: the later one stops."""
    other = SqliteStore(path, ballast=0)
    store.commit(make.submitted(1))

    with pytest.raises(Broken):
        other.commit(make.submitted(2))
    assert [row["id"] for row in store.jobs(JobQuery())] == [1]
    other.close()


def test_nobody_else_can_read_it(path: Path, store: SqliteStore) -> None:
    """Environments are in it: the file and its log are the owner's alone."""
    store.commit(make.submitted(1))

    for file in path.parent.iterdir():
        assert file.stat().st_mode & 0o077 == 0, file.name


def test_an_interrupted_commit_leaves_the_store_usable(store: SqliteStore) -> None:
    """What cannot be written as JSON is the caller's bug; nothing of it stays behind."""
    strange = make.task(1, 0, reason=Reason("ok", "", {"object": object()}))
    with pytest.raises(TypeError):
        store.commit([*make.submitted(1), strange])

    assert store.jobs(JobQuery()) == []
    assert store.commit(make.submitted(1)) == 1


def test_a_batch_is_few_statements(store: SqliteStore) -> None:
    """Each statement gives the interpreter away once, and a busy event loop may keep it
    for 5 ms then: 6 000 rows one by one would take it half a minute.
    """
    tasks = 2000
    store.commit(make.submitted(1, make.array_of(0, tasks - 1)))
    asked: list[str] = []
    store._writer.set_trace_callback(asked.append)
    ends = [make.task(1, n, "done") for n in range(tasks)]
    tries = [make.attempt(1, n) for n in range(tasks)]
    told = [make.told(1, "finish", task=n) for n in range(tasks)]
    store.commit([*ends, *tries, *told])
    store._writer.set_trace_callback(None)

    assert len(store.attempts(1, limit=tasks)) == tasks
    assert len(asked) < 70
