"""All reasons, who is ahead, when, and edits that are proved."""

from __future__ import annotations

from dataclasses import replace
from random import Random
from typing import Any

import pytest

from rota.core.resources import Grant, Mode, Request
from rota.sched.explain import Answer, explain
from rota.sched.policy import PRIORITY
from rota.sched.problem import Line, NodeView, Running, Snapshot, Waiting
from rota.sched.round import plan
from tests.drawing import GB, draw

MINUTE = 60_000


def waits(job: int, *, priority: int = 0, user: str = "ann", **request: Any) -> Line:
    """Return a line of one job."""
    return Line(Request(**request), user, "", "default", [Waiting(job, priority, job, 1)])


def holds(job: int, node: str, cores: int, ends_by: int | None, **more: Any) -> Running:
    """Return an allocation of so many cores, from the first on."""
    grants = (Grant(node, tuple(range(cores)), 0),)
    request = Request(cores=cores)
    return Running(job, "bob", "", request, grants, 0, ends_by, alloc=job, **more)


def snapshot(
    nodes: list[NodeView], *lines: Line, running: Any = (), **more: Any
) -> Snapshot:
    """Return a snapshot at the first minute."""
    return Snapshot(MINUTE, nodes, list(lines), running, policy=PRIORITY, **more)


def asked(
    picture: str, line: Line, *others: Line, running: Any = (), **more: Any
) -> Answer:
    """Return why *line* waits behind *others*."""
    return explain(snapshot(draw(picture), *others, line, running=running, **more), line)


def test_every_class_of_nodes_says_all_that_it_lacks() -> None:
    """Not the first thing, and not of the first node."""
    picture = """
        [***.] n1 gen4
        [**..] n2 gen4
        [....] n3 gen4 x
        [........] big gen5,slow
    """
    line = waits(9, cores=4, group=("gen4",), not_group=("slow",), memory=99 * GB)
    told = {row.names: row.missing for row in asked(picture, line).classes}
    assert told["n1", "n2", "n3"] == ("has only 64 GiB of 99 GiB",)
    assert told[("big",)] == (
        "has no label gen4", "has the label slow", "has only 64 GiB of 99 GiB",
    )  # fmt: skip
    small = waits(9, cores=4, group=("gen4",))
    told = {row.names: row.missing for row in asked(picture, small).classes}
    assert told["n1", "n2", "n3"] == ("1 of 3 drained", "4 free cores (2 free)")


@pytest.mark.parametrize(
    ("request_", "said"),
    [
        ({"mode": Mode.BY_NODE, "n": 2}, "0 idle of 2"),
        ({"mode": Mode.BY_CORE, "cores": 6}, "3 free cores of 6"),
        ({"mode": Mode.BY_HOST, "host": "n1", "cores": 2}, "2 free cores (1 free)"),
        ({"gpus": 1}, "has only 0 of 1 gpus"),
        ({"resources": (("scratch", 3),)}, "has only 0 of 3 scratch"),
        ({"min_cores": 9}, "has fewer than 9 cores"),
        ({"require": ("gpu",)}, "is not gpu"),
    ],
)
def test_each_way_to_ask_is_answered_in_its_own_words(request_: Any, said: str) -> None:
    """Idle nodes for whole nodes, free cores for cores."""
    line = waits(9, **request_)
    rows = asked("[***.] n1\n[**..] n2", line).classes
    assert next(said in row.missing for row in rows)


def test_who_is_ahead_is_counted_in_the_order_of_the_round() -> None:
    """Priority first, then whoever came first; those behind do not count."""
    others = [waits(n, cores=n) for n in (1, 2, 3, 20)]
    others.append(waits(30, priority=5, cores=7, user="eve"))
    line = waits(9, cores=8)
    ahead = asked("[********] n1", line, *others).ahead
    assert (ahead.jobs, ahead.tasks, ahead.first) == (4, 4, (30, 1, 2, 3))


def test_of_a_long_line_those_ahead_are_counted_and_not_listed() -> None:
    """Its own place in its own line counts, too."""
    jobs = [Waiting(n, 0, n, 1) for n in range(1, 1001)]
    mine = Line(Request(), "ann", "", "default", jobs)
    me = replace(mine, jobs=[jobs[700]])
    running = [holds(2000, "n1", 1, 5 * MINUTE)]
    told = explain(snapshot(draw("[*] n1"), mine, running=running), me)
    assert told.ahead.jobs == 700 and told.ahead.first == (1, 2, 3, 4, 5)
    assert told.expected.latest is None and "700 tasks are ahead" in told.expected.unknown


def test_the_start_lies_between_the_expected_end_and_the_limit() -> None:
    """Whoever runs ends at its limit at the latest, and probably sooner."""
    running = [holds(1, "n1", 2, 10 * MINUTE, ends_about=3 * MINUTE)]
    told = asked("[**..] n1", waits(9, cores=4), running=running).expected
    assert (told.earliest, told.latest) == (3 * MINUTE, 10 * MINUTE)


