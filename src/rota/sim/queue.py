"""The waiting jobs of a replay, kept in the order a policy wants them.

    urgent   overtaken or waiting for too long: first of all, in the order of submission
    sorted   the rest, by (score, number)

The scores and bounds are ``sched.policy``'s; here they are only kept sorted, because a
replay makes a million passes and most of them change one job.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import Counter
from itertools import chain
from math import inf

from rota.sched.expected import Runtimes
from rota.sched.fairshare import Usage
from rota.sched.overtaking import Overtaken
from rota.sched.policy import Policy
from rota.sched.rules import Rules
from rota.sim.workload import TraceJob


class SimJob:
    """A job of a replay: what the trace says, and what the policy made of it.

    Shapes:
        number: its place in the order of submission, from 0
        score:  what makes it late by itself;  work: core-ms it was expected to do
        sooner: what it was overtaken by takes so much off its score
    """

    __slots__ = (
        "cores", "ends_by", "id", "limit_ms", "number", "run_ms", "score", "since",
        "sooner", "start_at", "user", "work",
    )  # fmt: skip

    def __init__(self, number: int, job: TraceJob) -> None:
        self.id, self.since, self.cores, self.run_ms, self.limit_ms, self.user = job
        self.number = number
        self.score = 0.0
        self.sooner = 0.0
        self.work = 0.0
        self.start_at = -1
        self.ends_by = 0


Entry = tuple[float, int, SimJob]


class Queue:
    """See the head of the file."""

    def __init__(self, policy: Policy, cores: int, *, rules: Rules | None = None) -> None:
        rules = rules or Rules()
        self._tree = rules.tree
        self._policy = policy
        self._cores = cores
        self._sorted: list[Entry] = []
        self._urgent: list[Entry] = []
        self._by_number: dict[int, SimJob] = {}
        self._widths: Counter[int] = Counter()
        self._narrowest = 0
        self._shares: dict[str, float] = {}
        self._review_at = 0
        self.runtimes = Runtimes()
        self.usage = Usage(half_life_ms=rules.half_life_ms)
        self.overtaken = Overtaken()

    def __len__(self) -> int:
        return len(self._by_number)

    @property
    def narrowest(self) -> int:
        """The smallest number of cores that any waiting job asks for."""
        return self._narrowest

    def add(self, job: SimJob) -> None:
        """Put in a job that was submitted at ``job.since``."""
        policy, at = self._policy, job.since
        if policy.order is None:
            expected = self.runtimes.expect(_keys(job), limit_ms=job.limit_ms)
            job.score = policy.weights.score(cores=job.cores, expected=expected)
            job.work = expected.mean_ms * job.cores
        elif not policy.order.moves:
            job.score = policy.order.score(job, at)
        insort(self._sorted, self._entry(job))
        self._by_number[job.number] = job
        if not self._widths or job.cores < self._narrowest:
            self._narrowest = job.cores
        self._widths[job.cores] += 1

    def ordered(self, at: int) -> list[Entry]:
        """Return all that wait, sooner ones first."""
        policy = self._policy
        if policy.order is not None and policy.order.moves:
            score = policy.order.score
            jobs = self._by_number.values()
            self._sorted = sorted((score(job, at), job.number, job) for job in jobs)
        if policy.order is None and at >= self._review_at:
            self._review(at)
        if policy.patience_ms is not None:
            self._lose_patience(at, policy.patience_ms)
        return self._urgent + self._sorted if self._urgent else self._sorted

    def started(self, jobs: list[SimJob], at: int) -> None:
        """Take out *jobs*, which start at *at*."""
        for job in jobs:
            del self._by_number[job.number]
            self._widths[job.cores] -= 1
            if not self._widths[job.cores]:
                del self._widths[job.cores]
            if self._policy.order is None:
                self.usage.turn(job.user, job.cores, at)
                self.overtaken.started(job.number, job.work)
                self.overtaken.waited(at - job.since, at)
        self._narrowest = min(self._widths, default=0)
        if len(jobs) > 8:
            here = self._by_number
            self._sorted = [entry for entry in self._sorted if entry[1] in here]
            self._urgent = [entry for entry in self._urgent if entry[1] in here]
        else:
            for job in jobs:
                self._drop(job)

    def ended(self, job: SimJob, at: int) -> None:
        """Learn from *job*, which ends at *at*."""
        if self._policy.order is None:
            self.runtimes.learn(_keys(job), run_ms=job.run_ms, limit_ms=job.limit_ms)
            self.usage.turn(job.user, -job.cores, at)
            self.overtaken.started(job.number, job.run_ms * job.cores - job.work)

    def _entry(self, job: SimJob) -> Entry:
        share = self._shares.get(job.user, 0.0) if self._shares else 0.0
        score = job.score + self._policy.weights.share * share - job.sooner
        return (score, job.number, job)

    def _drop(self, job: SimJob) -> None:
        entry = self._entry(job)
        for entries in (self._sorted, self._urgent):
            at = bisect_left(entries, entry)
            if at < len(entries) and entries[at][1] == job.number:
                del entries[at]
                return
        here = self._by_number
        self._sorted = [entry for entry in self._sorted if entry[1] in here]
        self._urgent = [entry for entry in self._urgent if entry[1] in here]

    def _review(self, at: int) -> None:
        """Look again at who used how much and who was overtaken by how much."""
        usage, policy = self.usage, self._policy
        self._review_at = at + policy.review_ms
        used = {name: usage.of(name, at) for name in usage.names()}
        self._shares = self._tree.excess(used)
        urgent = self._pull(at) if policy.bound is not None and self._by_number else []
        hurried = {entry[1] for entry in urgent}
        self._urgent = urgent
        self._sorted = sorted(
            self._entry(job)
            for number, job in self._by_number.items()
            if number not in hurried
        )

    def _pull(self, at: int) -> list[Entry]:
        """Let who was overtaken stand sooner; return those who come before all others."""
        bound, jobs, cores = self._policy.bound, self._by_number, self._cores
        assert bound is not None
        self.overtaken.forget(next(iter(jobs)))
        longest = self.overtaken.longest(at)
        least = bound.least(longest_ms=longest, cores=cores)
        urgent: list[Entry] = []
        over = inf
        for number, job in jobs.items():
            # Those after one who was not overtaken by much were by no more than it was.
            over = self.overtaken.of(number) if over > least else over
            job.sooner = 0.0
            if over <= least:
                continue
            waited = at - job.since
            job.sooner = bound.sooner(
                over, waited_ms=waited, longest_ms=longest, cores=cores
            )
            if job.sooner == inf:
                urgent.append((0.0, number, job))
        return urgent

    def _lose_patience(self, at: int, patience_ms: int) -> None:
        tired = 0
        last = self._urgent[-1][1] if self._urgent else -1
        for number, job in self._by_number.items():
            if at - job.since <= patience_ms:
                break
            if number > last:
                self._urgent.append((0.0, number, job))
                tired += 1
        if tired or (self._policy.order and self._policy.order.moves):
            hurried = {entry[1] for entry in self._urgent}
            self._sorted = [entry for entry in self._sorted if entry[1] not in hurried]


def _keys(job: SimJob) -> tuple[tuple[object, ...], ...]:
    user, limit = job.user, job.limit_ms
    return ((user,), (user, limit), (user, limit, job.cores))


def jobs_of(entries: list[Entry]) -> list[SimJob]:
    """Return the jobs of *entries*, in order."""
    return [entry[2] for entry in entries]


def fitting(entries: list[Entry], free: int) -> list[SimJob]:
    """Return those of *entries* that no more than *free* cores could start.

    The first that is too wide stays among them, where it stands: the walk has to meet
    it, for it is whom a promise is made to.  All others too wide could only say no.
    """
    for at, entry in enumerate(entries):
        if entry[2].cores > free:
            behind = [e[2] for e in entries[at + 1 :] if e[2].cores <= free]
            return list(chain(jobs_of(entries[: at + 1]), behind))
    return jobs_of(entries)
