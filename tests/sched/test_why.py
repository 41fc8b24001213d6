"""Why a line waits."""

from __future__ import annotations

import pytest

from rota.core.resources import Mode, Request
from rota.sched.why import why_not
from tests.drawing import GB, space

BUSY = """
    [***.] n1 gen4
    [**..] n2 gen4
    [....] n3 gen5 x
"""


@pytest.mark.parametrize(
    ("request_", "code", "said"),
    [
        (Request(cores=3), "resources", "3 free cores (2 free) on one node"),
        (Request(cores=5, mode=Mode.BY_CORE), "resources", "5 free cores (3 free)"),
        (Request(mode=Mode.BY_NODE), "resources", "1 idle node (0 free)"),
        (Request(group=("gen5",)), "nodes_away", "drained"),
        (Request(cores=5), "impossible_now", "none is large enough"),
        (Request(group=("gen9",)), "impossible_now", "none is of the sort"),
        (Request(licences=(("abaqus", 2),)), "licence", "2 abaqus (0 free)"),
        (Request(cores=3, mode=Mode.BY_HOST, host="n1"), "resources", "(1 free)"),
        (Request(mode=Mode.BY_GROUP, group=("gen4",)), "resources", "2 nodes of its group"),
        (Request(memory=99 * GB), "impossible_now", "large enough"),
        (
            Request(mode=Mode.BY_NODE, n=2, cores_per_node=2),
            "resources",
            "nodes with 2 cores",
        ),
    ],
)
def test_the_reason_names_what_is_missing(request_: Request, code: str, said: str) -> None:
    """And how much of it there is."""
    reason = why_not(request_, space(BUSY))
    assert (reason.code, said in reason.text) == (code, True), reason.text


def test_without_nodes_it_says_so() -> None:
    """Nobody has connected yet."""
    assert why_not(Request(), space("")).code == "no_node"
