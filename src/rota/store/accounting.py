"""What was used, added up: attempts that ended, a portion of them at a time.

    attempts of [since, until) ──▶ keys of each (user, month, label …) ──▶ sums by key
                  ╰── after (job, task, n): where the portion before left off

Sums of portions are added by whoever asks, so that years of history never
are one question, nor in memory at once.  An attempt counts where it ended, with all it
used; months and days are those of UTC.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from itertools import product
from typing import Any

from rota.core.lifecycle import FINAL
from rota.store.contract import Portion, UsageQuery
from rota.store.find import among
from rota.store.statements import portions
from rota.store.values import Source, mapping_of

Row = tuple[Any, ...]
Sums = defaultdict[str, int | float]
Keys = Callable[[Mapping[str, Any]], Sequence[str]]
"""Names, one or several, that an attempt goes under."""

_ATTEMPTS = (
    "SELECT attempt.job, attempt.task, attempt.n, attempt.grants, attempt.started_at,"
    " attempt.ended_at, attempt.usage, before.ended_at, task.state, task.attempt"
    " FROM job JOIN attempt ON attempt.job = job.id"
    " JOIN task ON task.job = attempt.job AND task.task = attempt.task"
    " LEFT JOIN attempt AS before ON before.job = attempt.job"
    " AND before.task = attempt.task AND before.n = attempt.n - 1"
    " WHERE {} ORDER BY attempt.job, attempt.task, attempt.n LIMIT ?"
)
_JOBS = "SELECT id, owner, queue, submitted_at, request, spec FROM job WHERE id IN ({})"
_FINAL = frozenset(state.value for state in FINAL)
AGAIN = "again"
"""How an attempt ended that was not its task's last: the task was tried again."""


def usage(source: Source, query: UsageQuery) -> Portion:
    """Return what ``Store.usage`` promises."""
    rows = _rows(source, query)
    more = len(rows) > query.limit
    rows = rows[: query.limit]
    jobs = _jobs(source, sorted({row[0] for row in rows}))
    labels = _labels(source) if "label" in query.by else {}
    keys = [_KEYS[name] for name in query.by]
    sums: dict[tuple[str, ...], Sums] = {}
    for row in rows:
        about = _about(source, row, jobs[row[0]])
        about["labels"] = labels
        for names in product(*(key(about) for key in keys)):
            _add(sums.setdefault(names, defaultdict(int)), about)
    return Portion(sums, rows[-1][:3] if more else None)


def _add(sums: Sums, about: Mapping[str, Any]) -> None:
    """Count an attempt in; in the sums of ``contract.USAGE_SUMS``."""
    sums["attempts"] += 1
    sums[about["ended"]] += 1
    started = about["started_at"]
    if started is None:
        return
    wait = max(0, started - about["waited_from"]) / 1000
    run = (about["ended_at"] - started) / 1000
    used = about["usage"]
    sums["started"] += 1
    sums["wait_s"] += wait
    sums["wait_max_s"] = max(sums["wait_max_s"], wait)
    sums["run_s"] += run
    sums["core_s"] += run * about["cores"]
    sums["gpu_s"] += run * about["gpus"]
    sums["cpu_s"] += used.get("cpu_s", 0)
    if about["memory"]:
        sums["memory_byte_s"] += run * used.get("max_rss", 0)
        sums["memory_asked_byte_s"] += run * about["memory"]
    if about["time_ms"]:
        sums["timed_run_s"] += run
        sums["time_asked_s"] += about["time_ms"] / 1000


def _rows(source: Source, query: UsageQuery) -> list[Row]:
    clauses: list[tuple[str, list[Any]]] = [
        ("attempt.ended_at IS NOT NULL", []),
        ("(attempt.job, attempt.task, attempt.n) > (?, ?, ?)", [*query.after]),
    ]
    if query.since is not None:
        clauses.append(("attempt.ended_at >= ?", [query.since]))
        # Jobs that were over by then are passed by without a look at their attempts.
        clauses.append(("(job.ended_at IS NULL OR job.ended_at >= ?)", [query.since]))
    if query.until is not None:
        clauses.append(("attempt.ended_at < ?", [query.until]))
        clauses.append(("job.submitted_at < ?", [query.until]))
    if query.users:
        clauses.append(among("job.owner", query.users))
    if query.queues:
        clauses.append(among("job.queue", query.queues))
    where = " AND ".join(clause for clause, _ in clauses)
    values = [value for _, some in clauses for value in some]
    return source.db.execute(_ATTEMPTS.format(where), (*values, query.limit + 1)).fetchall()


def _jobs(source: Source, ids: Sequence[int]) -> dict[int, dict[str, Any]]:
    """Return {job: what its attempts have in common}."""
    found: dict[int, dict[str, Any]] = {}
    for holes, some in portions(ids):
        for number, owner, queue, submitted, request, spec in source.db.execute(
            _JOBS.format(holes), some
        ):
            said = json.loads(spec)
            asked = source.values.requests[request]
            found[number] = {
                "user": owner,
                "account": said.get("account") or owner,
                "queue": queue,
                "tags": said.get("tags") or ("(no tag)",),
                "submitted_at": submitted,
                "memory": asked.memory,
                "time_ms": asked.time_ms,
            }
    return found


def _labels(source: Source) -> dict[str, tuple[str, ...]]:
    """Return {node: its labels}, as they are today."""
    rows = source.db.execute("SELECT name, labels FROM node")
    return {name: tuple(json.loads(labels)) for name, labels in rows}


def _about(source: Source, row: Row, job: Mapping[str, Any]) -> dict[str, Any]:
    (_, _, n, grants, started, ended, used, before, state, last) = row
    held = source.values.grants[grants]
    over = n == last and state in _FINAL
    return {
        **job,
        "nodes": [grant.node for grant in held],
        "cores": sum(len(grant.cores) for grant in held),
        "gpus": sum(len(grant.gpus) for grant in held),
        "waited_from": job["submitted_at"] if before is None else before,
        "started_at": started,
        "ended_at": ended,
        "usage": mapping_of(used),
        "ended": state if over else AGAIN,
    }


def _day(about: Mapping[str, Any]) -> str:
    return f"{datetime.fromtimestamp(about['ended_at'] / 1000, UTC):%Y-%m-%d}"


def _label(about: Mapping[str, Any]) -> Sequence[str]:
    known = about["labels"]
    found = {label for node in about["nodes"] for label in known.get(node, ())}
    return sorted(found) or ("(no label)",)


_KEYS: Mapping[str, Keys] = {
    "user": lambda about: (about["user"],),
    "account": lambda about: (about["account"],),
    "queue": lambda about: (about["queue"],),
    "tag": lambda about: about["tags"],
    "label": _label,
    "node": lambda about: sorted(set(about["nodes"])) or ("(no node)",),
    "ended": lambda about: (about["ended"],),
    "day": lambda about: (_day(about),),
    "month": lambda about: (_day(about)[:7],),
    "year": lambda about: (_day(about)[:4],),
}
"""The rows of ``contract.USAGE_KEYS``."""
