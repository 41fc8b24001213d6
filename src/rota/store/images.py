"""Rows → records: what a server starts from, and finished jobs brought back for ``rerun``.

load    live jobs: their rows, of an array the tasks that are not over, the attempts
        that hold resources;  nodes;  where numbers go on
revive  some jobs, finished or not, with all their task rows
"""

from __future__ import annotations

import gc
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from rota.core.lifecycle import FINAL, LIVE, State
from rota.engine.records import (
    AttemptSaved,
    CapSaved,
    Image,
    JobAdded,
    JobChanged,
    JobImage,
    LearnedSaved,
    NodeSaved,
    PilotSaved,
    PoolSaved,
    TaskEnds,
    TaskSaved,
    UsageSaved,
    WindowSaved,
)
from rota.store import statements as sql
from rota.store.counterparts import task_ends
from rota.store.database import Database
from rota.store.values import (
    Source,
    Values,
    content,
    grants_of,
    mapping_of,
    reason_of,
    tuple_of,
)

OPEN_STATES = tuple(state.value for state in State if state not in FINAL)
HOLDING_STATES = tuple(state.value for state in State if state in LIVE)
FINAL_STATES = tuple(state.value for state in State if state in FINAL)

_JOB = ", ".join(
    f"job.{name}" for name in
    ("id", "owner", "uid", "submitted_at", "state", "counts", "waiting", "started_at",
     "ended_at", "reason", "request", "spec", "env", "array_values", "script")
)  # fmt: skip
_TASK = ", ".join(f"task.{name}" for name in sql.TASK.columns)
_ATTEMPT = ", ".join(f"attempt.{name}" for name in sql.ATTEMPT.columns)

PILOTS_SHOWN = 200
ByJob = Mapping[int, Sequence[Any]]


def load(db: Database) -> Image:
    """Return all that lives, read in one transaction of *db*."""
    with _no_collector():
        tasks, attempts = _by_job(_open_tasks(db)), _by_job(_holding_attempts(db))
        jobs = list(_images(db, _open_jobs(db), tasks=tasks, attempts=attempts))
        # Each state came in the order of ids already: this merges sorted runs.
        jobs.sort(key=lambda image: image.added.id)
    nodes = [
        _node(row) for row in db.execute(f"SELECT {', '.join(sql.NODE.columns)} FROM node")
    ]
    next_alloc = int(db.execute("SELECT next_alloc FROM meta").fetchone()[0])
    last_job = db.execute("SELECT max(id) FROM job").fetchone()[0] or 0
    told = db.execute("SELECT at FROM event ORDER BY seq DESC LIMIT 1").fetchone()
    last_at = max(told[0] if told else 0, *(node.seen_at for node in nodes), 0)
    usage = [UsageSaved(*row) for row in db.execute("SELECT owner, used, at FROM usage")]
    return Image(
        jobs, nodes, next_job=last_job + 1, next_alloc=next_alloc, last_at=last_at,
        usage=usage, task_ends=_counterparts(db, jobs), pools=_pools(db),
        pilots=_pilots(db), caps=_caps(db), windows=_windows(db), learned=_learned(db),
    )  # fmt: skip


def _counterparts(db: Database, jobs: Sequence[JobImage]) -> Mapping[int, TaskEnds]:
    """Return what became of the tasks that those of *jobs* wait for, one by one."""
    wanted = {
        after.job for image in jobs for after in image.added.spec.after if after.by_task
    }
    source = Source(db, Values(lambda digest: content(db, digest)))
    return task_ends(source, sorted(wanted)) if wanted else {}


def revive(db: Database, ids: Sequence[int]) -> list[JobImage]:
    """Return images of those of *ids* there are, in order, read in one transaction."""
    found: list[JobImage] = []
    for holes, some in sql.portions(sorted(set(ids))):
        rows = db.execute(f"SELECT {_JOB} FROM job WHERE id IN ({holes}) ORDER BY id", some)
        tasks = db.execute(f"SELECT {_TASK} FROM task WHERE job IN ({holes})", some)
        attempts = db.execute(
            f"SELECT {_ATTEMPT} FROM task JOIN attempt ON attempt.job = task.job "
            f"AND attempt.task = task.task AND attempt.n = task.attempt "
            f"WHERE task.job IN ({holes}) AND {_is_one_of('task.state', HOLDING_STATES)}",
            some,
        )
        by_job = {
            "tasks": _by_job(map(_task, tasks)),
            "attempts": _by_job(map(_attempt, attempts)),
        }
        found.extend(_images(db, rows, **by_job))
    return found


def _images(
    db: Database,
    rows: Iterable[tuple[Any, ...]],
    *,
    tasks: ByJob,
    attempts: ByJob,
) -> Iterator[JobImage]:
    values = Values(lambda digest: content(db, digest))
    specs, counts, ranges, reasons = (
        values.specs, values.counts, values.ranges, values.reasons
    )  # fmt: skip
    for row in rows:
        (job, owner, uid, submitted_at, state, counted, waiting, started_at, ended_at,
         reason, *said) = row  # fmt: skip
        yield JobImage(
            JobAdded(job, specs[tuple(said)], owner, uid, submitted_at),
            JobChanged(
                job, state, counts[counted], ranges[waiting], started_at, ended_at,
                reasons[reason],
            ),
            tasks.get(job, ()), attempts.get(job, ()),
        )  # fmt: skip


