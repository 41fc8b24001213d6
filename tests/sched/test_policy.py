"""Policies by name."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from rota.core.errors import Malformed
from rota.sched.backfill import Backfill
from rota.sched.expected import Estimate
from rota.sched.orders import ORDERS
from rota.sched.policy import DEFAULT, Bound, Weights, parse_policy, spelled


def test_a_name_says_order_patience_and_backfill() -> None:
    """ORDER[@S][:BACKFILL[:ORDER]]."""
    policy = parse_policy("saf@72000:easy:sjf")
    assert policy.order is ORDERS["saf"]
    assert policy.patience_ms == 72_000_000
    assert policy.backfill is Backfill.EASY
    assert policy.resort is ORDERS["sjf"]
    assert parse_policy("fcfs").backfill is Backfill.STRICT
    assert parse_policy("fcfs:cons").keeps
    assert parse_policy("priority:easy").by_priority
    assert parse_policy("default") is DEFAULT


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("sjff:easy", "did you mean sjf?"),
        ("sjf:esy", "did you mean easy?"),
        ("sjf:easy:x", "orders are fcfs"),
        ("sjf@soon:easy", "are no seconds"),
        ("sjf@0:easy", "are no seconds"),
        ("a:b:c:d", "too many parts"),
    ],
)
def test_an_unknown_name_is_refused_with_those_there_are(name: str, said: str) -> None:
    """And the nearest one."""
    with pytest.raises(Malformed, match=r".") as caught:
        parse_policy(name)
    assert said in str(caught.value.complaints[0])


def test_the_default_prefers_short_and_narrow() -> None:
    """Twice as long costs more than twice as wide."""
    score = Weights().score
    hour = Estimate(3.6e6, 3.6e6)
    longer = Estimate(7.2e6, 7.2e6)
    assert score(cores=1, expected=hour) < score(cores=2, expected=hour)
    assert score(cores=2, expected=hour) < score(cores=1, expected=longer)


BOUND = Bound(floor_ms=1000, part=0.1, lately=0.05, soft=0.5, pull=4.0)


def _sooner(overtaken: float, *, waited: int = 0, longest: float = 0) -> float:
    return BOUND.sooner(overtaken, waited_ms=waited, longest_ms=longest, cores=4)


def test_half_a_budget_of_overtaking_changes_nothing() -> None:
    """The budget is the floor, a part of the wait and of the longest wait lately."""
    assert _sooner(2000) == 0.0 < _sooner(2001)
    assert _sooner(4000, waited=10_000) == 0.0 < _sooner(4001, waited=10_000)
    assert _sooner(4000, longest=20_000) == 0.0 < _sooner(4001, longest=20_000)
    assert BOUND.least(longest_ms=20_000, cores=4) == 4000


def test_who_is_overtaken_stands_sooner_and_sooner_and_then_first() -> None:
    """Beyond its budget nothing may pass."""
    pulls = [_sooner(work) for work in range(2000, 4001, 250)]
    assert pulls == sorted(pulls) and pulls[-1] == pytest.approx(4 * math.log(2))
    assert _sooner(4001) == math.inf


@pytest.mark.parametrize("backfill", ["easy", "conservative", "strict", "none"])
def test_the_default_order_has_a_name_of_its_own(backfill: str) -> None:
    """With any backfill, in a name and spelled out; unknown ones are told what there is."""
    named = parse_policy(f"multifactor:{backfill}")
    said = spelled({"order": "multifactor", "backfill": backfill}, name=named.name)
    assert named == said == replace(DEFAULT, name=named.name, backfill=named.backfill)
    assert str(named.backfill.value).startswith(backfill[:4])
    assert parse_policy("multifactor").backfill is DEFAULT.backfill
    with pytest.raises(Malformed, match="orders are multifactor, priority, fcfs"):
        parse_policy("multi:easy")
    for name in ("multifactor:easy:sjf", "multifactor@9"):
        with pytest.raises(Malformed, match="takes no patience"):
            parse_policy(name)
