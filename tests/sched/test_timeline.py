"""From when to when it may start."""

from __future__ import annotations

import pytest

from rota.core.resources import Request
from rota.sched.problem import Line, Waiting
from tests.sched.asking import MINUTE, asked, holds, waits


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


def test_what_lacks_a_licence_that_nobody_here_has_is_told_so() -> None:
    """No end of a job brings it, whatever room the nodes have."""
    line = Line(
        Request(licences=(("abaqus", 2),)), "ann", "", "default", [Waiting(9, 0, 0, 1)]
    )
    told = asked("[....] n1", line).expected
    assert (told.earliest, told.unknown) == (
        None, "no end of a job here brings enough of abaqus",
    )  # fmt: skip