def test_all_tasks_that_are_ahead_have_their_time_first() -> None:
    """Three tasks of ten minutes each, one after the other, from the tenth minute on."""
    first = Line(Request(cores=4, time_ms=10 * MINUTE), "bob", "", "default",
                 [Waiting(3, 0, 3, 3)])  # fmt: skip
    running = [holds(1, "n1", 2, 10 * MINUTE)]
    told = asked("[**..] n1", waits(9, cores=4), first, running=running).expected
    assert (told.earliest, told.latest) == (MINUTE, 40 * MINUTE)


@pytest.mark.parametrize("where", ["runs", "ahead"])
def test_without_a_limit_the_latest_is_unknown_and_somebody_is_named(where: str) -> None:
    """It may run for ever."""
    running = [holds(1, "n1", 2, None if where == "runs" else 5 * MINUTE)]
    others = [waits(4, cores=4)] if where == "ahead" else []
    told = asked("[**..] n1", waits(9, cores=4), *others, running=running).expected
    assert told.latest is None
    assert told.unknown == f"job {1 if where == 'runs' else 4} has no time limit"


def test_what_fits_no_node_never_starts() -> None:
    """And says so instead of a date."""
    told = asked("[....] n1", waits(9, cores=5)).expected
    assert (told.earliest, told.latest) == (None, None) and "no node" in told.unknown


def test_what_the_next_round_starts_lacks_nothing() -> None:
    """No edits for a job that is about to start."""
    told = asked("[....] n1", waits(9, cores=2))
    assert told.starts and not told.edits and told.classes[0].missing == ()


@pytest.mark.parametrize(
    ("request_", "text"),
    [
        ({"cores": 4}, "cores 4 → 2"),
        ({"memory": 80 * GB}, "memory 80 GiB → 64 GiB"),
        ({"mode": Mode.BY_NODE, "n": 3, "cores_per_node": 1}, "n 3 → 2"),
        ({"mode": Mode.BY_NODE, "cores_per_node": 4}, "cores_per_node 4 → 2"),
        ({"group": ("gen9",)}, "without group gen9"),
        ({"require": ("x",)}, "without require x"),
        ({"not_group": ("gen4",)}, "without not_group gen4"),
        ({"exclusive": True}, "without exclusive"),
        ({"gpus": 2}, "gpus 2 → 0"),
        ({"mode": Mode.BY_HOST, "host": "n1", "cores": 2}, "any node, not n1"),
    ],
)
def test_the_smallest_edit_is_found(request_: Any, text: str) -> None:
    """Of whatever is too much."""
    told = asked("[***.] n1 gen4\n[**..] n2 gen4", waits(9, **request_))
    assert text in [edit.text for edit in told.edits]


def test_less_of_two_things_is_asked_for_when_less_of_one_is_not_enough() -> None:
    """Cores and memory together."""
    told = asked("[**..] n1", waits(9, cores=4, memory=80 * GB)).edits
    assert [edit.set for edit in told] == [{"cores": 2, "memory": "65536MiB"}]


def test_a_shorter_job_may_pass_the_one_that_was_promised_a_start() -> None:
    """Exactly as long as the promise leaves."""
    running = [holds(1, "n1", 2, 10 * MINUTE)]
    first = waits(3, cores=4, time_ms=MINUTE)
    told = asked("[**..] n1", waits(9, cores=1), first, running=running).edits
    assert [edit.set for edit in told] == [{"time": "540s"}]


@pytest.mark.parametrize("seed", range(60))
def test_every_edit_is_true_and_the_next_larger_is_not(seed: int) -> None:
    """A round on the edited snapshot starts the job, whatever the machine looks like."""
    chance = Random(seed)
    bars = ["".join(chance.choices("*.", k=chance.randint(1, 6))) for _ in range(3)]
    rows = [f"[{bar}] n{n}" for n, bar in enumerate(bars)]
    nodes = draw("\n".join(rows))
    others = [
        waits(n, cores=chance.randint(1, 6), time_ms=chance.choice([None, MINUTE]))
        for n in range(chance.randint(0, 3))
    ]
    line = waits(9, cores=chance.randint(1, 7), memory=chance.choice([0, 70 * GB]))
    told = explain(snapshot(nodes, *others, line), line)
    assert told.starts == _starts(nodes, others, line)
    for edit in told.edits:
        assert _starts(nodes, others, _edited(line, edit.set))
        if list(edit.set) == ["cores"]:
            more = {"cores": edit.set["cores"] + 1}
            assert not _starts(nodes, others, _edited(line, more))


def _edited(line: Line, changes: dict[str, Any]) -> Line:
    known = dict(changes)
    if "memory" in known:
        known["memory"] = int(known["memory"].removesuffix("MiB")) << 20
    if "time" in known:
        known["time_ms"] = int(known.pop("time").removesuffix("s")) * 1000
    return replace(line, request=replace(line.request, **known))


def _starts(nodes: list[NodeView], others: list[Line], line: Line) -> bool:
    decided = plan(snapshot(nodes, *others, line))
    return any(start.job == 9 for start in decided.starts)
