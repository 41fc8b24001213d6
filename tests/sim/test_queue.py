"""The waiting jobs of a replay."""

from __future__ import annotations

from dataclasses import replace

from rota.sched.policy import DEFAULT, Bound, parse_policy
from rota.sim.queue import Queue, SimJob, fitting
from rota.sim.workload import TraceJob


def job(number: int, cores: int = 1, limit: int = 1000, user: str = "u") -> SimJob:
    return SimJob(number, TraceJob(number + 1, number, cores, limit, limit, user))


def numbers(queue: Queue, at: int) -> list[int]:
    return [entry[1] for entry in queue.ordered(at)]


def test_jobs_stand_in_the_policys_order() -> None:
    """Ties by submission; the narrowest is known."""
    queue = Queue(parse_policy("sjf:easy"), 8)
    for one in (job(0, 4, 500), job(1, 2, 100), job(2, 3, 100)):
        queue.add(one)
    assert numbers(queue, 10) == [1, 2, 0]
    assert queue.narrowest == 2
    queue.started([queue.ordered(10)[0][2]], 10)
    assert (numbers(queue, 10), queue.narrowest, len(queue)) == ([2, 0], 3, 2)


def test_who_waited_too_long_comes_first() -> None:
    """In the order of submission."""
    queue = Queue(parse_policy("sjf@1:easy"), 8)
    for one in (job(0, limit=500), job(1, limit=900), job(2, limit=100)):
        queue.add(one)
    assert numbers(queue, 1000) == [2, 0, 1]
    assert numbers(queue, 1002) == [0, 1, 2]


def test_who_was_overtaken_too_much_comes_first() -> None:
    """The default's bound; it ends when what overtook proves short."""
    policy = replace(DEFAULT, bound=Bound(floor_ms=10, part=0), review_ms=0)
    queue = Queue(policy, 1)
    for one in (job(0, 8, 5000), job(1, 1, 100), job(2, 1, 100)):
        queue.add(one)
    short = queue.ordered(5)[0][2]
    assert short.number == 1
    queue.started([short], 5)
    assert numbers(queue, 6) == [0, 2]
    short.run_ms = 1
    queue.ended(short, 7)
    assert numbers(queue, 8) == [2, 0]


def test_only_those_that_could_start_are_looked_at_and_the_first_that_could_not() -> None:
    """A promise is made to the first that stays, so the walk must meet it."""
    entries = [(0.0, n, job(n, cores)) for n, cores in enumerate((1, 9, 2, 9, 3))]
    assert [one.number for one in fitting(entries, 3)] == [0, 1, 2, 4]
    assert [one.number for one in fitting(entries, 9)] == [0, 1, 2, 3, 4]
