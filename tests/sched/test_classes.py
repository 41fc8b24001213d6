"""What each class of nodes lacks."""

from __future__ import annotations

from typing import Any

import pytest

from rota.core.resources import Mode
from tests.drawing import GB
from tests.sched.asking import asked, waits


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
