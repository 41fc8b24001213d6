"""The waiting jobs of a scenario as lines: like ones together, gangs as one."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import deque
from collections.abc import Sequence

from rota.core.resources import Request
from rota.sched.problem import Line, Waiting
from rota.sim.scenario import ScenarioJob

Key = tuple[Request, str, str]


class _Tasks:
    """The tasks of a job that wait: those that were stopped first, then the unstarted."""

    __slots__ = ("again", "count", "job", "line", "next", "settled", "unwell")

    def __init__(self, job: ScenarioJob) -> None:
        self.job = job
        self.count = 1 if job.tasks is None else job.tasks
        self.next = 0
        self.again: deque[int] = deque()
        self.settled = 0
        self.unwell = False
        self.line: Key | None = None

    @property
    def left(self) -> int:
        return len(self.again) + self.count - self.next

    def take(self) -> int:
        if self.again:
            return self.again.popleft()
        self.next += 1
        return self.next - 1


class Bench:
    """All that wait; whoever may not run yet is in no line."""

    def __init__(self, jobs: Sequence[ScenarioJob]) -> None:
        self._tasks = {job.number: _Tasks(job) for job in jobs}
        self._by_id = {job.id: job.number for job in jobs}
        self._done: set[str] = set()
        self._gangs: dict[str, list[int]] = {}
        for job in jobs:
            if job.gang:
                self._gangs.setdefault(job.gang, []).append(job.number)
        self._arrived: set[int] = set()
        self._since: dict[int, int] = {}
        self._after = [task for task in self._tasks.values() if task.job.after]
        self._lines: dict[Key, list[tuple[int, int]]] = {}

    def arrive(self, job: ScenarioJob) -> None:
        """Let *job* wait from now on; a gang waits from when its last member is here."""
        self._arrived.add(job.number)
        self._since[self._leader(job)] = job.since
        self._enter(job)

    def put_back(self, job: ScenarioJob, task: int) -> None:
        """Let *task*, which was stopped, wait again."""
        self._tasks[job.number].again.append(task)
        self._enter(job)

    def settle(self, job: ScenarioJob, task: int, *, done: bool) -> None:
        """Take note that *task* ended for good; those that wait for its job may run now."""
        tasks = self._tasks[job.number]
        tasks.settled += 1
        tasks.unwell |= not done
        if done:
            self._done.add(job.task_id(task))
        for other in self._after:
            if other.job.number in self._arrived:
                self._enter(other.job)

    def take(self, number: int) -> list[tuple[ScenarioJob, int]]:
        """Take out the next task of a job, or one of each member of the gang it leads."""
        taken = []
        for member in self._members(self._tasks[number].job):
            taken.append((member.job, member.take()))
        leader = self._tasks[number]
        if not all(member.left for member in self._members(leader.job)):
            self._leave(leader)
        return taken

    def lines(self) -> list[Line]:
        """Return the lines as a round sees them."""
        found = []
        for (request, user, _), entries in self._lines.items():
            if entries:
                first = self._tasks[entries[0][1]].job
                others = [m.job.request for m in self._members(first)[1:]]
                jobs = _View(entries, self)
                found.append(Line(request, user, "", "", jobs, None, tuple(others)))
        return found

    def waiting(self, number: int) -> Waiting:
        """Return the job or gang that *number* leads, as a round sees it."""
        job = self._tasks[number].job
        left = min(member.left for member in self._members(job))
        return Waiting(number, job.priority, self._since[number], left)

    def _members(self, job: ScenarioJob) -> list[_Tasks]:
        numbers = self._gangs[job.gang] if job.gang else [job.number]
        return [self._tasks[number] for number in numbers]

    def _leader(self, job: ScenarioJob) -> int:
        return self._gangs[job.gang][0] if job.gang else job.number

    def _enter(self, job: ScenarioJob) -> None:
        members = self._members(job)
        leader = self._tasks[self._leader(job)]
        if leader.line is not None or not all(self._may_run(m) for m in members):
            return
        leader.line = (leader.job.request, leader.job.user, job.gang or "")
        entries = self._lines.setdefault(leader.line, [])
        insort(entries, (-leader.job.priority, leader.job.number))

    def _may_run(self, tasks: _Tasks) -> bool:
        ready = all(self._is_done(name) for name in tasks.job.after)
        return tasks.job.number in self._arrived and tasks.left > 0 and ready

    def _is_done(self, name: str) -> bool:
        """Say whether the task *name*, or all of the job *name*, is done."""
        number = self._by_id.get(name)
        if number is None:
            return name in self._done
        tasks = self._tasks[number]
        return tasks.settled == tasks.count and not tasks.unwell

    def _leave(self, leader: _Tasks) -> None:
        if leader.line is not None:
            entries = self._lines[leader.line]
            del entries[bisect_left(entries, (-leader.job.priority, leader.job.number))]
            leader.line = None


class _View(Sequence[Waiting]):
    """A line's jobs, made when looked at."""

    def __init__(self, entries: list[tuple[int, int]], bench: Bench) -> None:
        self._entries = entries
        self._bench = bench

    def __len__(self) -> int:
        return len(self._entries)

    def __getitem__(self, at):  # type: ignore[no-untyped-def]
        if isinstance(at, slice):
            return [self._bench.waiting(number) for _, number in self._entries[at]]
        return self._bench.waiting(self._entries[at][1])
