"""The round as a whole."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Any

import pytest

from rota.core.resources import Grant, Mode, Node, Request
from rota.sched.backfill import Backfill
from rota.sched.check import check
from rota.sched.limits import Limit
from rota.sched.orders import ORDERS
from rota.sched.overtaking import Overtaken
from rota.sched.policy import PRIORITY, Bound, Policy, parse_policy
from rota.sched.problem import (
    Line,
    NodeView,
    Plan,
    QueueRule,
    Running,
    Snapshot,
    Waiting,
    Window,
)
from rota.sched.roster import Roster
from rota.sched.round import plan
from tests.drawing import draw, mirrored

FCFS = parse_policy("fcfs:easy")


def line(job: int, request: Request, user: str = "u", **more: Any) -> Line:
    waiting = Waiting(
        job, more.pop("priority", 0), more.pop("since", job), more.pop("tasks", 1)
    )
    return Line(request, user, "", more.pop("queue", "q"), [waiting], **more)


def running(
    job: int, node: str, cores: tuple[int, ...], ends_by: int | None, **more: Any
) -> Running:
    request = Request(cores=len(cores), time_ms=ends_by)
    return Running(job, "u", "", request, (Grant(node, cores),), 0, ends_by, **more)


def started(decided: Plan) -> list[int]:
    return [start.job for start in decided.starts]


def test_the_larger_priority_goes_first_then_who_came_first() -> None:
    """Across all lines; several tasks of one array start in one round."""
    lines = [
        line(1, Request(cores=2), tasks=9),
        line(2, Request(cores=3), priority=5),
        line(3, Request(cores=1), priority=5, since=0),
    ]
    snapshot = Snapshot(9, draw("[........] n1"), lines, policy=PRIORITY)
    decided = plan(snapshot)
    assert started(decided) == [3, 2, 1, 1]
    assert check(snapshot, decided) == []
    assert set(decided.reasons) == {0}


def test_a_job_that_would_delay_the_promised_start_waits() -> None:
    """EASY: the short one passes, the long one does not, the one beside does."""
    lines = [
        line(1, Request(cores=4, time_ms=50)),
        line(2, Request(cores=1, time_ms=101)),
        line(3, Request(cores=1, time_ms=100)),
    ]
    runs = [running(9, "n1", (0, 1), 100)]
    decided = plan(Snapshot(0, draw("[**..] n1"), lines, runs, policy=FCFS))
    assert started(decided) == [3]
    assert [(p.job, p.at) for p in decided.promises] == [(1, 100)]
    assert decided.reasons[1].code == "priority"
    assert "job 1" in decided.reasons[1].text
    assert decided.reasons[0].text == "waits for 4 free cores (1 free)"


def test_nodes_that_are_not_promised_may_be_used_for_long() -> None:
    """A promise is about its nodes, not about the whole cluster."""
    lines = [line(1, Request(cores=4, time_ms=50)), line(2, Request(cores=2, time_ms=9999))]
    runs = [running(9, "n1", (0, 1), 100), running(8, "n2", (0, 1), 5000)]
    decided = plan(Snapshot(0, draw("[**..] n1\n[**..] n2"), lines, runs, policy=FCFS))
    assert started(decided) == [2]
    assert decided.starts[0].grants[0].node == "n2"


def test_who_runs_without_a_limit_is_passed_only_beside() -> None:
    """No bound can be given, so only those who end, or leave enough, may pass."""
    runs = [running(9, "n1", (0, 1), None)]
    lines = [
        line(1, Request(cores=3)),
        line(2, Request(cores=2)),
        line(3, Request(time_ms=9)),
    ]
    decided = plan(Snapshot(0, draw("[**..] n1"), lines, runs, policy=FCFS))
    assert started(decided) == [3]
    assert decided.promises[0].at is None


def test_an_urgent_job_without_a_bound_is_passed_by_nobody() -> None:
    """Otherwise an endless stream of short jobs could starve it."""
    overtaken = Overtaken()
    overtaken.started(5, 10**9)
    policy = replace(FCFS, bound=Bound(floor_ms=1000))
    runs = [running(9, "n1", (0, 1), None)]
    lines = [line(1, Request(cores=4)), line(3, Request(time_ms=9))]
    snapshot = Snapshot(
        10, draw("[**..] n1"), lines, runs, policy=policy, overtaken=overtaken
    )
    assert started(plan(snapshot)) == []


def test_a_job_overtaken_for_too_long_comes_first() -> None:
    """The bound on starvation, by construction."""
    lines = [
        line(1, Request(cores=2, time_ms=10**8)),
        line(2, Request(cores=1, time_ms=10)),
    ]
    at = Snapshot(10, draw("[..] n1"), lines)
    assert started(plan(at)) == [2]
    overtaken = Overtaken()
    overtaken.started(2, 3 * 3_600_000)
    assert started(plan(replace(at, overtaken=overtaken))) == [1]


def test_the_default_puts_back_who_had_everything() -> None:
    """Like jobs of two users: the one who used less goes first."""
    lines = [line(1, Request(), "ann"), line(2, Request(), "bob")]
    snapshot = Snapshot(10, draw("[.] n1"), lines, shares={"ann": 0.9, "bob": 0.1})
    assert started(plan(snapshot)) == [2]


def test_priority_decides_among_a_users_own_jobs_only() -> None:
    """Ann's important job takes ann's turn; it does not take bob's."""
    lines = [
        line(1, Request(time_ms=1000), "ann"),
        line(2, Request(time_ms=10**7), "bob"),
        line(3, Request(time_ms=10**8), "ann", priority=500),
    ]
    nodes = "[..] n1"
    assert started(plan(Snapshot(10, draw(nodes), lines))) == [3, 2]


