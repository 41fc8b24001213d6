"""Who is ahead of a job: those whose turn comes before its own, in the round's order."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from rota.sched.lineup import Head, Lineup
from rota.sched.problem import Line, Snapshot, Waiting
from rota.sched.roster import Group, Key, Roster

NAMED_MAX = 5
SEEN_MAX = 100


@dataclass(frozen=True, slots=True)
class Ahead:
    """Those ahead.

    Shapes:
        jobs:  how many;  first: the numbers of the soonest few
        tasks: how many of their tasks wait, at least
        lines: of those, ((line, its jobs ahead, at most ``SEEN_MAX``), …)
    """

    jobs: int
    first: tuple[int, ...]
    tasks: int
    lines: Sequence[tuple[Line, Sequence[Waiting]]] = field(compare=False, repr=False)


def ahead_of(snapshot: Snapshot) -> Ahead:
    """Return who is ahead of the job in the last line of *snapshot*, which is alone there.

    Within a line nobody passes: so a line is ahead as far as its keys are smaller, which
    is looked for by halving.
    """
    roster = Roster(snapshot.lines)
    cores = sum(len(view.node.cores) for view in snapshot.nodes)
    lineup = Lineup(snapshot, roster, cores=cores, hopeless=_never, every=True)

    def key(number: int, place: int) -> Key:
        line, group = roster[number], roster.group_of(number)
        return lineup.key(Head(number, place, line=line, group=group))

    last = len(roster) - 1
    mine, own = key(last, 0), roster[last]
    jobs, found, soonest = 0, [], []
    for number in range(last):
        line = roster[number]
        count = _count(line, number, own=own, mine=mine, key=key)
        if not count:
            continue
        jobs += count
        some = line.jobs[:SEEN_MAX][:count]
        found.append((line, some))
        soonest += [(key(number, at), job.job) for at, job in enumerate(some[:NAMED_MAX])]
    first = tuple(job for _, job in sorted(soonest)[:NAMED_MAX])
    tasks = sum(job.tasks for _, some in found for job in some)
    return Ahead(jobs, first, max(tasks, jobs), found)


def _never(group: Group) -> bool:
    return False


def _count(
    line: Line, number: int, *, own: Line, mine: Key, key: Callable[[int, int], Key]
) -> int:
    """Count the jobs of *line* that stand before *mine*."""
    asked = own.jobs[0]
    low, high = 0, len(line.jobs)
    while low < high:
        middle = (low + high) // 2
        job = line.jobs[middle]
        is_ahead = key(number, middle) < mine
        if line.user == own.user and job.priority != asked.priority:
            is_ahead = job.priority > asked.priority
        if is_ahead:
            low = middle + 1
        else:
            high = middle
    return low
