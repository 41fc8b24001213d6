"""Promises that are kept from pass to pass."""

from __future__ import annotations

from heapq import heappop, heappush

import pytest

from rota.sched.policy import parse_policy
from rota.sim.allowance import Allowance
from rota.sim.kept import NEVER, Kept
from rota.sim.queue import SimJob
from tests.sim.test_replay import made_up


@pytest.mark.parametrize("seed", range(6))
def test_a_promise_is_never_moved_back(seed: int) -> None:
    """Each job starts no later than it was first promised, whoever ends early."""
    jobs = [SimJob(number, job) for number, job in enumerate(made_up(seed, 120))]
    kept = Kept(parse_policy("fcfs:cons"), 12, allowance=Allowance([]))
    first: dict[int, int] = {}
    ends: list[tuple[int, int]] = []
    coming = list(jobs)
    started = 0
    while started < len(jobs):
        submit_at = coming[0].since if coming else NEVER
        at = min(submit_at, ends[0][0] if ends else NEVER, kept.due_at())
        while ends and ends[0][0] == at:
            kept.ended(jobs[heappop(ends)[1]], at)
        while coming and coming[0].since == at:
            kept.submitted(coming.pop(0))
        for job in kept.run(at):
            started += 1
            assert at <= first.get(job.number, at)
            heappush(ends, (at + job.run_ms, job.number))
        for number, promised in kept.promised.items():
            assert promised <= first.setdefault(number, promised)
