"""Who must go for whom."""

from __future__ import annotations

from dataclasses import replace

import pytest

from rota.core.resources import Grant, Request
from rota.sched.policy import parse_policy
from rota.sched.problem import Line, QueueRule, Running, Snapshot, Waiting
from rota.sched.round import plan
from tests.drawing import draw


def runs(alloc: int, cores: tuple[int, ...], **more: object) -> Running:
    request = Request(cores=len(cores))
    given = {"alloc": alloc, "preemptible": True, **more}
    return Running(
        alloc, "u", "", request, (Grant("n1", cores),), alloc, 900, **given  # type: ignore[arg-type]
    )  # fmt: skip


def stopped(cores: int, running: list[Running], victims: str = "youngest") -> list[int]:
    policy = replace(parse_policy("priority:easy"), victims=victims)
    line = Line(Request(cores=cores, time_ms=9), "u", "", "now", [Waiting(99, 5, 0, 1)])
    rules = {"now": QueueRule(preempts=True)}
    snapshot = Snapshot(50, draw("[****] n1"), [line], running, policy=policy, queues=rules)
    return [preempt.alloc for preempt in plan(snapshot).preempts]


FOUR = [runs(n, (n - 1,)) for n in (1, 2, 3, 4)]


@pytest.mark.parametrize(
    ("victims", "gone"), [("youngest", [4, 3]), ("oldest", [1, 2]), ("lowest", [4, 3])]
)
def test_as_few_go_as_are_needed(victims: str, gone: list[int]) -> None:
    """In the order the policy says."""
    assert stopped(2, FOUR, victims) == gone


def test_nobody_goes_in_vain() -> None:
    """If it would not suffice, or if another's going suffices."""
    assert stopped(5, FOUR) == []
    assert stopped(3, [runs(1, (0, 1, 2)), runs(2, (3,))]) == [1]


@pytest.mark.parametrize("more", [{"preemptible": False}, {"priority": 6}])
def test_some_may_not_be_stopped(more: dict[str, object]) -> None:
    """Who does not allow it, or is more important."""
    assert stopped(1, [runs(1, (0, 1, 2, 3), **more)]) == []
