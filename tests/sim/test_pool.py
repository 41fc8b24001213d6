"""A machine that is a number of cores."""

from __future__ import annotations

import random
from dataclasses import dataclass

from rota.sim.pool import Pool, Profile


@dataclass
class Job:
    cores: int
    limit_ms: int


def test_the_promised_start_is_kept_to_the_core_and_the_instant() -> None:
    """The shadow rule, the spare rule, and its exhaustion."""
    pool = Pool(10)
    pool.open(0)
    assert pool.start(Job(6, 100))
    assert not pool.start(Job(8, 50))
    pool.promise(Job(8, 50))
    assert not pool.start(Job(3, 101))
    assert pool.start(Job(2, 500))
    assert not pool.start(Job(1, 101))
    assert pool.start(Job(2, 100))
    assert pool.free == 0
    pool.end(Job(6, 100), 100)
    assert pool.free == 6


def test_a_profile_finds_the_first_gap_that_is_long_enough() -> None:
    """And gives back what was held."""
    profile = Profile(10)
    profile.open(0)
    profile.hold(6, start=0, end=100)
    profile.hold(8, start=150, end=200)
    assert profile.earliest(Job(4, 100), not_before=0) == 0
    assert profile.earliest(Job(4, 151), not_before=0) == 200
    assert profile.earliest(Job(5, 50), not_before=0) == 100
    assert profile.earliest(Job(5, 51), not_before=0) == 200
    profile.hold(-8, start=150, end=200)
    assert profile.earliest(Job(5, 51), not_before=0) == 100


def test_a_profile_agrees_with_counting_instant_by_instant() -> None:
    """Whatever was held and given back."""
    chance = random.Random(8)
    profile, free = Profile(8), [8] * 60
    profile.open(0)
    for _ in range(200):
        job = Job(chance.randint(1, 8), chance.randint(1, 12))
        start = profile.earliest(job, not_before=chance.randint(0, 20))
        window = free[start : start + job.limit_ms]
        assert all(cores >= job.cores for cores in window)
        if start + job.limit_ms < 60 and chance.random() < 0.7:
            profile.hold(job.cores, start=start, end=start + job.limit_ms)
            for at in range(start, start + job.limit_ms):
                free[at] -= job.cores
