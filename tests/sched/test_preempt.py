"""Who must go for whom."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rota.core.resources import Grant, Request
from rota.sched.policy import parse_policy
from rota.sched.preempt import lost, width_of
from rota.sched.problem import Line, QueueRule, Running, Snapshot, Waiting
from rota.sched.round import plan
from rota.sched.yields import Budget
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


@pytest.mark.parametrize("more", [{"preemptible": False}, {"priority": 6, "queue": "now"}])
def test_some_may_not_be_stopped(more: dict[str, object]) -> None:
    """Who does not allow it, or is more important."""
    assert stopped(1, [runs(1, (0, 1, 2, 3), **more)]) == []


def test_the_queue_says_whom_it_stops() -> None:
    """By name; a queue that is not named is left alone, even one that preempts nobody."""
    four = [runs(n, (n - 1,), queue=("a", "b")[n % 2]) for n in (1, 2, 3, 4)]
    assert named(four, cores=2, preempts=frozenset({"a"})) == [4, 2]
    assert named(four, cores=3, preempts=frozenset({"a"})) == []
    assert named(four, cores=3, preempts=frozenset({"c"})) == []


def named(
    running: list[Running], *, cores: int, preempts: frozenset[str], **more: object
) -> list[int]:
    line = Line(Request(cores=cores, time_ms=9), "u", "", "now", [Waiting(99, 5, 0, 1)])
    rules = {"now": QueueRule(preempts=preempts)}
    views = draw("[****] n1")
    snapshot = Snapshot(50, views, [line], running, queues=rules, **more)  # type: ignore[arg-type]
    return [preempt.alloc for preempt in plan(snapshot).preempts]


def test_the_work_that_is_least_worth_goes() -> None:
    """Wide and old is dear; who only stands still loses nothing, and keeps its memory."""
    old = replace(runs(1, (0, 1)), started_at=0)
    young = [replace(runs(n, (n,)), started_at=40) for n in (2, 3)]
    assert set(stopped(2, [old, *young], "cheapest")) == {2, 3}
    assert stopped(2, [replace(old, keeps=True), *young], "cheapest") == [1]
    views = [replace(draw("[****] n1")[0], memory=0)]
    line = Line(Request(cores=1, memory=5), "u", "", "now", [Waiting(99, 5, 0, 1)])
    held = replace(old, grants=(Grant("n1", (0, 1), memory=5),), keeps=True)
    rules = {"now": QueueRule(preempts=True)}
    views = [replace(v, node=replace(v.node, memory=5)) for v in views]
    snapshot = Snapshot(50, views, [line], [held, *young], queues=rules)
    assert not plan(snapshot).preempts, "its memory is still held"
    snapshot = replace(snapshot, running=[replace(held, keeps=False), *young])
    assert [p.alloc for p in plan(snapshot).preempts] == [1]


def test_a_cheap_place_on_one_node_beats_a_dear_one_elsewhere() -> None:
    """The cheapest victims of all may lie on nodes where they do not suffice."""
    views = draw("""
        [**] n1
        [**] n2
    """)
    line = Line(Request(cores=2, time_ms=9), "u", "", "now", [Waiting(99, 5, 0, 1)])
    each = [("n1", 49, 0), ("n1", 0, 1), ("n2", 30, 0), ("n2", 30, 1)]
    running = [
        Running(n, "u", "", Request(), (Grant(node, (core,)),), since, 900, "", n,
                preemptible=True)
        for n, (node, since, core) in enumerate(each, start=1)
    ]  # fmt: skip
    rules = {"now": QueueRule(preempts=True)}
    snapshot = Snapshot(50, views, [line], running, queues=rules)
    assert {p.alloc for p in plan(snapshot).preempts} == {3, 4}


@st.composite
def machines(pick: st.DrawFn) -> tuple[Snapshot, int]:
    """Two nodes of four cores full of small jobs of two queues, and one that wants in."""
    running = []
    for node in ("n1", "n2"):
        at = 0
        while at < 4:
            width = pick(st.integers(1, 4 - at))
            running.append(
                Running(
                    len(running) + 1, "u", "", Request(cores=width),
                    (Grant(node, tuple(range(at, at + width))),),
                    pick(st.integers(0, 50)), 900, pick(st.sampled_from(["a", "b"])),
                    len(running) + 1, preemptible=pick(st.booleans()),
                    keeps=pick(st.booleans()),
                )
            )  # fmt: skip
            at += width
    wants = pick(st.integers(1, 5))
    bounds = st.one_of(st.none(), st.integers(0, 4))
    budgets = {name: Budget(pick(bounds), pick(bounds)) for name in ("a", "b")}
    line = Line(Request(cores=wants), "u", "", "now", [Waiting(99, 0, 0, 1)])
    views = draw("""
        [****] n1
        [****] n2
    """)
    rules = {"now": QueueRule(preempts=True)}
    return Snapshot(50, views, [line], running, queues=rules, budgets=budgets), wants


@settings(deadline=None, max_examples=200)
@given(machines())
def test_never_one_more_than_needed_and_never_beyond_a_budget(
    made: tuple[Snapshot, int],
) -> None:
    """Whoever is stopped was needed, may be stopped, and his queue allows it."""
    snapshot, wants = made
    by_alloc = {running.alloc: running for running in snapshot.running}
    gone = [by_alloc[p.alloc] for p in plan(snapshot).preempts]

    def fits(some: list[Running]) -> bool:
        return any(
            sum(width_of(r) for r in some if r.grants[0].node == node) >= wants
            for node in ("n1", "n2")
        )

    assert all(running.preemptible for running in gone)
    assert not gone or fits(gone)
    assert not any(fits([r for r in gone if r is not one]) for one in gone)
    for name, budget in snapshot.budgets.items():
        mine = [running for running in gone if running.queue == name]
        assert budget.allows(sum(map(width_of, mine)), len(mine))
    if not gone and all(b == Budget() for b in snapshot.budgets.values()):
        assert not fits([r for r in snapshot.running if r.preemptible]), "somebody could go"
    for running in snapshot.running:
        alone = running.preemptible and fits([running])
        budget = snapshot.budgets[running.queue]
        if alone and gone and budget.allows(width_of(running), 1):
            assert sum(lost(r, 50) for r in gone) <= lost(running, 50), "one was cheaper"
