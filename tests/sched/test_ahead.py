"""Who is ahead."""

from __future__ import annotations

from dataclasses import replace

from rota.core.resources import Request
from rota.sched.explain import explain
from rota.sched.problem import Line, Waiting
from tests.drawing import draw
from tests.sched.asking import MINUTE, asked, holds, snapshot, waits


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
