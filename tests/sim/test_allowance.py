"""Limits of users, in a replay."""

from __future__ import annotations

import pytest

from rota.core.errors import Refused
from rota.sched.limits import Limit
from rota.sched.policy import parse_policy
from rota.sched.rules import Rules
from rota.sim.allowance import Allowance
from rota.sim.queue import SimJob
from rota.sim.replay import replay
from tests.sim.test_replay import made_up


def _most(jobs: list[SimJob], user: str, *, cores: bool) -> int:
    """Return the most that *user* had at any instant: cores, or jobs."""
    mine = [job for job in jobs if job.user == user]
    steps = sorted(
        step
        for job in mine
        for size in [job.cores if cores else 1]
        for step in ((job.start_at, 1, size), (job.start_at + job.run_ms, 0, -size))
    )
    most = now = 0
    for _, _, size in steps:
        now += size
        most = max(most, now)
    return most


@pytest.mark.parametrize("name", ["fcfs:easy", "default", "fcfs:replan", "saf:none"])
@pytest.mark.parametrize("kind", ["jobs", "cores"])
def test_nobody_ever_has_more_than_the_limit(name: str, kind: str) -> None:
    """And everybody still has their turn."""
    jobs = [job._replace(cores=min(job.cores, 5)) for job in made_up(3, 200)]
    most = 2 if kind == "jobs" else 6
    rules = Rules(limits=(Limit("user", "*", **{kind: most}),))  # type: ignore[arg-type]
    policy = parse_policy(name)

    free = replay(jobs, procs=12, policy=policy)
    done = replay(jobs, procs=12, policy=policy, rules=rules)

    users = {job.user for job in jobs}
    cores = kind == "cores"
    assert max(_most(free, user, cores=cores) for user in users) > most
    assert max(_most(done, user, cores=cores) for user in users) <= most
    assert all(job.start_at >= job.since for job in done)


@pytest.mark.parametrize(
    ("limit", "said"),
    [
        (Limit("queue", "*", jobs=1), "a trace tells no queues"),
        (Limit("user", "ann", memory=1), "only jobs and cores can be replayed"),
        (Limit("user", "*", starts=(1, 60_000)), "only jobs and cores can be replayed"),
    ],
)
def test_limits_that_a_trace_says_nothing_about_are_refused(
    limit: Limit, said: str
) -> None:
    """Rather than left out silently."""
    with pytest.raises(Refused) as refused:
        Allowance([limit])
    assert said in refused.value.sentence


def test_what_could_never_start_is_refused() -> None:
    """Before hours of replay; and so is a limit beside promises that are kept."""
    jobs = made_up(3, 50)
    rules = Rules(limits=(Limit("user", "*", cores=1),))
    with pytest.raises(Refused, match="it would wait for ever"):
        replay(jobs, procs=12, policy=parse_policy("fcfs:easy"), rules=rules)
    with pytest.raises(Refused, match="replan or easy"):
        replay(jobs, procs=12, policy=parse_policy("fcfs:cons"), rules=rules)
