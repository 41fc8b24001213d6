"""Lines: the waiting jobs, sorted into those that are alike.

    {(request, user, account, queue): LineState}      a line is sorted: sooner jobs first

A job stands in at most one line, and only while one of its tasks could be placed now.
Adding at the end and taking from the front, the usual cases, cost next to nothing.  A
round sees the lines as a ``Roster`` that is kept: it hears of each whose first changes.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import overload

from rota.core.account import User
from rota.core.resources import Asker, Request
from rota.engine.live import Job, LineKey
from rota.engine.settings import Settings
from rota.sched.expected import Estimate
from rota.sched.problem import Line, Waiting
from rota.sched.roster import Roster


class LineState:
    """The jobs of one line as sorted (−priority, job id).

    Attributes:
        key:    what its jobs have in common; each of them refers to it
        number: of the line in the roster
        view:   its jobs as a round sees them
        jobs:   all there are, also of other lines, by their ids
    """

    __slots__ = ("entries", "jobs", "key", "number", "view")

    def __init__(self, key: LineKey, jobs: Mapping[int, Job]) -> None:
        self.key = key
        self.number = -1
        self.view = _View(self)
        self.entries: list[tuple[int, int]] = []
        self.jobs = jobs

    @property
    def first(self) -> Job:
        """The job that would start first."""
        return self.jobs[self.entries[0][1]]

    def add(self, job: Job) -> None:
        """Put *job* in its place."""
        insort(self.entries, (-job.spec.priority, job.id))

    def remove(self, job: Job) -> None:
        """Take *job* out; its priority must be what it was when it came."""
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
    """All lines, by what their jobs have in common.

    Attributes:
        roster: the same lines as a round sees them, kept from round to round

    Args:
        jobs: all that live, by their ids
        expect: how long a job probably runs; asked of the first job of each line
        settings: say whether it matters who asks
    """

    def __init__(
        self, jobs: Mapping[int, Job], expect: Callable[[Job], Estimate], settings: Settings
    ) -> None:
        self._jobs = jobs
        self.by_key: dict[LineKey, LineState] = {}
        self.roster = Roster(renew=self._renewed)
        self._expect, self._settings = expect, settings
        self._by_number: dict[int, LineKey] = {}

    def refresh(self, job: Job, *, may_run: bool) -> bool:
        """See that *job* stands in its line exactly if it may be placed now.

        Returns whether the job stands in a line it did not stand in before.
        """
        wanted = job.line_key if may_run and job.room > 0 else None
        if wanted == job.line:
            return False
        self.leave(job)
        if wanted is None:
            return False
        line = self.by_key.get(wanted)
        if line is None:
            line = self.by_key[wanted] = LineState(wanted, self._jobs)
            line.add(job)
            line.number = self.roster.put(self._shown(wanted, line))
            self._by_number[line.number] = wanted
        else:
            line.add(job)
            if line.first is job:
                self.roster.touch(line.number)
        job.line = line.key
        return True

    def leave(self, job: Job) -> None:
        """Take *job* out of its line, if it stands in one."""
        if job.line is None:
            return
        line = self.by_key[job.line]
        was_first = line.first is job
        line.remove(job)
        if not line.entries:
            self.roster.drop(line.number)
            del self.by_key[job.line], self._by_number[line.number]
        elif was_first:
            self.roster.touch(line.number)
        job.line = None

    def touch(self, job: Job) -> None:
        """See that the place of the line of *job* is looked at in the next round."""
        if job.line is not None:
            self.roster.touch(self.by_key[job.line].number)

    def number_of(self, job: Job) -> int | None:
        """Return the number in the roster of the line that *job* stands in."""
        return None if job.line is None else self.by_key[job.line].number

    def check(self) -> None:
        """Assert that the roster shows the lines that there are, and no others."""
        numbers = {line.number: key for key, line in self.by_key.items()}
        assert numbers == self._by_number, "a line has another number"
        assert set(self.roster.numbers()) == {*numbers}, "a line is not in the roster"
        for number, key in numbers.items():
            line, state = self.roster[number], self.by_key[key]
            plain = replace(line.request, asker=None)
            assert (plain, line.user, line.account, line.queue) == key
            assert [w.job for w in line.jobs] == [id for _, id in state.entries]

    def _renewed(self, number: int) -> Line:
        key = self._by_number[number]
        return self._shown(key, self.by_key[key])

    def _shown(self, key: LineKey, line: LineState) -> Line:
        request, user, account, queue = key
        request = asked_by(request, line.first.user, self._settings)
        return Line(request, user, account, queue, line.view, self._expect(line.first))


def asked_by(request: Request, user: User, settings: Settings) -> Request:
    """Return *request* with who asks, where agents run under accounts that differ."""
    if settings.uid is None:
        return request
    return replace(request, asker=Asker(user.name, user.uid))