def test_a_blocking_job_comes_before_everybody() -> None:
    """``block``: the next free machine is its own, but one job of a user at a time."""
    lines = [
        line(1, Request(cores=1), "ann"),
        line(2, Request(cores=4, time_ms=10), "bob", priority=1000),
        line(3, Request(cores=4, time_ms=10), "bob", priority=1000),
    ]
    runs = [running(9, "n1", (0, 1), 100)]
    decided = plan(Snapshot(10, draw("[**..] n1"), lines, runs))
    assert started(decided) == []
    assert decided.promises[0].job == 2


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        ({}, [2, 3]),
        ({"q": QueueRule(backfill=Backfill.STRICT)}, [3]),
        ({"q": QueueRule(weight=-99.0)}, [2, 3]),
        ({"other": QueueRule(weight=-99.0)}, [3, 2]),
    ],
)
def test_a_queue_has_its_own_rules(
    rules: dict[str, QueueRule], expected: list[int]
) -> None:
    """Strict first come, first served for one, backfill for the others."""
    lines = [
        line(1, Request(cores=4, time_ms=100), since=0),
        line(2, Request(time_ms=10)),
        line(3, Request(time_ms=10), queue="other"),
    ]
    runs = [running(9, "n1", (0, 1), 100)]
    policy = parse_policy("default") if "other" in rules else FCFS
    snapshot = Snapshot(10, draw("[**..] n1"), lines, runs, policy=policy, queues=rules)
    assert started(plan(snapshot)) == expected


def test_a_limit_holds_back_without_blocking_others() -> None:
    """The reason says which, and who set it."""
    lines = [line(1, Request(), "ann", tasks=5), line(2, Request(), "bob")]
    limits = [Limit("user", "ann", jobs=2)]
    snapshot = Snapshot(10, draw("[....] n1"), lines, policy=FCFS, limits=limits)
    decided = plan(snapshot)
    assert started(decided) == [1, 1, 2]
    assert decided.reasons[0].code == "limit"


def test_nobody_runs_into_maintenance() -> None:
    """What ends exactly at its beginning may run."""
    lines = [line(1, Request(time_ms=101)), line(2, Request(time_ms=100))]
    windows = [Window("m1", 100, 200, frozenset(["n1"]))]
    decided = plan(Snapshot(0, draw("[..] n1"), lines, policy=FCFS, windows=windows))
    assert started(decided) == [2]
    assert (decided.reasons[0].code, "m1" in decided.reasons[0].text) == (
        "reservation",
        True,
    )


def test_a_reservation_is_for_those_who_name_it() -> None:
    """And for nobody else, and only inside it."""
    window = Window("class", 0, 100, None, kind="reservation")
    lines = [
        line(1, Request(time_ms=50)),
        line(2, Request(time_ms=50, reservation="class")),
        line(3, Request(time_ms=101, reservation="class")),
    ]
    decided = plan(Snapshot(0, draw("[....] n1"), lines, policy=FCFS, windows=[window]))
    assert started(decided) == [2]


