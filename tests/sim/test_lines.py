"""Waiting jobs of a scenario as lines."""

from __future__ import annotations

from typing import Any

from rota.core.resources import Request
from rota.sim.lines import Bench
from rota.sim.scenario import ScenarioJob


def job(number: int, **more: Any) -> ScenarioJob:
    request = Request(cores=1, time_ms=1000)
    return ScenarioJob(number, f"j{number}", number * 10, "u", request, 500, **more)


def test_like_jobs_stand_in_one_line_by_priority() -> None:
    """A line leaves when its last task is taken."""
    jobs = [job(0), job(1, priority=5), job(2, tasks=2)]
    bench = Bench(jobs)
    for one in jobs:
        bench.arrive(one)
    (line,) = bench.lines()
    assert [waiting.job for waiting in line.jobs] == [1, 0, 2]
    assert bench.take(2) == [(jobs[2], 0)]
    bench.put_back(jobs[2], 0)
    assert [bench.take(2)[0][1] for _ in range(2)] == [0, 1]
    assert [waiting.job for waiting in bench.lines()[0].jobs] == [1, 0]


def test_a_gang_waits_for_its_last_member() -> None:
    """Then it is one entry that starts all of them."""
    jobs = [job(0, gang="g"), job(1, gang="g")]
    bench = Bench(jobs)
    bench.arrive(jobs[0])
    assert bench.lines() == []
    bench.arrive(jobs[1])
    (line,) = bench.lines()
    assert (len(line.gang), line.jobs[0].since) == (1, 10)
    assert bench.take(0) == [(jobs[0], 0), (jobs[1], 0)]
    assert bench.lines() == []


def test_a_job_waits_until_all_it_depends_on_is_done() -> None:
    """Killed at its limit is not done."""
    jobs = [job(0, tasks=2), job(1, after=("j0",)), job(2, after=("j0.0",))]
    bench = Bench(jobs)
    for one in jobs:
        bench.arrive(one)
    bench.take(0)
    bench.take(0)
    bench.settle(jobs[0], 0, done=True)
    assert [line.jobs[0].job for line in bench.lines()] == [2]
    bench.settle(jobs[0], 1, done=False)
    assert [w.job for line in bench.lines() for w in line.jobs] == [2]
