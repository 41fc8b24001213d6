"""Policies by name."""

from __future__ import annotations

import pytest

from rota.core.errors import Malformed
from rota.sched.backfill import Backfill
from rota.sched.expected import Estimate
from rota.sched.orders import ORDERS
from rota.sched.policy import DEFAULT, Bound, Weights, parse_policy


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


def test_the_bound_grows_with_the_wait() -> None:
    """A machine-hour, and a tenth of what was waited."""
    bound = Bound(floor_ms=1000, part=0.1)
    assert bound.allows(4000, waited_ms=0, cores=4)
    assert not bound.allows(4001, waited_ms=0, cores=4)
    assert bound.allows(8000, waited_ms=10_000, cores=4)
