"""The store of a virtual world: rows in dictionaries, the same records, the same image.

It keeps what a real store would keep and nothing else, so that a virtual server that
crashes starts again from exactly what it had committed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rota.core.indexes import IndexSet
from rota.core.lifecycle import FINAL, LIVE, State
from rota.engine.records import (
    AttemptSaved,
    CapSaved,
    Happened,
    Image,
    JobAdded,
    JobChanged,
    JobImage,
    LearnedSaved,
    NodeGone,
    NodeSaved,
    PilotSaved,
    PoolSaved,
    Record,
    TaskEnds,
    TaskSaved,
    UsageSaved,
    WindowSaved,
)

_FINAL = frozenset(str(state) for state in FINAL)


class Ledger:
    """All records ever committed, folded to the latest row of each thing."""

    def __init__(self) -> None:
        self.added: dict[int, JobAdded] = {}
        self.changed: dict[int, JobChanged] = {}
        self.tasks: dict[tuple[int, int], TaskSaved] = {}
        self.attempts: dict[tuple[int, int, int], AttemptSaved] = {}
        self.nodes: dict[str, NodeSaved] = {}
        self.usage: dict[str, UsageSaved] = {}
        self.pools: dict[str, PoolSaved] = {}
        self.pilots: dict[tuple[str, int], PilotSaved] = {}
        self.caps: dict[tuple[str, str, bool], CapSaved] = {}
        self.windows: dict[tuple[str, int], WindowSaved] = {}
        self.learned: dict[str, LearnedSaved] = {}
        self.history: list[Happened] = []

    def commit(self, batch: Sequence[Record]) -> None:
        """Keep all of *batch*, as one transaction would."""
        for row in batch:
            if isinstance(row, Happened):
                self.history.append(row)
            elif isinstance(row, TaskSaved):
                self.tasks[row.job, row.task] = row
            elif isinstance(row, AttemptSaved):
                self.attempts[row.job, row.task, row.n] = row
            elif isinstance(row, JobChanged):
                self._change(row)
            elif isinstance(row, UsageSaved):
                self.usage[row.user] = row
            elif isinstance(row, JobAdded):
                self.added[row.id] = row
            elif isinstance(row, NodeSaved):
                self.nodes[row.name] = row
            elif isinstance(row, NodeGone):
                self.nodes.pop(row.name, None)
            elif isinstance(row, LearnedSaved):
                self.learned[row.name] = row
            elif isinstance(row, WindowSaved):
                self.windows[row.name, row.set_at] = row
            elif isinstance(row, CapSaved):
                self.caps[row.kind, row.name, row.own] = row
            elif isinstance(row, PoolSaved):
                self.pools[row.name] = row
            elif isinstance(row, PilotSaved):
                self.pilots[row.pool, row.n] = row

    def image(self) -> Image:
        """Return what a new server starts from."""
        live = [id for id, row in self.changed.items() if row.state not in _FINAL]
        return Image(
            [self.job_image(id, live=True) for id in sorted(live)],
            list(self.nodes.values()),
            next_job=max(self.added, default=0) + 1,
            next_alloc=max((row.alloc for row in self.attempts.values()), default=0) + 1,
            usage=list(self.usage.values()),
            last_at=max((row.at for row in self.history), default=0),
            task_ends=self.task_ends(self.counterparts(live)),
            pools=list(self.pools.values()),
            pilots=list(self.pilots.values()),
            caps=list(self.caps.values()),
            windows=list(self.windows.values()),
            learned=list(self.learned.values()),
        )

    def counterparts(self, ids: Iterable[int]) -> set[int]:
        """Return the jobs that those of *ids* wait for task by task."""
        specs = [self.changed[id].spec or self.added[id].spec for id in ids]
        return {after.job for s in specs for after in s.after if after.by_task}

    def task_ends(self, ids: Iterable[int]) -> dict[int, TaskEnds]:
        """Return what became of the tasks of those of *ids* that are arrays."""
        found = {}
        for id in ids:
            array = self.added[id].spec.array if id in self.added else None
            if array is not None:
                rows = [row for (job, _), row in self.tasks.items() if job == id]
                found[id] = ends_of(array.indexes, rows, self.changed[id].waiting)
        return found

    def job_image(self, id: int, *, live: bool) -> JobImage:
        """Return the image of one job: of a live one only what has not ended."""
        rows = [row for (job, _), row in self.tasks.items() if job == id]
        if live:
            rows = [row for row in rows if row.state not in _FINAL]
        now = [row for row in rows if State(row.state) in LIVE]
        attempts = [self.attempts[id, row.task, row.attempt] for row in now]
        return JobImage(self.added[id], self.changed[id], rows, attempts)

    def ended(self) -> dict[int, str]:
        """Return {job id: final state} of all jobs that ended."""
        return {id: row.state for id, row in self.changed.items() if row.state in _FINAL}

    def _change(self, row: JobChanged) -> None:
        before = self.changed.get(row.id)
        if row.spec is None and before is not None and before.spec is not None:
            row = row._replace(spec=before.spec)
        self.changed[row.id] = row


def ends_of(
    indexes: IndexSet, rows: Iterable[TaskSaved], waiting: Iterable[Sequence[int]]
) -> TaskEnds:
    """Return what became of tasks: who neither waits nor has a row was cancelled so."""
    ends: dict[str, IndexSet] = {str(state): IndexSet() for state in FINAL}
    begun, cancelled = IndexSet(), indexes.copy()
    for low, high, *_ in waiting:
        cancelled.discard_range(low, high)
    for row in rows:
        cancelled.discard(row.task)
        if row.state in ends:
            ends[row.state].add(row.task)
        elif row.started_at is not None:
            begun.add(row.task)
    for low, high in cancelled.ranges():
        ends[str(State.CANCELLED)].add_range(low, high)
    told = {state: some.ranges() for state, some in ends.items() if some}
    return TaskEnds(indexes.ranges(), told, begun.ranges())
