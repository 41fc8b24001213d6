"""Records for tests, made by hand; ``chances`` makes them by chance."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rota.core.indexes import IndexSet
from rota.core.job import Array, JobSpec
from rota.core.resources import Grant
from rota.engine.records import (
    AttemptSaved,
    Happened,
    JobAdded,
    JobChanged,
    Record,
    TaskSaved,
)

AT = 1_700_000_000_000
TRUE = JobSpec(argv=("true",))
FINAL = ("done", "failed", "cancelled")


def array_of(first: int, last: int, **more: Any) -> JobSpec:
    """Return an array job of the tasks *first* … *last*."""
    return JobSpec(argv=("true",), array=Array(IndexSet([[first, last]])), **more)


def added(id: int, spec: JobSpec = TRUE, *, user: str = "ann", at: int = AT) -> JobAdded:
    """Return the row of a job that came in."""
    return JobAdded(id, spec, user, 1000, at)


def changed(id: int, counts: Mapping[str, int], **more: Any) -> JobChanged:
    """Return the row of what became of a job; its state is that of its only count."""
    state = more.pop("state", None) or next(iter(counts))
    row = JobChanged(id, state, counts, [], None, None, None)
    return row._replace(**more)


def told(id: int, move: str = "submit", **more: Any) -> Happened:
    """Return a line of history."""
    return Happened(AT, id, None, None, move, None, "queued", None, "ann")._replace(**more)


def submitted(id: int, spec: JobSpec = TRUE, **more: Any) -> list[Record]:
    """Return what is committed when a job comes in and waits."""
    waiting = spec.array.indexes.ranges() if spec.array else [[0, 0]]
    tasks = len(spec.array.indexes) if spec.array else 1
    row = changed(id, {"queued": tasks}, waiting=waiting)
    return [added(id, spec, **more), row, told(id)]


def task(job: int, index: int, state: str = "running", /, **more: Any) -> TaskSaved:
    """Return the row of a task in its first attempt."""
    row = TaskSaved(job, index, state, 1, None, {}, 0, None, AT + 5, None, None, None)
    return row._replace(**more)


def attempt(job: int, index: int, n: int = 1, **more: Any) -> AttemptSaved:
    """Return the row of an attempt that runs on core 0 of node one."""
    grants = (Grant("one", (0,)),)
    row = AttemptSaved(
        job, index, n, "one", 7, grants, AT, AT + 5, None, None, None, None, {}
    )
    return row._replace(**more)
