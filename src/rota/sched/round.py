"""The round: who may start now, in which order, and where."""

from __future__ import annotations

from heapq import heapify, heappop, heappush

from rota.core.reasons import Reason, reason
from rota.core.resources import Request
from rota.sched.grants import Ids
from rota.sched.modes import find
from rota.sched.problem import Line, Plan, Snapshot, Start
from rota.sched.space import Space, space_of
from rota.sched.why import Reasons, why_not

Head = tuple[int, int, int, int, int]
"""(−priority, since, job, index of its line, its place in the line)."""


def plan(snapshot: Snapshot) -> Plan:
    """Return what starts where now, and why the rest waits.

    Costs what the lines and the starts cost: a line whose head does not fit is dropped,
    its other jobs ask for the same and would not fit either.
    """
    space = space_of(snapshot.nodes, snapshot.licences)
    ids = Ids(snapshot.nodes)
    starts: list[Start] = []
    stays: set[int] = set()
    full: set[Request] = set()
    heap = [_head(i, 0, line) for i, line in enumerate(snapshot.lines) if line.jobs]
    heapify(heap)
    while heap:
        *_, index, place = heappop(heap)
        line = snapshot.lines[index]
        if line.request in full or not _start(
            line, place, space=space, ids=ids, starts=starts
        ):
            full.add(line.request)
            stays.add(index)
        elif place + 1 < len(line.jobs):
            heappush(heap, _head(index, place + 1, line))
    lines = snapshot.lines
    return Plan(starts, Reasons(stays, lambda index: _explain(lines[index], space)))


def _head(index: int, place: int, line: Line) -> Head:
    job = line.jobs[place]
    return (-job.priority, job.since, job.job, index, place)


def _start(line: Line, place: int, *, space: Space, ids: Ids, starts: list[Start]) -> bool:
    """Start as many tasks of the job at *place* as fit; say whether all did."""
    job = line.jobs[place]
    for _ in range(job.tasks):
        takes = find(line.request, space)
        if takes is None:
            return False
        space.take(takes)
        space.take_licences(line.request.licences)
        starts.append(Start(job.job, ids.name(takes)))
    return True


def _explain(line: Line, space: Space) -> Reason:
    if find(line.request, space) is not None:
        return reason("priority", ahead="jobs that came first")
    return why_not(line.request, space)
