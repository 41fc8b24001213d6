"""Lines: the waiting jobs, sorted into those that are alike.

    {(request, user, account, queue): LineState}      a line is sorted: sooner jobs first

A job stands in at most one line, and only while one of its tasks could be placed now.
Adding at the end and taking from the front, the usual cases, cost next to nothing.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Callable, Iterator, Sequence
from typing import overload

from rota.engine.live import Job, LineKey
from rota.sched.expected import Estimate
from rota.sched.problem import Line, Waiting


class LineState:
    """The jobs of one line as sorted (−priority, job id)."""

    __slots__ = ("entries", "jobs")

    def __init__(self) -> None:
        self.entries: list[tuple[int, int]] = []
        self.jobs: dict[int, Job] = {}

    @property
    def first(self) -> Job:
        """The job that would start first."""
        return self.jobs[self.entries[0][1]]

    def add(self, job: Job) -> None:
        """Put *job* in its place."""
        self.jobs[job.id] = job
        insort(self.entries, (-job.spec.priority, job.id))

    def remove(self, job: Job) -> None:
        """Take *job* out; its priority must be what it was when it came."""
        del self.jobs[job.id]
        del self.entries[bisect_left(self.entries, (-job.spec.priority, job.id))]


class _View(Sequence[Waiting]):
    """A line's jobs as a round sees them, made only when looked at."""

    __slots__ = ("_line",)

    def __init__(self, line: LineState) -> None:
        self._line = line

    def __len__(self) -> int:
        return len(self._line.entries)

    @overload
    def __getitem__(self, at: int) -> Waiting: ...
    @overload
    def __getitem__(self, at: slice) -> Sequence[Waiting]: ...
    def __getitem__(self, at: int | slice) -> Waiting | Sequence[Waiting]:
        if isinstance(at, slice):
            return [self._show(entry) for entry in self._line.entries[at]]
        return self._show(self._line.entries[at])

    def __iter__(self) -> Iterator[Waiting]:
        return map(self._show, self._line.entries)

    def _show(self, entry: tuple[int, int]) -> Waiting:
        job = self._line.jobs[entry[1]]
        return Waiting(job.id, job.spec.priority, job.submitted_at, job.room)


class Lines:
    """All lines, by what their jobs have in common."""

    def __init__(self) -> None:
        self.by_key: dict[LineKey, LineState] = {}

    def refresh(self, job: Job, *, may_run: bool) -> bool:
        """See that *job* stands in its line exactly if it may be placed now.

        Returns whether the job stands in a line it did not stand in before.
        """
        wanted = job.line_key if may_run and job.room > 0 else None
        if wanted == job.line and wanted is None:
            return False
        if wanted == job.line:
            return False
        self.leave(job)
        if wanted is None:
            return False
        self.by_key.setdefault(wanted, LineState()).add(job)
        job.line = wanted
        return True

    def leave(self, job: Job) -> None:
        """Take *job* out of its line, if it stands in one."""
        if job.line is None:
            return
        line = self.by_key[job.line]
        line.remove(job)
        if not line.entries:
            del self.by_key[job.line]
        job.line = None

    def views(self, expect: Callable[[Job], Estimate]) -> list[Line]:
        """Return the lines as a round sees them, in a fixed order.

        Args:
            expect: how long a job probably runs; asked of the first job of each line
        """
        return [
            Line(request, user, account, queue, _View(line), expect(line.first))
            for (request, user, account, queue), line in self.by_key.items()
        ]
