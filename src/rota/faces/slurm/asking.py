"""Which rows a command is about: ids as users write them, and the server's answer.

    "12"  "20_3"  "20_[1-3]"  "12.batch"  1000000200000003   ──wanted──▶ {job: tasks}
    {job: tasks}, users, names …                             ──rows──▶   [Row, …]

A job that has ended is forgotten by squeue and scontrol after ``MIN_AGE_S``.
"""

from __future__ import annotations

import re

from rota.core.foreign import from_raw
from rota.core.indexes import parse_indexes
from rota.faces.slurm.rows import Row

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from typing import Any

    from rota.client.http import Client

    Wanted = dict[int, set[int] | None]

MIN_AGE_S = 300
PAGE = 1000
_ID = re.compile(r"(\d{1,18})(?:_(?:(\d{1,9})|\[([\d,:%-]+)\]|(\*)))?(?:\.(\w+))?")
_PLACED = ("placed", "running", "suspended")
_ENDED = ("done", "failed", "cancelled")


class BadId(ValueError):
    """A word is no id of a job."""


def wanted(words: Iterable[str]) -> Wanted:
    """Return {job: its tasks, None for all} that *words* name.

    Raises:
        BadId: one of them is no id; it is the argument.
    """
    found: Wanted = {}
    for word in words:
        match = _ID.fullmatch(word)
        if not match or not int(match[1]):
            raise BadId(word)
        job, task = from_raw(int(match[1]))
        tasks = None if task is None else {task}
        if match[2]:
            tasks = {int(match[2])}
        elif match[3]:
            try:
                tasks = set(parse_indexes(match[3])[0])
            except ValueError:
                raise BadId(word) from None
        before = found.get(job, set())
        found[job] = None if tasks is None or before is None else before | tasks
    return found


def rows(
    client: Client, *, jobs: Wanted | None = None, ended: bool = False, **conditions: Any
) -> list[Row]:
    """Return the rows of *jobs*, of all that fit *conditions* when None; oldest first.

    Args:
        ended: also what has ended
        conditions: as of ``calls.jobs``
    """
    found: list[Row] = []
    if jobs is not None:
        ids = sorted(jobs)
        for start in range(0, len(ids), PAGE):
            some = ids[start : start + PAGE]
            for view in client.all_jobs(ids=some, spec=True, **conditions):
                found += _of_job(client, view.raw, tasks=jobs[view.id], ended=ended)
    else:
        for view in client.all_jobs(spec=True, **conditions):
            found += _of_job(client, view.raw, tasks=None, ended=ended)
    found.sort(key=lambda row: (row.job, -1 if row.task is None else row.task))
    return found


def _of_job(
    client: Client, view: Mapping[str, Any], *, tasks: set[int] | None, ended: bool
) -> Iterator[Row]:
    spec = view.get("spec") or {}
    array = view.get("array")
    if array is None:
        row = Row(view, spec)
        if ended or row.is_live:
            yield row
        return
    if tasks is not None and len(tasks) <= 20:
        yield from _single(client, view, tasks=tasks, spec=spec, ended=ended)
        return
    counts = array["counts"]
    waits = [name for name in ("queued", "held") if counts.get(name)]
    if waits and array["waiting"]:
        inside = _among(array["waiting"], tasks)
        if inside:
            shown = {**view, "state": "held" if waits == ["held"] else "queued"}
            yield Row(shown, spec, pending=inside, limit=array["limit"])
    states = [*_PLACED, *(_ENDED if ended else ())]
    waiting = parse_indexes(array["waiting"])[0] if array["waiting"] else None
    if waits and sum(counts[name] for name in waits) > (len(waiting) if waiting else 0):
        states += waits
    states = [name for name in states if counts.get(name)]
    if not states:
        return
    for task in client.all_tasks(int(view["id"]), state=states):
        index = task.task or 0
        again = (
            task.state in ("queued", "held") and waiting is not None and index in waiting
        )
        if not again and (tasks is None or index in tasks):
            yield Row(task.raw, spec, task=index)


def _single(
    client: Client, view: Mapping[str, Any], *, tasks: set[int],
    spec: Mapping[str, Any], ended: bool,
) -> Iterator[Row]:  # fmt: skip
    """Yield the rows of some tasks, each asked for by itself."""
    indexes = parse_indexes(view["array"]["indexes"])[0]
    for index in sorted(tasks):
        if index in indexes:
            row = Row(client.job(int(view["id"]), index).raw, spec, task=index)
            if ended or row.is_live:
                yield row


def _among(text: str, tasks: set[int] | None) -> str:
    if tasks is None:
        return text
    from rota.core.indexes import IndexSet

    indexes = parse_indexes(text)[0]
    return str(IndexSet([[i, i] for i in sorted(tasks) if i in indexes]))


def expanded(found: Sequence[Row]) -> Iterator[Row]:
    """Yield *found* with a row of its own for each task that waits."""
    for row in found:
        if row.pending:
            for index in parse_indexes(row.pending)[0]:
                yield Row(row.view, row.spec, task=index)
        else:
            yield row
