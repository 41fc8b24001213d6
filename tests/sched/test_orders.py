"""The known queue disciplines."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from rota.sched.orders import ORDERS


@dataclass
class Job:
    since: int
    cores: int
    limit_ms: int


LONG, WIDE = Job(0, 1, 1_000_000), Job(1000, 8, 10_000)


@pytest.mark.parametrize(
    ("name", "first"),
    [
        ("fcfs", LONG), ("lcfs", WIDE), ("sjf", WIDE), ("ljf", LONG), ("sqf", LONG),
        ("lqf", WIDE), ("saf", WIDE), ("laf", LONG), ("exp", WIDE), ("wfp3", WIDE),
        ("f1", LONG),
    ],
)  # fmt: skip
def test_who_comes_first(name: str, first: Job) -> None:
    """Each discipline prefers what its name says."""
    score = ORDERS[name].score
    assert min((LONG, WIDE), key=lambda job: score(job, 500_000)) is first


@pytest.mark.parametrize("name", [n for n, order in ORDERS.items() if not order.moves])
def test_what_does_not_move_does_not_move(name: str) -> None:
    """A score that is said to be fixed is the same at any instant."""
    score = ORDERS[name].score
    assert score(LONG, 2000) == score(LONG, 9_000_000)


@pytest.mark.parametrize("name", [n for n, order in ORDERS.items() if order.moves])
def test_what_moves_favours_who_waits(name: str) -> None:
    """Nobody is put back by waiting."""
    score = ORDERS[name].score
    assert score(WIDE, 9_000_000) < score(WIDE, 2000)
