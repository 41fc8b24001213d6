"""One job that waits, among others, and why: for tests."""

from __future__ import annotations

from typing import Any

from rota.core.resources import Grant, Request
from rota.sched.explain import Answer, explain
from rota.sched.policy import PRIORITY
from rota.sched.problem import Line, NodeView, Running, Snapshot, Waiting
from tests.drawing import draw

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
