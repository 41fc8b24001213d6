"""The seam: what a round sees and says."""

from __future__ import annotations

from rota.core.resources import Grant
from rota.sched.problem import Plan, Snapshot, Start
from rota.sched.round import keep, plan
from tests.drawing import draw


def test_a_node_seen_whole_has_nothing_running() -> None:
    """For the question "could it ever?"."""
    (view,) = draw("[**..] n1 x")
    whole = view.whole()
    assert (whole.cores, whole.closed) == ((0, 1, 2, 3), None)


def test_an_empty_snapshot_gives_an_empty_plan() -> None:
    """Nothing waits, nothing is promised, nobody is told why."""
    decided = plan(Snapshot(0, [], []))
    assert (list(decided.starts), dict(decided.reasons), keep(decided)) == ([], {}, {})


def test_a_plan_that_says_nothing_is_easily_written() -> None:
    """The fields an engine does not need may be left out."""
    assert Plan([Start(1, (Grant("n", (0,)),))]).starts[0].parts == ()
