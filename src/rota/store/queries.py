"""What a store answers about jobs, from committed rows only; one transaction each.

    jobs      a page of jobs (``find`` says which), with what is true of a single task
    attempts, history, series      rows in their order, from where the last page ended

Tasks are in ``tasks``: most of an array has no rows to read.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from rota.engine.records import Audited
from rota.store import statements as sql
from rota.store.contract import AuditQuery, JobQuery, StoredTree, Token
from rota.store.database import Database
from rota.store.find import job_ids
from rota.store.values import Source, Values, mapping_of, reason_of, tuple_of

Row = tuple[Any, ...]

_TASK = ("state", "attempt", "reason", "failures", "troubles", "not_before", "started_at",
         "ended_at", "exit_code", "signal")  # fmt: skip
_TRY = ("node", "grants", "placed_at", "usage", "killing")
TASK_COLUMNS = ", ".join(
    ["task.task", *(f"task.{n}" for n in _TASK), *(f"attempt.{n}" for n in _TRY)]
)
LATEST = (
    "LEFT JOIN attempt ON attempt.job = task.job AND attempt.task = task.task "
    "AND attempt.n = task.attempt"
)

_JOB = ("id", "owner", "uid", "state", "counts", "waiting", "submitted_at", "started_at",
        "ended_at", "reason", "is_array", "request", "spec", "env", "array_values",
        "script")  # fmt: skip
_IS_ARRAY = _JOB.index("is_array")
_JOBS = f"SELECT {', '.join(_JOB)} FROM job WHERE id IN ({{}}) ORDER BY id DESC"
_SINGLE = (
    f"SELECT task.job, {TASK_COLUMNS} FROM task {LATEST} JOIN job ON job.id = task.job "
    "WHERE task.job IN ({}) AND task.task = 0 AND job.is_array = 0"
)

_EVENT = ("seq", "at", "job", "task", "attempt", "move", "before", "after", "reason",
          "source")  # fmt: skip
_EVENT_COLUMNS = ", ".join(sql.EVENT.columns)


def jobs(source: Source, query: JobQuery) -> list[dict[str, Any]]:
    """Return what ``Store.jobs`` promises."""
    found: list[dict[str, Any]] = []
    for holes, some in sql.portions(job_ids(source.db, query)):
        placed = {row[0]: row[1:] for row in source.db.execute(_SINGLE.format(holes), some)}
        for row in source.db.execute(_JOBS.format(holes), some):
            shown = _job(row, source.values)
            if not row[_IS_ARRAY]:
                _add_task(shown, placed.get(row[0]), values=source.values)
            found.append(shown)
    return found


def _job(row: Row, values: Values) -> dict[str, Any]:
    (job, owner, uid, state, counts, waiting, submitted_at, started_at, ended_at, reason,
     _, *said) = row  # fmt: skip
    return {
        "id": job,
        "spec": values.specs[tuple(said)],
        "user": owner,
        "uid": uid,
        "state": state,
        "counts": dict(values.counts[counts]),
        "waiting": values.ranges[waiting],
        "submitted_at": submitted_at,
        "started_at": started_at,
        "ended_at": ended_at,
        "reason": values.reasons[reason],
    }


def _add_task(shown: dict[str, Any], row: Row | None, *, values: Values) -> None:
    """Add what is true of its only task to a job that is no array."""
    task = unplaced(0, shown["state"]) if row is None else task_dict(row, values)
    for name, value in task.items():
        shown.setdefault(name, value)
    if shown["reason"] is None:
        shown["reason"] = task["reason"]


def task_dict(row: Row, values: Values) -> dict[str, Any]:
    """Return what ``Store.tasks`` promises of a row of ``TASK_COLUMNS``."""
    (task, state, attempt, reason, failures, troubles, not_before, started_at, ended_at,
     exit_code, signal, node, grants, placed_at, usage, killing) = row  # fmt: skip
    return {
        "task": task,
        "state": state,
        "attempt": attempt,
        "reason": reason_of(reason),
        "failures": mapping_of(failures),
        "troubles": troubles,
        "not_before": not_before,
        "started_at": started_at,
        "ended_at": ended_at,
        "exit_code": exit_code,
        "signal": signal,
        "node": node,
        "grants": () if grants is None else values.grants[grants],
        "placed_at": placed_at,
        "usage": {} if usage is None else mapping_of(usage),
        "killing": reason_of(killing),
    }


def unplaced(task: int, state: str, *, reason: Any = None) -> dict[str, Any]:
    """Return what is true of a task that has no row: it was never placed."""
    return {
        "task": task,
        "state": state,
        "attempt": 0,
        "reason": reason,
        "failures": {},
        "troubles": 0,
        "not_before": None,
        "started_at": None,
        "ended_at": None,
        "exit_code": None,
        "signal": None,
        "node": None,
        "grants": (),
        "placed_at": None,
        "usage": {},
        "killing": None,
    }


def attempts(
    source: Source, *, job: int, task: int | None, limit: int
) -> list[dict[str, Any]]:
    """Return what ``Store.attempts`` promises."""
    one = "" if task is None else "AND task = ?"
    which = (job,) if task is None else (job, task)
    names = sql.ATTEMPT.columns[1:]
    rows = source.db.execute(
        f"SELECT {', '.join(names)} FROM attempt WHERE job = ? {one} "
        "ORDER BY task, n LIMIT ?",
        (*which, limit),
    )
    found = [dict(zip(names, row, strict=True)) for row in rows]
    for shown in found:
        shown["grants"] = source.values.grants[shown["grants"]]
        shown["reason"] = reason_of(shown["reason"])
        shown["usage"] = mapping_of(shown["usage"])
        shown["killing"] = reason_of(shown["killing"])
    return found


def history(
    db: Database, *, job: int | None, task: int | None, after: int, limit: int
) -> list[dict[str, Any]]:
    """Return what ``Store.history`` promises."""
    if job is None:
        return _events(db.execute(_select_events("seq > ?"), (after, limit)))
    if task is None:
        where = _select_events("job = ? AND seq > ?")
        return _events(db.execute(where, (job, after, limit)))
    where = _select_events("job = ? AND (task = ? OR task IS NULL) AND seq > ?")
    return _events(db.execute(where, (job, task, after, limit)))


def _select_events(where: str) -> str:
    return f"SELECT {_EVENT_COLUMNS} FROM event WHERE {where} ORDER BY seq LIMIT ?"


def _events(rows: Iterable[Row]) -> list[dict[str, Any]]:
    found = []
    for row in rows:
        shown = dict(zip(_EVENT, row, strict=True))
        shown["reason"] = reason_of(shown["reason"])
        found.append(shown)
    return found


def audit(db: Database, query: AuditQuery) -> list[dict[str, Any]]:
    """Return what ``Store.audit`` promises."""
    terms = ["id < ?"]
    wanted: list[Any] = [1 << 62 if query.before is None else query.before]
    for column, words in (("owner", query.users), ("action", query.actions)):
        if words:
            terms.append(f"{column} IN ({', '.join('?' * len(words))})")
            wanted += words
    if query.since is not None:
        terms.append("at >= ?")
        wanted.append(query.since)
    if query.refused:
        terms.append("refused IS NOT NULL")
    rows = db.execute(
        f"SELECT {', '.join(sql.AUDIT.columns)} FROM audit WHERE {' AND '.join(terms)} "
        "ORDER BY id DESC LIMIT ?",
        (*wanted, query.limit),
    )
    return [dict(zip(Audited._fields, row, strict=True)) for row in rows]


def series(db: Database, *, job: int, task: int, attempt: int) -> list[dict[str, Any]]:
    """Return what ``Store.series`` promises."""
    names = sql.SAMPLE.columns[3:]
    rows = db.execute(
        f"SELECT {', '.join(names)} FROM sample "
        "WHERE job = ? AND task = ? AND attempt = ? ORDER BY at",
        (job, task, attempt),
    )
    return [dict(zip(names, row, strict=True)) for row in rows]


def trees(db: Database, user: str) -> Iterator[StoredTree]:
    """Yield what ``Store.trees`` promises; the text of most jobs says they have none."""
    inputs = (
        "SELECT id, ended_at, spec FROM job WHERE owner = ? AND spec LIKE '%\"tree\":%'"
    )
    for job, ended_at, spec in db.execute(inputs, (user,)):
        digest = json.loads(spec).get("tree")
        if digest:
            yield StoredTree(job, ended_at, digest)
    outputs = (
        "SELECT job.id, job.ended_at, attempt.usage FROM job JOIN attempt "
        "ON attempt.job = job.id WHERE job.owner = ? "
        "AND attempt.usage LIKE '%\"outputs\":%'"
    )
    for job, ended_at, usage in db.execute(outputs, (user,)):
        digest = (json.loads(usage).get("outputs") or {}).get("tree")
        if digest:
            yield StoredTree(job, ended_at, digest)


def tokens(db: Database, digest: str | None = None) -> dict[str, Token]:
    """Return {hash: token}, of all or of one, the oldest first."""
    query = f"SELECT {', '.join(sql.TOKEN.columns)} FROM token"
    if digest is None:
        rows = db.execute(f"{query} ORDER BY created_at, digest").fetchall()
    else:
        rows = db.execute(f"{query} WHERE digest = ?", (digest,)).fetchall()
    return {row[0]: Token._make((*row[1:9], tuple_of(row[9]), row[10])) for row in rows}
