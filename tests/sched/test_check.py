"""Plans are proved sane before they are applied."""

from __future__ import annotations

import pytest

from rota.core.resources import Grant, Request
from rota.sched.check import check
from rota.sched.problem import Line, Plan, Snapshot, Start, Waiting
from tests.drawing import draw

LINE = Line(Request(licences=(("lic", 1),)), "u", "", "", [Waiting(1, 0, 0, 2)])
SNAPSHOT = Snapshot(0, draw("[*..] n1\n[..] n2 x", memory=10), [LINE], licences={"lic": 1})


def test_a_sane_plan_has_nothing_wrong() -> None:
    """One task on a free core."""
    assert check(SNAPSHOT, Plan([Start(1, (Grant("n1", (1,)),))])) == []


@pytest.mark.parametrize(
    ("starts", "said"),
    [
        ([Start(1, (Grant("n1", (0,)),))], "core 0 is not free"),
        ([Start(1, (Grant("n1", (1,)),)), Start(1, (Grant("n1", (1,)),))], "2 times"),
        ([Start(1, (Grant("n2", (0,)),))], "takes nothing"),
        ([Start(1, (Grant("n9", (0,)),))], "takes nothing"),
        ([Start(2, (Grant("n1", (1,)),))], "does not wait"),
        ([Start(1, (Grant("n1", (1,), 11),))], "bytes given"),
        ([Start(1, (Grant("n1", (1,), gpus=(0,)),))], "gpu 0 is not free"),
        ([Start(1, (Grant("n1", (1,), resources=(("disk", 1),)),))], "1 disk given"),
        ([Start(1, ())] * 3, "3 started, 2 wait"),
        ([Start(1, ())] * 2, "licence lic: 2 given, 1 free"),
    ],
)
def test_every_breach_is_named(starts: list[Start], said: str) -> None:
    """Nothing twice, nothing that is not free, no more than wait."""
    assert any(said in sentence for sentence in check(SNAPSHOT, Plan(starts)))
