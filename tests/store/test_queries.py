"""What rows are called: others build on these names."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from rota.store.contract import JobQuery
from rota.store.sqlite import SqliteStore
from tests.store import making as make

JOB = {"id", "spec", "user", "uid", "state", "counts", "waiting", "submitted_at",
       "started_at", "ended_at", "reason"}  # fmt: skip
TASK = {"task", "state", "attempt", "reason", "failures", "troubles", "not_before",
        "started_at", "ended_at", "exit_code", "signal", "node", "grants", "placed_at",
        "usage", "killing"}  # fmt: skip
ATTEMPT = {"task", "n", "node", "alloc", "grants", "placed_at", "started_at", "ended_at",
           "exit_code", "signal", "reason", "usage", "killing"}  # fmt: skip
EVENT = {"seq", "at", "job", "task", "attempt", "move", "before", "after", "reason",
         "source"}  # fmt: skip


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    """An array and a single job, a task of each in its second attempt."""
    store = SqliteStore(tmp_path / "rota.db", ballast=0)
    store.commit([*make.submitted(1, make.array_of(0, 9)), *make.submitted(2)])
    store.commit([make.changed(1, {"running": 1, "queued": 9}, waiting=[[1, 9]])])
    store.commit([make.changed(2, {"running": 1})])
    for job in (1, 2):
        tries = [make.attempt(job, 0, 1, node="old"), make.attempt(job, 0, 2)]
        store.commit([make.task(job, 0, attempt=2), *tries])
    store.save_samples([(1, 0, 2, make.AT, 1, 2, 3, 4, 5)])
    yield store
    store.close()


def test_rows_have_the_names_the_contract_promises(store: SqliteStore) -> None:
    """Neither more nor fewer, placed or not."""
    single, array = store.jobs(JobQuery())

    assert set(array) == JOB
    assert set(single) == JOB | TASK
    for limit in (1, 2):
        assert {name for row in store.tasks(1, limit=limit) for name in row} == TASK
    assert {name for row in store.attempts(1, None) for name in row} == ATTEMPT
    assert {name for row in store.history(job=1) for name in row} == EVENT
    assert list(store.series(1, 0, 2)[0]) == [
        "at", "cpu_ms", "rss", "read_bytes", "written_bytes", "processes",
    ]  # fmt: skip


def test_a_task_shows_its_latest_attempt_only(store: SqliteStore) -> None:
    """Not the first one, and not two rows."""
    rows = store.tasks(1, limit=2)

    assert [row["task"] for row in rows] == [0, 1]
    assert (rows[0]["attempt"], rows[0]["node"]) == (2, "one")
    assert store.jobs(JobQuery(ids=[2]))[0]["node"] == "one"


def test_rows_are_the_readers_own(store: SqliteStore) -> None:
    """Counting in them changes nothing for the next one."""
    store.jobs(JobQuery())[0]["counts"]["done"] = 99

    assert store.jobs(JobQuery())[0]["counts"] == {"running": 1}
