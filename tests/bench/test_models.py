"""Made-up workloads."""

from __future__ import annotations

import pytest
from models import KINDS, LONGEST, Kind, made_up
from policy import Workload, compare, summary

from rota.sched.policy import parse_policy


@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_a_workload_is_what_its_kind_says(kind: Kind) -> None:
    """Width, limits and load; the same again from the same seed."""
    jobs = made_up(kind, seed=1, count=400)
    assert jobs == made_up(kind, seed=1, count=400) != made_up(kind, seed=2, count=400)
    assert [job.since for job in jobs] == sorted(job.since for job in jobs)
    for job in jobs:
        assert 1 <= job.cores <= kind.procs
        assert 1000 <= job.run_ms <= job.limit_ms
        assert job.limit_ms == job.run_ms or kind.estimates == "badly"
        assert job.limit_ms <= LONGEST * 1000 or kind.estimates == "exactly"
    work = sum(job.cores * job.run_ms for job in jobs)
    assert work / (kind.procs * jobs[-1].since) == pytest.approx(kind.load, rel=0.05)
    assert (len({job.user for job in jobs}) == 1) == (kind.users == "nobody")


def test_plain_easy_is_as_good_as_itself() -> None:
    """The ratios of a policy to itself are one, and 0.75 is missed by it."""
    kind = KINDS[0]
    jobs = made_up(kind, seed=1, count=300)
    row = compare(Workload("w", kind.procs, jobs), parse_policy("fcfs:easy"))
    assert (row["avg_bsld_ratio"], row["max_wait_ratio"]) == (1, 1)
    told = summary([row, row])
    assert (told["workloads"], told["slowdown_missed"], told["wait_missed"]) == (2, 2, 0)
