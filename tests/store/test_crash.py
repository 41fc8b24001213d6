"""Killed at any moment: what was confirmed is there, and no batch by half (G01)."""

from __future__ import annotations

import random
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip("psycopg")

from rota.core.errors import Conflict
from rota.store.contract import JobQuery, Store
from rota.store.line import Line
from rota.store.postgres import PostgresStore
from tests.real import postgres
from tests.server.running import until
from tests.store.crashing import opened

KILLS = 10
CUTS = 30


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.real)])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Where a store is, of each kind."""
    if request.param == "sqlite":
        yield str(tmp_path / "rota.db")
        return
    with postgres.running().lent() as url:
        yield url


def test_kill_9_loses_nothing_that_was_confirmed(database: str) -> None:
    """The same database is killed again and again, wherever the writer happens to be."""
    chance = random.Random(4711)
    confirmed = 0
    for kill in range(KILLS):
        confirmed = max(
            confirmed, killed_writer(database, seed=kill, after=chance.randint(1, 25))
        )
        store = reopened(database)
        found = batches(store)
        assert sorted(found) == list(range(1, max(found) + 1))
        assert max(found) >= confirmed, f"kill {kill}: batch {confirmed} is lost"
        if kill % 5 == 0:
            assert store.check() == []
        store.close()
    assert confirmed > KILLS


@pytest.mark.real
def test_a_connection_cut_while_commits_are_under_way_doubles_nothing() -> None:
    """Whether a batch was in is found out; it is written once, whatever was lost."""
    chance = random.Random(4712)
    with postgres.running().lent() as url:
        PostgresStore(url).close()
        writer = started_writer(url, seed=1)
        assert writer.stdout is not None
        lines = []
        admin = Line(url).writer("admin")
        for _ in range(CUTS):
            lines += [writer.stdout.readline() for _ in range(chance.randint(1, 9))]
            admin.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE application_name LIKE 'rota leader%'"
            )
        lines.append(writer.stdout.readline())
        admin.close()
        assert writer.poll() is None, "the writer ended by itself"
        writer.kill()
        lines += writer.stdout.readlines()
        writer.wait()
        confirmed = [int(line) for line in lines if line.endswith(b"\n")]
        store = reopened(url)
        found = batches(store)
        assert confirmed == list(range(1, len(confirmed) + 1))
        assert sorted(found) == list(range(1, max(found) + 1))
        assert max(found) >= confirmed[-1]
        assert store.check() == []
        store.close()


def reopened(database: str) -> Store:
    """Open the store again, once the connection of who was killed has ended there."""
    return until(lambda: _opened(database))


def _opened(database: str) -> Store | None:
    try:
        return opened(database)
    except Conflict:
        return None


def started_writer(database: str, *, seed: int) -> subprocess.Popen[bytes]:
    """Start a writer."""
    return subprocess.Popen(
        [sys.executable, "-m", "tests.store.crashing", database, str(seed)],
        stdout=subprocess.PIPE,
    )


def killed_writer(database: str, *, seed: int, after: int) -> int:
    """Kill a writer when it has confirmed *after* batches; return the last confirmed."""
    writer = started_writer(database, seed=seed)
    assert writer.stdout is not None
    lines = [writer.stdout.readline() for _ in range(after)]
    writer.kill()
    lines += writer.stdout.readlines()
    writer.wait()
    whole = [int(line) for line in lines if line.endswith(b"\n")]
    assert len(whole) >= after, "the writer ended by itself"
    return whole[-1]


def batches(store: Store) -> list[int]:
    """Return the numbers of all batches in *store*, having seen that each is whole."""
    rows = store.jobs(JobQuery(limit=1_000_000))
    sizes = {int(row["spec"].queue): int(row["spec"].info) for row in rows}
    assert Counter(int(row["spec"].queue) for row in rows) == sizes
    assert all(row["attempt"] == 1 for row in rows), "a job without its task"
    assert len(store.history(limit=1_000_000)) == len(rows)
    return list(sizes)
