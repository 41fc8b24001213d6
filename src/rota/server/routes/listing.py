"""Looking at jobs, tasks, their history and what they used: reads, and nothing else.

All truth is what the store has committed; what is true only now (progress, why it waits)
is laid over it by the views.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from rota.core.account import User
from rota.core.errors import Complaint, Malformed, Missing
from rota.core.job import task_name
from rota.core.lifecycle import State
from rota.core.secret import shown_environment
from rota.core.units import parse_duration
from rota.server.parts import Parts
from rota.server.route import Call
from rota.server.routes.chain import chain_view
from rota.server.sight import check_read, may_list, may_read, narrowed
from rota.server.views import history_view, show_instant
from rota.store.contract import JobQuery
from rota.wire import api

ATTEMPTS_SHOWN = 100
RANGED_MAX = 2_000_000
JOB_MAX = 10**18
_ZONED = re.compile(r"(Z|[+-]\d\d:?\d\d)$")


async def list_jobs(parts: Parts, call: Call) -> api.JobsPage:
    """List jobs, newest first, a page at a time."""
    asked: api.JobsQuery = call.query
    seq = parts.feed.seq
    query = query_of(parts, call, limit=asked.limit + 1)
    rows = await parts.read(parts.store.jobs, query)
    at = parts.clock.now()
    shown = [
        parts.viewer.job(row, at=at, by=call.user, with_spec=asked.spec)
        for row in rows[: asked.limit]
    ]
    more = len(rows) > asked.limit
    return api.JobsPage(jobs=shown, next=str(shown[-1].id) if more else None, seq=seq)


async def list_ranges(parts: Parts, call: Call) -> api.JobRanges:
    """List the ids of all jobs that are so, as ranges: a table knows how long it is."""
    seq = parts.feed.seq
    query = query_of(parts, call, limit=RANGED_MAX)
    found = await parts.read(parts.store.job_ranges, query)
    jobs = sum(first - last + 1 for first, last in found)
    return api.JobRanges(ranges=found, jobs=jobs, seq=seq)


async def list_groups(parts: Parts, call: Call) -> api.JobGroups:
    """Count jobs by user, state, queue or name, the largest groups first."""
    asked: api.GroupsQuery = call.query
    query = query_of(parts, call, limit=asked.limit)
    found = await parts.read(parts.store.job_groups, query, asked.by)
    groups = [
        api.JobGroup(key=key, jobs=sum(states.values()), states=states)
        for key, states in found.items()
    ]
    return api.JobGroups(by=asked.by, groups=groups)


def query_of(parts: Parts, call: Call, *, limit: int) -> JobQuery:
    """Return what the store is asked, at most *limit* of it."""
    asked: api.JobsQuery = call.query
    check_states(asked.state)
    query = JobQuery(
        ids=asked.ids or None,
        users=asked.user,
        states=asked.state,
        names=asked.name,
        tags=asked.tag,
        queues=asked.queue,
        live=asked.live,
        failed=asked.failed,
        since=since_when(asked.since, parts.clock.now()),
        there_since=since_when(asked.there_since, parts.clock.now()),
        before=int(asked.cursor) if asked.cursor else None,
        limit=limit,
    )
    return narrowed(parts.mind.memory.rules, call.user, query)


async def show_job(parts: Parts, call: Call) -> api.JobView:
    """Show all that is known of a job, its attempts included."""
    row = await job_row(parts, call.path["id"], user=call.user)
    attempts: list[dict[str, Any]] = []
    if row["spec"].array is None:
        attempts = await parts.read(parts.store.attempts, row["id"], None)
    view = parts.viewer.job(
        row,
        at=parts.clock.now(),
        by=call.user,
        attempts=attempts[-ATTEMPTS_SHOWN:],
        with_spec=True,
    )
    view.chain = await chain_view(parts, call.user, job=view.id)
    return view


async def show_environment(parts: Parts, call: Call) -> api.EnvironmentView:
    """Show the environment that a job was submitted with; secrets are hidden."""
    row = await job_row(parts, call.path["id"], user=call.user)
    check_read(parts.mind.memory.rules, call.user, row, what="environment")
    env = await parts.read(lambda: dict(row["spec"].env))
    return api.EnvironmentView(id=row["id"], env=shown_environment(env))


async def list_tasks(parts: Parts, call: Call) -> api.TasksPage:
    """List the tasks of a job, in order, a page at a time."""
    asked: api.TasksQuery = call.query
    check_states(asked.state)
    job = await job_row(parts, call.path["id"], user=call.user)
    states = [*asked.state, *(["failed"] if asked.failed else [])]
    rows = await parts.read(
        parts.store.tasks,
        job["id"],
        states=states,
        after=int(asked.cursor) if asked.cursor else -1,
        limit=asked.limit + 1,
    )
    at = parts.clock.now()
    shown = [
        parts.viewer.task(job, row, at=at, by=call.user) for row in rows[: asked.limit]
    ]
    more = len(rows) > asked.limit
    return api.TasksPage(
        tasks=shown, next=str(rows[asked.limit - 1]["task"]) if more else None
    )


async def show_task(parts: Parts, call: Call) -> api.JobView:
    """Show all that is known of one task, its attempts included."""
    job = await job_row(parts, call.path["id"], user=call.user)
    row = await task_row(parts, job, task=call.path["task"])
    attempts = await parts.read(parts.store.attempts, job["id"], row["task"])
    view = parts.viewer.task(
        job,
        row,
        at=parts.clock.now(),
        by=call.user,
        attempts=attempts[-ATTEMPTS_SHOWN:],
        with_spec=True,
    )
    view.chain = await chain_view(parts, call.user, job=view.id, task=view.task)
    return view


async def list_history(parts: Parts, call: Call) -> api.HistoryPage:
    """List what happened to a job, oldest first, a page at a time."""
    asked: api.HistoryQuery = call.query
    job = await job_row(parts, call.path["id"], user=call.user)
    rows = await parts.read(
        parts.store.history,
        job=job["id"],
        task=asked.task,
        after=int(asked.cursor) if asked.cursor else 0,
        limit=asked.limit + 1,
    )
    may = may_read(parts.mind.memory.rules, call.user, job)
    shown = [history_view(row, with_output=may) for row in rows[: asked.limit]]
    more = len(rows) > asked.limit
    return api.HistoryPage(history=shown, next=str(shown[-1].seq) if more else None)


async def show_series(parts: Parts, call: Call) -> api.SeriesView:
    """Show what an attempt used over time."""
    asked: api.SeriesQuery = call.query
    job = await job_row(parts, call.path["id"], user=call.user)
    attempt = await attempt_row(parts, job, task=asked.task, n=asked.attempt)
    rows = await parts.read(parts.store.series, job["id"], attempt["task"], attempt["n"])
    samples = [
        api.SampleView(
            at=show_instant(row["at"]),
            cpu_s=row["cpu_ms"] / 1000.0,
            rss=row["rss"],
            read_bytes=row["read_bytes"],
            written_bytes=row["written_bytes"],
            procs=row["processes"],
        )
        for row in rows
    ]
    return api.SeriesView(
        id=job["id"], task=attempt["task"], attempt=attempt["n"], samples=samples
    )


# ── rows, or a refusal ────────────────────────────────────────────────────────────────


async def job_row(parts: Parts, job: int, *, user: User) -> dict[str, Any]:
    """Return the row of *job*, which *user* wants to see.

    Raises:
        Missing: there is none, or none that *user* is to know of.
    """
    rows = []
    if job <= JOB_MAX:
        rows = await parts.read(parts.store.jobs, JobQuery(ids=[job], limit=1))
    rules = parts.mind.memory.rules
    if not rows or not may_list(rules, user, owner=rows[0]["user"], spec=rows[0]["spec"]):
        raise Missing(f"there is no job {job}; rota ls --all lists the jobs there are")
    return rows[0]


async def task_row(parts: Parts, job: Mapping[str, Any], *, task: int) -> dict[str, Any]:
    """Return the row of *task*; a plain job has a task 0.

    Raises:
        Missing: there is no such task.
    """
    rows = []
    if task <= JOB_MAX:
        rows = await parts.read(parts.store.tasks, job["id"], after=task - 1, limit=1)
    if not rows or rows[0]["task"] != task:
        raise Missing(f"job {job['id']} has no task {task}; it has {_indexes(job)}")
    return rows[0]


async def attempt_row(
    parts: Parts, job: Mapping[str, Any], *, task: int | None, n: int | None
) -> dict[str, Any]:
    """Return attempt *n* of a task, the latest when None.

    Raises:
        Malformed: *task* is needed for an array;  Missing: there is no such attempt.
    """
    index = needed_task(job, task)
    await task_row(parts, job, task=index)
    rows = await parts.read(parts.store.attempts, job["id"], index)
    found = [row for row in rows if n is None or row["n"] == n]
    if found:
        return found[-1]
    name = task_name(job["id"], index if job["spec"].array else None)
    if n is None:
        raise Missing(f"job {name} has not started yet; rota why {name} says why")
    raise Missing(f"job {name} has no attempt {n}; it has {len(rows)}")


def needed_task(job: Mapping[str, Any], task: int | None) -> int:
    """Return the task that is meant; a plain job needs none said."""
    if task is None and job["spec"].array is not None:
        number = job["id"]
        remedy = f"say which, for example {number}[{job['spec'].array.indexes.first}]"
        raise Malformed(complaints=[Complaint("task", f"job {number} is an array", remedy)])
    return task or 0


def check_states(states: list[str]) -> None:
    """Refuse words that are no states."""
    known = [str(state) for state in State]
    wrong = [state for state in states if state not in known]
    if wrong:
        remedy = f"states are {', '.join(known)}"
        raise Malformed(
            complaints=[Complaint("state", f"no state {w!r}", remedy) for w in wrong]
        )


def since_when(text: str | None, now: int, *, field: str = "since") -> int | None:
    """Return the instant that *text*, ISO-8601 with a zone or how long ago, names."""
    if text is None:
        return None
    try:
        return now - parse_duration(text)
    except ValueError:
        return _instant_of(text, field)


def _instant_of(text: str, field: str) -> int:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        found = None
    if found is None or not _ZONED.search(text):
        remedy = "write 2h, 3d or 2024-05-01T12:00:00Z"
        raise Malformed(
            complaints=[Complaint(field, f"{text[:60]!r} is no instant", remedy)]
        )
    return int(found.astimezone(UTC).timestamp() * 1000)


def _indexes(job: Mapping[str, Any]) -> str:
    array = job["spec"].array
    return str(array.indexes)[:200] if array else "only 0, as it is no array"
