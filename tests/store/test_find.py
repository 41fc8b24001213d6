"""Which jobs: every way to ask goes by the index that was meant for it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from rota.store.contract import JobQuery
from rota.store.find import NEAR, job_ids
from rota.store.sqlite import SqliteStore
from tests.store import making as make

BY_INDEX = "SEARCH job USING COVERING INDEX"


@pytest.fixture
def db(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    """A database with a job in it."""
    store = SqliteStore(tmp_path / "rota.db", ballast=0)
    store.commit(make.submitted(1))
    with store._reading() as db:
        yield db
    store.close()


def plan_of(db: sqlite3.Connection, query: JobQuery) -> list[str]:
    """Return how SQLite answers the last question asked for *query*."""
    asked: list[str] = []
    db.set_trace_callback(asked.append)
    job_ids(db, query)
    db.set_trace_callback(None)
    return [row[3] for row in db.execute(f"EXPLAIN QUERY PLAN {asked[-1]}")]


@pytest.mark.parametrize(
    ("query", "way"),
    [
        ({}, "SCAN job"),
        ({"before": 9}, "SEARCH job USING INTEGER PRIMARY KEY (rowid<?)"),
        ({"ids": [3, 4]}, "SEARCH job USING INTEGER PRIMARY KEY (rowid=?)"),
        ({"live": True}, f"{BY_INDEX} job_state (state=?)"),
        ({"states": ["done"]}, f"{BY_INDEX} job_state (state=?)"),
        ({"users": ["ann"]}, f"{BY_INDEX} job_owner (owner=? AND state=?)"),
        ({"users": ["ann"], "live": True, "since": 5},
         f"{BY_INDEX} job_owner (owner=? AND state=? AND id>?)"),
        ({"failed": True, "users": ["ann"]}, "SCAN job USING INDEX job_failed"),
        ({"names": ["sim"]}, f"{BY_INDEX} job_name (name=?)"),
        ({"names": ["sim*"]}, f"{BY_INDEX} job_name (name>? AND name<?)"),
        ({"tags": ["a"], "live": True}, "SEARCH tag USING PRIMARY KEY (tag=?)"),
    ],
    ids=str,
)  # fmt: skip
def test_each_way_to_ask_has_its_index(
    db: sqlite3.Connection, query: dict[str, Any], way: str
) -> None:
    """A page is found without looking at jobs that are not on it."""
    plan = plan_of(db, JobQuery(**query))

    assert way in plan
    assert not any("TEMP B-TREE" in step for step in plan), "the page would be sorted"


def test_the_newest_are_looked_through_first(tmp_path: Path) -> None:
    """A tag that half of all jobs have fills its page from the newest."""
    store = SqliteStore(tmp_path / "rota.db", ballast=0)
    spec = make.JobSpec(argv=("true",), tags=("half",))
    batch = [r for id in range(1, NEAR + 100) for r in make.submitted(id, spec)]
    store.commit(batch)
    with store._reading() as db:
        asked: list[str] = []
        db.set_trace_callback(asked.append)
        found = job_ids(db, JobQuery(tags=("half",), limit=10))
        db.set_trace_callback(None)
    store.close()

    assert found == list(range(NEAR + 99, NEAR + 89, -1))
    assert "EXISTS" in asked[-1]
