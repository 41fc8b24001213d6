"""What bounds the stops of a queue."""

from __future__ import annotations

from rota.sched.yields import HOUR_MS, Budget, Yields, budget_of


def test_a_budget_is_what_is_left_of_share_and_hour() -> None:
    """Rounded down, never below nothing; stops of an hour ago are forgotten."""
    bounds = Yields(max_share=0.25, per_hour=3)
    stops = [0, 1, HOUR_MS - 1]
    assert budget_of(bounds, used=10, stopped=1, stops=stops, at=HOUR_MS) == Budget(1, 1)
    assert budget_of(bounds, used=4, stopped=2, stops=[], at=0) == Budget(0, 3)
    assert budget_of(Yields(), used=9, stopped=9, stops=stops, at=0) == Budget()


def test_no_bound_allows_all() -> None:
    """And a bound what is within it."""
    assert Budget().allows(10**6, 10**6)
    assert Budget(4, 1).allows(4, 1) and not Budget(4, 1).allows(5, 1)
    assert not Budget(4, 1).allows(1, 2)