def test_a_gang_starts_together_or_not_at_all() -> None:
    """No member holds anything while it waits for the others."""
    gang = line(1, Request(cores=2, time_ms=10), gang=(Request(cores=2, time_ms=10),))
    snapshot = Snapshot(0, draw("[...] n1"), [gang], policy=FCFS)
    assert started(plan(snapshot)) == []
    decided = plan(replace(snapshot, nodes=draw("[....] n1")))
    assert decided.starts[0].parts == (1, 1)
    assert [grant.cores for grant in decided.starts[0].grants] == [(0, 1), (2, 3)]


def test_a_queue_that_preempts_stops_the_youngest() -> None:
    """As few as are needed, and none in vain."""
    lines = [line(1, Request(cores=2, time_ms=10), queue="now")]
    runs = [
        replace(running(7, "n1", (0, 1), 900, alloc=1, preemptible=True), started_at=1),
        replace(running(8, "n1", (2, 3), 900, alloc=2, preemptible=True), started_at=5),
    ]
    rules = {"now": QueueRule(preempts=True)}
    snapshot = Snapshot(9, draw("[****] n1"), lines, runs, policy=FCFS, queues=rules)
    assert [(p.alloc, p.job) for p in plan(snapshot).preempts] == [(2, 1)]
    wide = [line(1, Request(cores=5, mode=Mode.BY_CORE, time_ms=10), queue="now")]
    assert plan(replace(snapshot, lines=wide)).preempts == []


def test_a_round_changes_nothing() -> None:
    """Asked twice it says the same, on lists and on what a server keeps."""
    picture = "[....] n1\n[..] n2"
    views = draw(picture)
    lines = [line(n, Request(cores=1 + n % 3, time_ms=100), tasks=3) for n in range(1, 6)]
    listed = Snapshot(10, views, lines, policy=FCFS)
    kept = replace(listed, nodes=mirrored(picture), lines=Roster(lines))
    first = plan(kept)
    assert first.starts == plan(listed).starts == plan(listed).starts
    assert [view.cores for view in kept.nodes] == [view.cores for view in views]
    assert dict(plan(listed).reasons).keys() == dict(first.reasons).keys()


@pytest.mark.parametrize("seed", range(30))
def test_every_plan_of_any_cluster_is_sane(seed: int) -> None:
    """Nothing twice, nothing that is not free, whatever is asked under whatever policy."""
    chance = random.Random(seed)
    nodes = []
    for number in range(chance.randint(1, 6)):
        size = chance.randint(1, 8)
        node = Node(f"n{number}", tuple(range(size)), 16, gpus=tuple(range(number % 3)))
        free = tuple(core for core in node.cores if chance.random() < 0.7)
        nodes.append(NodeView(node, free, 16, node.gpus, {}))
    lines = [
        line(
            number,
            Request(
                cores=chance.randint(1, 6),
                memory=chance.randint(0, 9),
                gpus=chance.choice((0, 0, 1)),
                mode=chance.choice((Mode.BY_CORE_1, Mode.BY_CORE, Mode.BY_NODE)),
                n=chance.randint(1, 2),
                cores_per_node=chance.randint(0, 2),
                exclusive=chance.random() < 0.1,
                time_ms=chance.choice((None, 10, 100)),
                licences=chance.choice(((), (("lic", 1),))),
            ),
            chance.choice("ab"),
            tasks=chance.randint(1, 4),
            queue=chance.choice(("x", "y")),
            priority=chance.choice((0, 0, 500, 1000)),
        )
        for number in range(chance.randint(1, 12))
    ]
    rules = {"x": QueueRule(backfill=chance.choice(list(Backfill)))}
    name = chance.choice(("default", "fcfs:easy", "sjf", "saf:replan", "priority:easy"))
    snapshot = Snapshot(
        50, nodes, lines, licences={"lic": 2}, policy=parse_policy(name), queues=rules
    )
    decided = plan(snapshot)
    assert check(snapshot, decided) == []
    served = {start.job for start in decided.starts}
    for number, waiting in enumerate(lines):
        tasks = sum(start.job == waiting.jobs[0].job for start in decided.starts)
        assert (number in decided.reasons) == (tasks < waiting.jobs[0].tasks)
        assert waiting.jobs[0].job in served or decided.reasons[number].text


def test_policies_that_only_order_work_in_the_live_round() -> None:
    """Every known order may be given to a server."""
    lines = [line(n, Request(time_ms=n * 100)) for n in range(1, 4)]
    for name, order in ORDERS.items():
        policy = Policy(name, order)
        decided = plan(Snapshot(999, draw("[.] n1"), lines, policy=policy))
        assert len(decided.starts) == 1
