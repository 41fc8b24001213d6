"""Killed at any moment: what was confirmed is there, and no batch by half (G01)."""

from __future__ import annotations

import random
import subprocess
import sys
from collections import Counter
from pathlib import Path

from rota.store.contract import JobQuery
from rota.store.sqlite import SqliteStore

KILLS = 15


def test_kill_9_loses_nothing_that_was_confirmed(tmp_path: Path) -> None:
    """The same database is killed again and again, wherever the writer happens to be."""
    path = tmp_path / "rota.db"
    chance = random.Random(4711)
    confirmed = 0
    for kill in range(KILLS):
        confirmed = max(
            confirmed, killed_writer(path, seed=kill, after=chance.randint(1, 25))
        )
        store = SqliteStore(path, ballast=1 << 16)
        found = batches(store)
        assert sorted(found) == list(range(1, max(found) + 1))
        assert max(found) >= confirmed, f"kill {kill}: batch {confirmed} is lost"
        if kill % 5 == 0:
            assert store.check() == []
        store.close()
    assert confirmed > KILLS


def killed_writer(path: Path, *, seed: int, after: int) -> int:
    """Kill a writer when it has confirmed *after* batches; return the last confirmed."""
    writer = subprocess.Popen(
        [sys.executable, "-m", "tests.store.crashing", path, str(seed)],
        stdout=subprocess.PIPE,
    )
    assert writer.stdout is not None
    lines = [writer.stdout.readline() for _ in range(after)]
    writer.kill()
    lines += writer.stdout.readlines()
    writer.wait()
    whole = [int(line) for line in lines if line.endswith(b"\n")]
    assert len(whole) >= after, "the writer ended by itself"
    return whole[-1]


def batches(store: SqliteStore) -> list[int]:
    """Return the numbers of all batches in *store*, having seen that each is whole."""
    rows = store.jobs(JobQuery(limit=1_000_000))
    sizes = {int(row["spec"].queue): int(row["spec"].info) for row in rows}
    assert Counter(int(row["spec"].queue) for row in rows) == sizes
    assert all(row["attempt"] == 1 for row in rows), "a job without its task"
    assert len(store.history(limit=1_000_000)) == len(rows)
    return list(sizes)
