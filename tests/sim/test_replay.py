"""Replays: the reference's numbers, and the live round deciding the very same."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from heapq import heappop, heappush
from typing import Any

import pytest

from rota.core.resources import Grant, Mode, Node, Request
from rota.sched.check import check
from rota.sched.expected import Runtimes
from rota.sched.fairshare import Usage, excess
from rota.sched.overtaking import Overtaken
from rota.sched.policy import Policy, parse_policy
from rota.sched.problem import Line, NodeView, Running, Snapshot, Waiting
from rota.sched.round import plan
from rota.sim.queue import SimJob, _keys
from rota.sim.replay import replay
from rota.sim.workload import TraceJob

SAME = (
    "fcfs", "sjf", "saf", "fcfs:easy", "sjf:easy", "saf@500:easy", "exp:easy", "lcfs:easy",
    "wfp3:easy", "fcfs:none", "fcfs:replan", "saf:replan", "fcfs:easy:sjf", "default",
)  # fmt: skip


def made_up(seed: int, count: int = 60, procs: int = 12) -> list[TraceJob]:
    """Return a small busy workload: many ties, poor limits, a few wide jobs."""
    chance = random.Random(seed)
    at, jobs = 0, []
    for number in range(count):
        at += chance.choice((0, 0, 10, 30, 100)) * 1000
        cores = chance.choice((1, 1, 2, 3, 5, procs // 2, procs))
        limit = chance.choice((50, 100, 100, 400))
        run = max(1, int(limit * chance.choice((0.1, 0.5, 1, 1))))
        user = chance.choice("abc")
        jobs.append(TraceJob(number + 1, at, cores, run * 1000, limit * 1000, user))
    return jobs


class LiveDriver:
    """The server's own round, fed with a trace: one node, a line for each job."""

    def __init__(self, policy: Policy, procs: int) -> None:
        self.policy, self.procs = policy, procs
        self.node = Node("n", tuple(range(procs)), 0)
        self.free = set(self.node.cores)
        self.waiting: dict[int, SimJob] = {}
        self.expected: dict[int, Any] = {}
        self.running: dict[int, tuple[SimJob, tuple[int, ...]]] = {}
        self.runtimes, self.usage, self.overtaken = Runtimes(), Usage(), Overtaken()

    def run(self, trace: Sequence[TraceJob]) -> list[SimJob]:
        jobs = [SimJob(number, job) for number, job in enumerate(trace)]
        ends: list[tuple[int, int]] = []
        coming = list(jobs)
        while coming or ends:
            at = min([j.since for j in coming[:1]] + [e[0] for e in ends[:1]])
            while ends and ends[0][0] == at:
                self.end(jobs[heappop(ends)[1]], at)
            while coming and coming[0].since == at:
                job = coming.pop(0)
                self.waiting[job.number] = job
                guess = self.runtimes.expect(_keys(job), limit_ms=job.limit_ms)
                self.expected[job.number] = guess
            for job in self.round(at):
                heappush(ends, (at + job.run_ms, job.number))
        return jobs

    def end(self, job: SimJob, at: int) -> None:
        _, cores = self.running.pop(job.number)
        self.free |= set(cores)
        self.usage.turn(job.user, -job.cores, at)
        self.runtimes.learn(_keys(job), run_ms=job.run_ms, limit_ms=job.limit_ms)
        guess = self.expected[job.number].mean_ms
        self.overtaken.started(job.number, (job.run_ms - guess) * job.cores)

    def round(self, at: int) -> list[SimJob]:
        snapshot = self.snapshot(at)
        decided = plan(snapshot)
        assert check(snapshot, decided) == []
        started = []
        for start in decided.starts:
            job = self.waiting.pop(start.job)
            cores = tuple(core for grant in start.grants for core in grant.cores)
            self.free -= set(cores)
            self.running[job.number] = (job, cores)
            job.start_at, job.ends_by = at, at + job.limit_ms
            self.usage.turn(job.user, job.cores, at)
            guess = self.expected[job.number].mean_ms
            self.overtaken.started(job.number, guess * job.cores)
            self.overtaken.waited(at - job.since, at)
            started.append(job)
        return started

    def snapshot(self, at: int) -> Snapshot:
        view = NodeView(self.node, tuple(sorted(self.free)), 0, (), {})
        used = {name: self.usage.of(name, at) for name in self.usage.names()}
        return Snapshot(
            at=at,
            nodes=[view],
            lines=[self.line(job) for job in self.waiting.values()],
            running=[self.seen(job, cores) for job, cores in self.running.values()],
            policy=self.policy,
            shares=excess(used, {}),
            overtaken=self.overtaken,
        )

    def line(self, job: SimJob) -> Line:
        request = Request(cores=job.cores, mode=Mode.BY_CORE, time_ms=job.limit_ms)
        jobs = [Waiting(job.number, 0, job.since, 1)]
        return Line(request, job.user, "", "", jobs, self.expected[job.number])

    def seen(self, job: SimJob, cores: tuple[int, ...]) -> Running:
        request = Request(cores=job.cores, mode=Mode.BY_CORE, time_ms=job.limit_ms)
        grants = (Grant("n", cores),)
        return Running(job.number, job.user, "", request, grants, job.start_at, job.ends_by)


@pytest.mark.parametrize("name", SAME)
@pytest.mark.parametrize("seed", range(4))
def test_the_live_round_and_the_replay_start_the_same_jobs(name: str, seed: int) -> None:
    """What ``rota simulate`` promises is what the server does."""
    trace = made_up(seed)
    policy = replace(parse_policy(name), review_ms=0)
    if policy.bound is not None:
        policy = replace(policy, bound=replace(policy.bound, floor_ms=60_000))

    replayed = replay(trace, procs=12, policy=policy)
    live = LiveDriver(policy, 12).run(trace)

    assert [job.start_at for job in live] == [job.start_at for job in replayed]


@pytest.mark.parametrize("name", [*SAME, "fcfs:cons", "default"])
def test_g19_no_core_is_used_twice(name: str) -> None:
    """Whatever the policy, at no instant is more in use than there is."""
    for seed in range(6):
        done = replay(made_up(seed, 200), procs=12, policy=parse_policy(name))
        steps = sorted(
            [(j.start_at + j.run_ms, -j.cores) for j in done]
            + [(j.start_at, j.cores) for j in done]
        )
        used = 0
        for _, change in steps:
            used += change
            assert 0 <= used <= 12


def test_equal_input_gives_an_equal_schedule() -> None:
    """Nothing is left to chance, not even the order of a set."""
    runs = [replay(made_up(3), procs=12, policy=parse_policy("default")) for _ in range(2)]
    assert [j.start_at for j in runs[0]] == [j.start_at for j in runs[1]]
