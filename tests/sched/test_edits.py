"""Edits that let a job start now, each of them true."""

from __future__ import annotations

from dataclasses import replace
from random import Random
from typing import Any

import pytest

from rota.core.resources import Mode
from rota.sched.explain import explain
from rota.sched.problem import Line, NodeView
from rota.sched.round import plan
from tests.drawing import GB, draw
from tests.sched.asking import MINUTE, asked, holds, snapshot, waits


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
