"""A trace, replayed: the same policies on a machine that is a number of cores.

At every instant with an event all ends and all submissions come first, then one pass
(``sched.backfill.walk``).  No chance and no clock: equal input, equal schedule.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from heapq import heappop, heappush

from rota.sched.backfill import Backfill, walk
from rota.sched.policy import Policy
from rota.sched.rules import Rules
from rota.sim.allowance import Allowance
from rota.sim.kept import NEVER, Kept
from rota.sim.pool import Pool, Profile
from rota.sim.queue import Queue, SimJob, fitting, jobs_of
from rota.sim.workload import TraceJob


def replay(
    jobs: Sequence[TraceJob],
    *,
    procs: int,
    policy: Policy,
    rules: Rules | None = None,
    progress: Callable[[int], None] | None = None,
) -> list[SimJob]:
    """Return *jobs* as *policy* would have run them on *procs* cores, by submission.

    Args:
        rules: whose shares, half-life and limits hold (``allowance`` says which limits)
        progress: called now and then with the number of jobs that have ended

    Raises:
        Refused: limits that a replay does not know, or a job that no limit lets start.
    """
    replayed = [SimJob(number, job) for number, job in enumerate(jobs)]
    rules = rules or Rules()
    passes = _passes(policy, procs, rules)
    passes.allowance.check(jobs)
    ends: list[tuple[int, int]] = []
    next_job, ended, count = 0, 0, len(replayed)
    while ended < count:
        submit_at = replayed[next_job].since if next_job < count else NEVER
        at = min(submit_at, ends[0][0] if ends else NEVER, passes.due_at())
        while ends and ends[0][0] == at:
            passes.ended(replayed[heappop(ends)[1]], at)
            ended += 1
        while next_job < count and replayed[next_job].since == at:
            passes.submitted(replayed[next_job])
            next_job += 1
        for job in passes.run(at):
            job.start_at = at
            heappush(ends, (at + job.run_ms, job.number))
        if progress:
            progress(ended)
    return replayed


class Passes:
    """One pass after another over a queue and a pool of cores."""

    def __init__(self, policy: Policy, procs: int, *, rules: Rules) -> None:
        self._policy = policy
        self._pool = Pool(procs)
        self._queue = Queue(policy, procs, rules=rules)
        self.allowance = Allowance(rules.limits)

    def due_at(self) -> int:
        """Return when to come again although nothing happens."""
        return NEVER

    def submitted(self, job: SimJob) -> None:
        """Let *job* wait."""
        self._queue.add(job)

    def ended(self, job: SimJob, at: int) -> None:
        """Free what *job* had."""
        self._pool.end(job, job.ends_by)
        self._queue.ended(job, at)
        self.allowance.ended(job)

    def run(self, at: int) -> Iterable[SimJob]:
        """Return the jobs that start at *at*."""
        queue, pool = self._queue, self._pool
        if not queue or pool.free < queue.narrowest:
            return ()
        pool.open(at)
        jobs = fitting(queue.ordered(at), pool.free)
        room = self.allowance.around(pool)
        walk(jobs, room, backfill=self._policy.backfill, resort=self._resort(at))
        return _settle(queue, pool, at)

    def _resort(self, at: int) -> Callable[[Iterator[SimJob]], Iterable[SimJob]] | None:
        order = self._policy.resort
        if order is None:
            return None
        score = order.score
        return lambda rest: sorted(rest, key=lambda job: (score(job, at), job.number))


class Replans(Passes):
    """Every pass promises everybody the earliest start anew."""

    def __init__(self, policy: Policy, procs: int, *, rules: Rules) -> None:
        super().__init__(policy, procs, rules=rules)
        self._profile = Profile(procs)

    def ended(self, job: SimJob, at: int) -> None:
        self._profile.hold(-job.cores, start=at, end=job.ends_by)
        self._queue.ended(job, at)
        self.allowance.ended(job)

    def run(self, at: int) -> Iterable[SimJob]:
        queue = self._queue
        if not queue:
            return ()
        self._profile.open(at)
        if self._profile.frees[0] < queue.narrowest:
            return ()
        trial = self._profile.copy()
        room = self.allowance.around(trial)
        walk(jobs_of(queue.ordered(at)), room, backfill=Backfill.CONSERVATIVE)
        for job in trial.started:
            self._profile.hold(job.cores, start=at, end=at + job.limit_ms)
        return _settle(queue, trial, at)


def _passes(policy: Policy, procs: int, rules: Rules) -> Passes | Kept:
    if policy.keeps:
        return Kept(policy, procs, allowance=Allowance(rules.limits))
    if policy.backfill is Backfill.CONSERVATIVE:
        return Replans(policy, procs, rules=rules)
    return Passes(policy, procs, rules=rules)


def _settle(queue: Queue, room: Pool | Profile, at: int) -> Iterable[SimJob]:
    started = [job for job in room.started if isinstance(job, SimJob)]
    for job in started:
        job.ends_by = at + job.limit_ms
    if started:
        queue.started(started, at)
    return started