def _open_jobs(db: Database) -> Iterator[tuple[Any, ...]]:
    for state in OPEN_STATES:
        query = f"SELECT {_JOB} FROM job WHERE state = ? ORDER BY id"
        yield from db.execute(query, (state,))


def _open_tasks(db: Database) -> Iterator[TaskSaved]:
    # "<> 'done'" is what tells SQLite that the index task_open has all of them.
    query = f"SELECT {_TASK} FROM task WHERE state <> 'done' AND state = ?"
    for state in OPEN_STATES:
        yield from map(_task, db.execute(query, (state,)))


def _holding_attempts(db: Database) -> Iterator[AttemptSaved]:
    query = (
        f"SELECT {_ATTEMPT} FROM task JOIN attempt ON attempt.job = task.job "
        "AND attempt.task = task.task AND attempt.n = task.attempt "
        "WHERE task.state <> 'done' AND task.state = ?"
    )
    for state in HOLDING_STATES:
        yield from map(_attempt, db.execute(query, (state,)))


def _by_job(rows: Iterable[Any]) -> ByJob:
    found: dict[int, list[Any]] = defaultdict(list)
    for row in rows:
        found[row.job].append(row)
    for some in found.values():
        some.sort(key=lambda row: row.task)
    return found


def _task(row: tuple[Any, ...]) -> TaskSaved:
    (job, task, state, attempt, reason, failures, troubles, not_before, started_at,
     ended_at, exit_code, signal) = row  # fmt: skip
    return TaskSaved(
        job, task, state, attempt, reason_of(reason), mapping_of(failures), troubles,
        not_before, started_at, ended_at, exit_code, signal,
    )  # fmt: skip


def _attempt(row: tuple[Any, ...]) -> AttemptSaved:
    (job, task, n, node, alloc, grants, placed_at, started_at, ended_at, exit_code,
     signal, reason, usage, killing) = row  # fmt: skip
    return AttemptSaved(
        job, task, n, node, alloc, grants_of(grants), placed_at, started_at, ended_at,
        exit_code, signal, reason_of(reason), mapping_of(usage), reason_of(killing),
    )  # fmt: skip


def _node(row: tuple[Any, ...]) -> NodeSaved:
    (name, boot, cores, memory, gpus, resources, labels, seen_at, drained, requires,
     serves) = row  # fmt: skip
    return NodeSaved(
        name, boot, tuple_of(cores), memory, tuple_of(gpus), mapping_of(resources),
        tuple_of(labels), seen_at, reason_of(drained), tuple_of(requires), serves,
    )  # fmt: skip


def _pools(db: Database) -> list[PoolSaved]:
    rows = db.execute(f"SELECT {', '.join(sql.POOL.columns)} FROM pool ORDER BY name")
    return [
        PoolSaved(
            name, mapping_of(said), source, drained, bool(removed), next_n, bool(gone)
        )
        for name, said, source, drained, removed, next_n, gone in rows
    ]


def _pilots(db: Database) -> list[PilotSaved]:
    """Return the pilots that are not gone, and the latest of those that are."""
    columns = ", ".join(sql.PILOT.columns)
    live = f"SELECT {columns} FROM pilot WHERE state <> 'gone' ORDER BY pool, n"
    gone = (
        f"SELECT {columns} FROM pilot WHERE state = 'gone' ORDER BY asked_at DESC LIMIT ?"
    )
    recent = [PilotSaved(*row) for row in db.execute(gone, (PILOTS_SHOWN,))]
    return [*(PilotSaved(*row) for row in db.execute(live)), *reversed(recent)]


def _caps(db: Database) -> list[CapSaved]:
    rows = db.execute(f"SELECT {', '.join(sql.CAP.columns)} FROM cap ORDER BY at")
    return [
        CapSaved(kind, name, bool(own), mapping_of(said), set_by, at, bool(gone))
        for kind, name, own, said, set_by, at, gone in rows
    ]


def _windows(db: Database) -> list[WindowSaved]:
    columns = ", ".join(sql.BOOKING.columns)
    rows = db.execute(f"SELECT {columns} FROM booking ORDER BY set_at")
    return [WindowSaved(*row)._replace(said=mapping_of(row[2])) for row in rows]


def _learned(db: Database) -> list[LearnedSaved]:
    """Return what was learned lately; what nobody ran for long is not missed."""
    rows = db.execute("SELECT name, said, at FROM learned ORDER BY at DESC LIMIT 100000")
    return [LearnedSaved(name, json.loads(said), at) for name, said, at in rows]


def _is_one_of(column: str, words: Sequence[str]) -> str:
    return f"{column} IN ({', '.join(repr(word) for word in words)})"


@contextmanager
def _no_collector() -> Iterator[None]:
    """Millions of new objects, none of them rubbish: looking for cycles only costs."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
