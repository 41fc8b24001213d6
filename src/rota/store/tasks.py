"""Tasks of a job in order: those with rows, and the many without, which cost nothing.

    index     0   1   2   3   4   5   6   7   8   9        an array 0-9
    rows      done ·  failed  ·   ·   ·   ·   ·   ·        task rows
    waiting               3───────6                        never placed yet: queued, or held
                                      7───────9            neither: cancelled before it was

A page looks at as many of each as it shows; a million waiting tasks are one pair of
numbers.
"""

from __future__ import annotations

import heapq
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from rota.core.lifecycle import State
from rota.store.database import Database
from rota.store.queries import LATEST, TASK_COLUMNS, task_dict, unplaced
from rota.store.values import Source

Ranges = Sequence[Sequence[int]]

HELD, QUEUED = str(State.HELD), str(State.QUEUED)
CANCELLED, DONE = str(State.CANCELLED), str(State.DONE)


@dataclass(frozen=True, slots=True)
class Page:
    """Which tasks of which job: of these states (any when empty), behind *after*."""

    job: int
    states: frozenset[str]
    after: int
    limit: int

    def wants(self, state: str) -> bool:
        """Whether tasks in *state* are asked for."""
        return not self.states or state in self.states


def tasks(source: Source, page: Page) -> list[dict[str, Any]]:
    """Return what ``Store.tasks`` promises."""
    db, values = source
    row = db.execute(
        "SELECT counts, waiting, reason, request, spec, env, array_values, script "
        "FROM job WHERE id = ?",
        (page.job,),
    ).fetchone()
    if row is None:
        return []
    counts, waiting, reason, *said = row
    spec = values.specs[tuple(said)]
    all_of_it = spec.array.indexes.ranges() if spec.array else [[0, 0]]
    job = _Job(db, page, values.counts[counts], values.ranges[waiting], all_of_it)
    why = values.reasons[reason]
    found = {row["task"]: row for row in _rows(source, page)}
    for index, gate in job.rowless():
        found.setdefault(index, unplaced(index, gate, reason=why))
    return [found[index] for index in sorted(found)[: page.limit]]


def _rows(source: Source, page: Page) -> Iterator[dict[str, Any]]:
    db, values = source
    select = (
        f"SELECT {TASK_COLUMNS} FROM task {LATEST} WHERE task.job = ? AND task.task > ?"
    )
    which = (page.job, page.after)
    if not page.states:
        rows = db.execute(f"{select} ORDER BY task.task LIMIT ?", (*which, page.limit))
        yield from (task_dict(row, values) for row in rows)
    for state in page.states:
        # All states but the usual end have an index of their own.
        indexed = "" if state == DONE else "AND task.state <> 'done' "
        query = f"{select} AND task.state = ? {indexed}ORDER BY task.task LIMIT ?"
        for row in db.execute(query, (*which, state, page.limit)):
            yield task_dict(row, values)


@dataclass(frozen=True, slots=True)
class _Job:
    """What is known of the tasks of a job that have no rows."""

    db: Database
    page: Page
    counts: Mapping[str, int]
    waiting: Ranges
    indexes: Ranges

    def rowless(self) -> Iterator[tuple[int, str]]:
        """Yield (index, state) of those the page needs, at most its limit of each kind."""
        page = self.page
        free = [pair for pair in self.waiting if len(pair) == 2]
        blocked = [pair[:2] for pair in self.waiting if len(pair) > 2]
        gate = self._gate(_size(free), _size(blocked)) if free else HELD
        for ranges, state in ((free, gate), (blocked, HELD)):
            if page.wants(state):
                for index in islice(behind(ranges, page.after), page.limit):
                    yield index, state
        if page.wants(CANCELLED) and self._never_placed():
            for index in islice(self._cancelled(), page.limit):
                yield index, CANCELLED

    def _gate(self, waiting: int, blocked: int) -> str:
        """All that wait are behind one gate; the counts, less the rows, say which."""
        held = self.counts.get(HELD, 0) - blocked
        if held < waiting:
            return QUEUED
        if self.counts.get(QUEUED, 0) < waiting:
            return HELD
        return HELD if held - self._rows_in(HELD) >= waiting else QUEUED

    def _never_placed(self) -> bool:
        """Whether some were cancelled before they had a row."""
        cancelled = self.counts.get(CANCELLED, 0)
        return bool(cancelled) and cancelled > self._rows_in(CANCELLED)

    def _rows_in(self, state: str) -> int:
        query = "SELECT count(*) FROM task WHERE job = ? AND state <> 'done' AND state = ?"
        return int(self.db.execute(query, (self.page.job, state)).fetchone()[0])

    def _cancelled(self) -> Iterator[int]:
        """Yield indexes that neither wait nor have a row, in order."""
        rows = self.db.execute(
            "SELECT task FROM task WHERE job = ? AND task > ? ORDER BY task",
            (self.page.job, self.page.after),
        )
        waiting = behind([pair[:2] for pair in self.waiting], self.page.after)
        taken = heapq.merge(waiting, (row[0] for row in rows))
        next_taken = next(taken, None)
        for index in behind(self.indexes, self.page.after):
            while next_taken is not None and next_taken < index:
                next_taken = next(taken, None)
            if index != next_taken:
                yield index


def _size(ranges: Ranges) -> int:
    return sum(last - first + 1 for first, last in ranges)


def behind(ranges: Ranges, after: int) -> Iterator[int]:
    """Yield the indexes > *after* of sorted, inclusive ranges, in order."""
    start = bisect_left(ranges, after + 1, key=lambda pair: pair[1])
    for first, last in ranges[start:]:
        yield from range(max(first, after + 1), last + 1)
