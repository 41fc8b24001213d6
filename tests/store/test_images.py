"""What a server starts from: see also ``tests/contracts``; here, what it costs."""

from __future__ import annotations

import gc
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from rota.engine.records import CapSaved, UsageSaved
from rota.store import images
from rota.store.sqlite import SqliteStore
from tests.store import making as make


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    """A new store."""
    store = SqliteStore(tmp_path / "rota.db", ballast=0)
    yield store
    store.close()


def plans(db: sqlite3.Connection) -> list[str]:
    """Return how SQLite means to answer each query of a start."""
    asked: list[str] = []
    db.set_trace_callback(asked.append)
    images.load(db)
    db.set_trace_callback(None)
    found = []
    for query in asked:
        if query.startswith("SELECT"):
            found += [row[3] for row in db.execute(f"EXPLAIN QUERY PLAN {query}")]
    return found


def test_a_start_does_not_read_what_ended(store: SqliteStore) -> None:
    """Ten million finished jobs do not make it slower: all it asks goes by an index."""
    store.commit([*make.submitted(1), make.task(1, 0), make.attempt(1, 0)])
    with store._reading() as db:
        scans = [plan for plan in plans(db) if plan.startswith("SCAN")]

    # Of nodes, of users and of the row that names the store there are few.
    few = ("node", "meta", "event", "usage", "pool", "pilot", "cap", "booking", "learned")
    assert {scan.split(" USING")[0] for scan in scans} <= {f"SCAN {table}" for table in few}


def test_the_collector_is_as_it_was(store: SqliteStore) -> None:
    """It rests while a million objects are made, none of which is rubbish."""
    was_on = gc.isenabled()
    store.load()
    assert gc.isenabled() == was_on
    gc.disable()
    try:
        store.load()
        assert not gc.isenabled()
    finally:
        gc.enable()


def test_numbers_of_allocations_go_on_behind_the_largest(tmp_path: Path) -> None:
    """Over any number of starts, although the store notes them only now and then."""
    path, largest = tmp_path / "rota.db", 0
    for start in range(5):
        store = SqliteStore(path, ballast=0)
        image = store.load()
        assert image.next_alloc > largest
        store.commit(make.submitted(start + 1))
        for step in (0, 1, 998, 2500):
            largest = image.next_alloc + step
            store.commit([make.attempt(start + 1, 0, step + 1, alloc=largest)])
        store.close()


def test_limits_set_live_are_kept_also_those_removed(store: SqliteStore) -> None:
    """One's own beside an administrator's."""
    said = {"cores": 4, "licences": {"abaqus": 2}, "jobs": None}
    first = CapSaved("user", "ann", False, said, "root", 5)
    own = CapSaved("user", "ann", True, {"cores": 2}, "ann", 6)
    store.commit([first, own])
    store.commit([own._replace(at=7, gone=True)])
    assert store.load().caps == [first, own._replace(at=7, gone=True)]


def test_who_used_what_is_kept_whole(store: SqliteStore) -> None:
    """The latest row of each user, to the last bit."""
    store.commit([UsageSaved("ann", 1 / 3, 5), UsageSaved("bob", 2.0, 5)])
    store.commit([UsageSaved("ann", 2 / 3, 9)])
    found = sorted(store.load().usage)
    assert found == [UsageSaved("ann", 2 / 3, 9), UsageSaved("bob", 2.0, 5)]
