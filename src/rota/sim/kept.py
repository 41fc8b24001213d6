"""Conservative backfill with promises that are kept from pass to pass.

Each job gets the earliest start that disturbs no promise when it arrives.  When a job
ends early, promises are lifted and made again one at a time, in the order of the queue,
never later than before.
"""

from __future__ import annotations

from collections.abc import Iterable
from heapq import heappop, heappush

from rota.core.errors import Refused
from rota.sched.policy import Policy
from rota.sim.allowance import Allowance
from rota.sim.pool import Profile
from rota.sim.queue import SimJob

NEVER = 1 << 62


class Kept:
    """At one instant: ends, promises made again, arrivals, then the starts that are due.

    Attributes:
        promised: {number of a job: when it will start at the latest}
        allowance: nobody's: limits and kept promises do not go together
    """

    def __init__(self, policy: Policy, procs: int, *, allowance: Allowance) -> None:
        assert policy.order is not None
        if allowance:
            problem = f"{policy.name} promises starts that limits would break"
            raise Refused(f"{problem}; write replan or easy instead of cons")
        self.allowance = allowance
        self._order = policy.order
        self._profile = Profile(procs)
        self._waiting: dict[int, SimJob] = {}
        self.promised: dict[int, int] = {}
        self._due: list[tuple[int, int]] = []
        self._arrived: list[SimJob] = []
        self._gap = False

    def due_at(self) -> int:
        """Return the next promised start, or ``NEVER``."""
        due = self._due
        while due and self.promised.get(due[0][1]) != due[0][0]:
            heappop(due)
        return due[0][0] if due else NEVER

    def submitted(self, job: SimJob) -> None:
        """Let *job* wait; it gets its promise in the pass of this instant."""
        self._arrived.append(job)

    def ended(self, job: SimJob, at: int) -> None:
        """Free what *job* had; if that was early, there is a gap to move up into."""
        if job.ends_by > at:
            self._profile.hold(-job.cores, start=at, end=job.ends_by)
            self._gap = True

    def run(self, at: int) -> Iterable[SimJob]:
        """Return the jobs whose promised start is *at*."""
        self._profile.open(at)
        if self._gap:
            self._gap = False
            self._move_up(at)
        for job in self._arrived:
            self._waiting[job.number] = job
            self._promise(job, self._profile.earliest(job, not_before=at))
        self._arrived.clear()
        return list(self._take_due(at))

    def _take_due(self, at: int) -> Iterable[SimJob]:
        due = self._due
        while due and due[0][0] <= at:
            start, number = heappop(due)
            if self.promised.get(number) == start:
                del self.promised[number]
                job = self._waiting.pop(number)
                job.ends_by = at + job.limit_ms
                yield job

    def _move_up(self, at: int) -> None:
        score = self._order.score
        waiting = self._waiting.values()
        for job in sorted(waiting, key=lambda job: (score(job, at), job.number)):
            start = self.promised[job.number]
            self._profile.hold(-job.cores, start=start, end=start + job.limit_ms)
            self._promise(job, self._profile.earliest(job, not_before=at))

    def _promise(self, job: SimJob, start: int) -> None:
        self._profile.hold(job.cores, start=start, end=start + job.limit_ms)
        if self.promised.get(job.number) != start:
            self.promised[job.number] = start
            heappush(self._due, (start, job.number))
