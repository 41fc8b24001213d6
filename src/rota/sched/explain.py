"""All there is to say about why one job waits: classes of nodes, who is ahead, when, edits.

    Question   one task that waits, or would: what it asks for, and its place in the order
    Answer     per class of nodes what is missing · who is ahead · from when to when · edits

Each part is a file beside this one.  The answer for a job that was never submitted is the
answer for one that has just been: nothing here knows the difference.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, replace

from rota.sched.ahead import Ahead, ahead_of
from rota.sched.classes import NodeClass, classes
from rota.sched.edits import Edit, edits
from rota.sched.problem import Line, Snapshot, Waiting
from rota.sched.round import plan
from rota.sched.space import space_of
from rota.sched.timeline import Expected, expected_start

NEW = 1 << 53
"""The number of a job that has none yet: it comes after all others."""


@dataclass(frozen=True, slots=True)
class Answer:
    """See the head of the file.

    Shapes:
        starts: the next round would start it: nothing is missing but that round
        edits:  each of them alone lets it start now; verified by a round
    """

    starts: bool
    classes: Sequence[NodeClass]
    ahead: Ahead
    expected: Expected
    edits: Sequence[Edit]


def explain(snapshot: Snapshot, line: Line) -> Answer:
    """Return why the one job in *line* waits in *snapshot*, which may know it already.

    Costs some dozens of rounds over the lines: for a person who asks, not for a loop.
    """
    asked = line.jobs[0]
    line = replace(line, jobs=[asked._replace(tasks=1)])
    bare = without(snapshot, asked)
    with_it = replace(bare, lines=[*bare.lines, line])
    starts = any(start.job == asked.job for start in plan(with_it).starts)
    ahead = ahead_of(with_it)
    return Answer(
        starts,
        classes(line.request, space_of(bare.nodes, bare.licences)),
        ahead,
        expected_start(with_it, ahead, starts=starts),
        [] if starts else edits(bare, line),
    )


def without(snapshot: Snapshot, asked: Waiting) -> Snapshot:
    """Return a copy of *snapshot* in plain lists, *asked* taken out of its line."""
    lines = [_spared(line, asked) for line in snapshot.lines]
    return replace(
        snapshot, nodes=list(snapshot.nodes), lines=[line for line in lines if line.jobs]
    )


def _spared(line: Line, asked: Waiting) -> Line:
    jobs = line.jobs
    place = bisect_left(jobs, _place(asked), key=_place)
    if place == len(jobs) or jobs[place].job != asked.job:
        return line
    return replace(line, jobs=[*jobs[:place], *jobs[place + 1 :]])


def _place(job: Waiting) -> tuple[int, int]:
    return (-job.priority, job.job)
