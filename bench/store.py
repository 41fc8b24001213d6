"""The store alone: rows in, jobs back, pages out, on this disk.

    python bench/store.py [--quick]      this figure alone

A task that runs and ends is five rows: its own, its attempt's, three lines of history.
Times include turning records into rows; commits are synced (SQLite, WAL, FULL).
"""

from __future__ import annotations

import gc
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from statistics import median
from typing import Any

from figure import Figure, Value, table
from floor import OUT

from rota.core.indexes import IndexSet
from rota.core.job import Array, JobSpec
from rota.core.reasons import reason
from rota.core.resources import Grant
from rota.engine.records import (
    AttemptSaved,
    Happened,
    JobAdded,
    JobChanged,
    Record,
    TaskSaved,
)
from rota.store.contract import JobQuery
from rota.store.sqlite import SqliteStore

AT = 1_700_000_000_000
ROWS = 5
PAGE = 100


def measure(*, quick: bool) -> Figure:
    """Write, read and start again; return times and rates."""
    OUT.mkdir(exist_ok=True)
    jobs = 100_000 if quick else 1_000_000
    with tempfile.TemporaryDirectory(dir=OUT) as folder:
        path = Path(folder) / "rota.db"
        store = SqliteStore(path)
        large = seconds_of_tasks(store, first=1, tasks=10_000, batches=5)
        small = seconds_of_tasks(store, first=6, tasks=100, batches=100)
        single = seconds_of_singles(store, first=106, jobs=500)
        submit_s = seconds_of_all(store, first=1000, jobs=jobs)
        pages = page_times(store)
        size = path.stat().st_size / jobs
        store.close()
        open_s, load_s = restart(path)
        alike_s = restart(alike(Path(folder) / "alike.db", jobs))[1]
    scale = jobs / 1_000_000
    return Figure(
        "store",
        [
            Value("task ended, 10 000 at once", 1e6 * large, "us", 40, 20),
            Value("the same, rows", ROWS / large, "/s", 100_000, 250_000, more=True),
            Value("task ended, 100 at once", 1e6 * small, "us", 80, 40),
            Value("single submits", 1 / single, "/s", 1_500, 4_000, more=True),
            Value("singles: submit", submit_s, "s", 20 * scale, 16 * scale),
            Value("singles: open", open_s, "s"),
            Value("singles: load, all alike", alike_s, "s", 6 * scale, 3 * scale),
            Value("singles: load, all different", load_s, "s"),
            Value("singles: on disk", size, "B"),
            *(Value(f"page: {n}", 1e3 * s, "ms", 50, 20) for n, s in pages),
        ],
        {"jobs": jobs, "page": PAGE},
    )


def seconds(act: Callable[[], Any]) -> float:
    """Return how long *act* takes."""
    began = time.perf_counter()
    act()
    return time.perf_counter() - began


def seconds_of_tasks(store: SqliteStore, *, first: int, tasks: int, batches: int) -> float:
    """Return the time of one task that ends, so many in a batch."""
    taken = []
    for id in range(first, first + batches):
        spec = JobSpec(argv=("true",), array=Array(IndexSet([[0, tasks - 1]])))
        store.commit(submitted(id, spec, tasks=tasks))
        batch = list(ended(id, tasks))
        taken.append(seconds(lambda batch=batch: store.commit(batch)))  # type: ignore[misc]
    return median(taken) / tasks


def seconds_of_singles(store: SqliteStore, *, first: int, jobs: int) -> float:
    """Return the time of a submit that is a batch of its own."""
    batches = [named(id) for id in range(first, first + jobs)]
    return seconds(lambda: [store.commit(batch) for batch in batches]) / jobs


def seconds_of_all(store: SqliteStore, *, first: int, jobs: int) -> float:
    """Return the time to take in jobs that all differ, 10 000 at a time."""
    taken = 0.0
    for start in range(first, first + jobs, 10_000):
        batch = [row for id in range(start, start + 10_000) for row in named(id)]
        taken += seconds(lambda batch=batch: store.commit(batch))  # type: ignore[misc]
    return taken


def page_times(store: SqliteStore) -> list[tuple[str, float]]:
    """Return the times of the first page of some listings."""
    queries = {
        "newest": JobQuery(limit=PAGE),
        "live, of a user": JobQuery(users=["ann"], live=True, limit=PAGE),
        "by a tag": JobQuery(tags=["all"], limit=PAGE),
        "by a name": JobQuery(names=["job-2000"], limit=PAGE),
        "of nobody": JobQuery(users=["bob"], limit=PAGE),
        "failed": JobQuery(failed=True, limit=PAGE),
    }
    return [
        (name, median(seconds(lambda q=query: store.jobs(q)) for _ in range(9)))  # type: ignore[misc]
        for name, query in queries.items()
    ]


def restart(path: Path) -> tuple[float, float]:
    """Return how long it takes to open the database, and to load all of its jobs."""
    gc.collect()
    began = time.perf_counter()
    store = SqliteStore(path)
    opened = time.perf_counter()
    store.load()
    loaded = time.perf_counter()
    store.close()
    return opened - began, loaded - opened


def alike(path: Path, jobs: int) -> Path:
    """Fill a database with jobs that all say the same; return its path."""
    store, spec = SqliteStore(path, ballast=0), JobSpec(argv=("true",), cwd="/home/ann")
    for start in range(1, jobs, 10_000):
        ids = range(start, start + 10_000)
        store.commit([row for id in ids for row in submitted(id, spec)])
    store.close()
    return path


def named(id: int) -> list[Record]:
    """Return a job like no other: its name and command are its own."""
    name = f"job-{id}"
    env = {"HOME": "/home/ann", "PATH": "/usr/bin:/bin"}
    spec = JobSpec(argv=("echo", name), name=name, cwd="/home/ann", env=env, tags=("all",))
    return submitted(id, spec)


def submitted(id: int, spec: JobSpec, *, tasks: int = 1) -> list[Record]:
    """Return the rows of a job that comes in."""
    waiting = [[0, tasks - 1]]
    return [
        JobAdded(id, spec, "ann", 1000, AT),
        JobChanged(id, "queued", {"queued": tasks}, waiting, None, None, None),
        Happened(AT, id, None, None, "submit", None, "queued", None, "ann"),
    ]


def ended(job: int, tasks: int) -> Iterator[Record]:
    """Yield the rows of tasks that were placed, started and have ended."""
    grants = (Grant("one", (0,)),)
    lines: Sequence[tuple[str, str, str]] = (
        ("place", "queued", "placed"), ("start", "placed", "running"),
        ("finish", "running", "done"),
    )  # fmt: skip
    for task in range(tasks):
        ok = reason("ok", code=0)
        usage = {"cpu_s": 0.001, "max_rss": 3_000_000, "read_bytes": 0, "written_bytes": 0}
        yield TaskSaved(job, task, "done", 1, ok, {}, 0, None, AT, AT + 1, 0, None)
        yield AttemptSaved(
            job, task, 1, "one", task, grants, AT, AT, AT + 1, 0, None, ok, usage
        )
        for move, before, after in lines:
            yield Happened(AT, job, task, 1, move, before, after, ok, "one")


if __name__ == "__main__":
    print(table([measure(quick="--quick" in sys.argv[1:])]))
