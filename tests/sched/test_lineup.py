"""Whose turn it is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rota.core.resources import Request
from rota.sched.limits import Limit
from rota.sched.lineup import Lineup, longest
from rota.sched.policy import DEFAULT, PRIORITY, Policy, parse_policy
from rota.sched.problem import Line, Snapshot, Waiting
from rota.sched.roster import Roster


def line(*jobs: Waiting, cores: int = 1, user: str = "u", **more: Any) -> Line:
    request = Request(cores=cores, time_ms=more.pop("time_ms", 1000))
    return Line(request, user, "", "q", jobs, **more)


def turns(
    lines: list[Line], policy: Policy, *, stay: tuple[int, ...] = (), at: int = 100,
    limits: Sequence[Limit] = (),
) -> list[int]:  # fmt: skip
    """Return the jobs in the order of their turns; those in *stay* find no place."""
    snapshot = Snapshot(at, [], lines, policy=policy, limits=limits)
    lineup = Lineup(snapshot, Roster(lines), cores=8, hopeless=lambda group: False)
    seen = []
    for head in lineup:
        seen.append(head.job.job)
        if head.job.job in stay:
            head.full = True
        else:
            head.left = 0
    return seen


def test_lines_are_walked_by_their_heads() -> None:
    """And the next of a line has its turn where it stands."""
    lines = [
        line(Waiting(1, 5, 0, 1), Waiting(4, 1, 0, 1)),
        line(Waiting(2, 3, 0, 1), Waiting(3, 2, 0, 1), cores=2),
    ]
    assert turns(lines, PRIORITY) == [1, 2, 3, 4]


def test_a_line_whose_head_stays_is_left_alone() -> None:
    """And with it all that ask for the same."""
    lines = [
        line(Waiting(1, 0, 1, 1), Waiting(2, 0, 2, 1)),
        line(Waiting(3, 0, 3, 1), user="v"),
        line(Waiting(4, 0, 4, 1), cores=2),
    ]
    assert turns(lines, parse_policy("fcfs:easy"), stay=(1,)) == [1, 4]


def test_those_who_pass_may_have_another_order() -> None:
    """From the first that stays on."""
    lines = [
        line(Waiting(1, 0, 1, 1), cores=8),
        line(Waiting(2, 0, 2, 1), time_ms=500),
        line(Waiting(3, 0, 3, 1), time_ms=100),
    ]
    assert turns(lines, parse_policy("fcfs:easy:sjf"), stay=(1,)) == [1, 3, 2]
    assert turns(lines, parse_policy("fcfs:easy"), stay=(1,)) == [1, 2, 3]


def test_one_users_favourite_changes_places_with_its_next() -> None:
    """The other user's turn stays where it was."""
    lines = [
        line(Waiting(1, 0, 0, 1), user="ann", time_ms=100_000),
        line(Waiting(2, 0, 0, 1), user="bob", time_ms=200_000),
        line(Waiting(3, 9, 0, 1), user="ann", time_ms=400_000),
    ]
    assert turns(lines, DEFAULT) == [3, 2, 1]


def test_only_one_blocking_job_of_a_user_goes_before_everybody() -> None:
    """The second stands where its score puts it."""
    lines = [
        line(Waiting(1, 0, 0, 1), user="ann"),
        line(Waiting(2, 1000, 0, 1), user="bob", time_ms=10**6),
        line(Waiting(3, 1000, 1, 1), user="bob", time_ms=10**7),
    ]
    assert turns(lines, DEFAULT) == [2, 1, 3]


def test_limits_say_how_many_may_block_and_for_how_long() -> None:
    """Two of bob's, none of cyd's, and none that waited too long."""
    lines = [
        line(Waiting(1, 0, 0, 1), user="ann"),
        line(Waiting(2, 1000, 0, 1), user="bob", time_ms=10**6),
        line(Waiting(3, 1000, 1, 1), user="bob", time_ms=10**7),
        line(Waiting(4, 1000, 1, 1), user="cyd", time_ms=10**8),
    ]
    limits = [Limit("user", "bob", blocks=2), Limit("user", "cyd", blocks=0)]
    assert turns(lines, DEFAULT, limits=limits) == [2, 3, 1, 4]
    late = [Limit("user", "*", blocks=2, block_time_ms=10)]
    assert turns(lines, DEFAULT, limits=late, at=9) == [2, 3, 4, 1]
    assert turns(lines, DEFAULT, limits=late, at=10) == [3, 4, 1, 2]


def test_the_limit_of_a_gang_is_its_longest() -> None:
    """And none, if one member has none."""
    gang = line(Waiting(1, 0, 0, 1), gang=(Request(time_ms=5000),))
    assert longest(gang) == 5000
    assert longest(line(Waiting(1, 0, 0, 1), gang=(Request(),))) is None
