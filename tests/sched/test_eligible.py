"""Which sort of node a request may use."""

from __future__ import annotations

import pytest

from rota.core.resources import Node, Request
from rota.sched.eligible import eligible

NODE = Node("n", (0, 1, 2, 3), 32, labels=("gen4", "gpu"))


@pytest.mark.parametrize(
    ("request_", "answer"),
    [
        (Request(), True),
        (Request(group=("gen4", "gen9")), True),
        (Request(group=("gen9",)), False),
        (Request(not_group=("slow", "gpu")), False),
        (Request(require=("gen4", "gpu | tpu")), True),
        (Request(require=("gen4", "!gpu")), False),
        (Request(min_cores=4, min_memory=32), True),
        (Request(min_cores=5), False),
        (Request(min_memory=33), False),
    ],
)
def test_groups_are_any_of_and_none_of(request_: Request, answer: bool) -> None:
    """group: any of; not_group: none of; require: all of them true."""
    assert eligible(NODE, request_) is answer


def test_a_node_that_requires_a_label_lets_in_who_asks_for_it() -> None:
    """DIRAC's RequiredTag: a GPU node is not filled with jobs that need no GPU."""
    node = Node("g", (0,), 1, labels=("gpu",), requires=("gpu",))
    assert not eligible(node, Request())
    assert eligible(node, Request(require=("gpu & !slow",)))
    assert eligible(node, Request(group=("gpu",)))
