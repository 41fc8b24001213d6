"""When a job will start: from the earliest that can be to the latest that limits allow.

now ─────┬──────────────────────────┬────→
      earliest                    latest
      what runs ends as it        everybody runs to its limit, and all that
      probably will, and          are ahead start before it: a promise of
      nobody is ahead             conservative backfill
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from rota.sched.ahead import Ahead
from rota.sched.backfill import Backfill
from rota.sched.future import Future
from rota.sched.lineup import longest, parts
from rota.sched.problem import Line, Running, Snapshot, Waiting
from rota.sched.releases import Releases, release_of
from rota.sched.room import PROMISES_MAX
from rota.sched.round import plan
from rota.sched.space import space_of


@dataclass(frozen=True, slots=True)
class Expected:
    """From when to when, milliseconds since the epoch.

    Shapes:
        earliest: None: never with the nodes that are open now
        latest:   None: nothing bounds it, and *unknown* says why
    """

    earliest: int | None
    latest: int | None
    unknown: str = ""


def expected_start(snapshot: Snapshot, ahead: Ahead, *, starts: bool) -> Expected:
    """Return when the job in the last line of *snapshot* will start.

    The latest holds if nobody comes who is sooner, and no node goes away.
    """
    if starts:
        return Expected(snapshot.at, snapshot.at)
    *_, line = snapshot.lines
    earliest = _earliest(snapshot, line)
    if earliest is None:
        return Expected(None, None, _never(snapshot, line))
    if ahead.tasks >= PROMISES_MAX:
        return Expected(earliest, None, f"{ahead.tasks} tasks are ahead")
    at = _latest(snapshot, ahead, line)
    if at is None:
        return Expected(earliest, None, _unbounded(snapshot, ahead))
    return Expected(min(earliest, at), at)


def _earliest(snapshot: Snapshot, line: Line) -> int | None:
    """Return when it could start if nobody were ahead and all ended as they should."""
    space = space_of(snapshot.nodes, snapshot.licences)
    at = snapshot.at
    releases = Releases(
        release_of(running, space)._replace(at=_probable(running, at))
        for running in snapshot.running
    )
    future = Future(space, at=at, releases=releases, claims=(), windows=snapshot.windows)
    place = future.earliest(
        parts(line), length=longest(line), reservation=line.request.reservation
    )
    return None if place is None else place.at


def _never(snapshot: Snapshot, line: Line) -> str:
    """Say what no end of what runs will bring."""
    asked = line.request.licences
    short = [name for name, k in asked if snapshot.licences.get(name, 0) < k]
    if short:
        return f"no end of a job here brings enough of {' and '.join(short)}"
    return "no node that is open now could run it"


def _probable(running: Running, at: int) -> int:
    """Of what nobody knows anything, the end may come at any moment."""
    end = at if running.ends_about is None else max(at, running.ends_about)
    return end if running.ends_by is None else max(at, min(end, running.ends_by))


def _latest(snapshot: Snapshot, ahead: Ahead, line: Line) -> int | None:
    """Return what conservative backfill promises it, behind every task that is ahead."""
    cons = Backfill.CONSERVATIVE
    tasks = _Apart()
    lines = [replace(one, jobs=tasks.of(jobs)) for one, jobs in ahead.lines]
    strict = replace(
        snapshot,
        lines=[*lines, line],
        policy=replace(snapshot.policy, backfill=cons, resort=None),
        queues={
            name: replace(rule, backfill=cons, preempts=False)
            for name, rule in snapshot.queues.items()
        },
        promised={},
    )
    decided = plan(strict)
    job = line.jobs[0].job
    if any(start.job == job for start in decided.starts):
        return snapshot.at
    return next((p.at for p in decided.promises if p.job == job), None)


class _Apart:
    """Takes the tasks of jobs apart: a round promises each job one start only."""

    def __init__(self) -> None:
        self._number = 0

    def of(self, jobs: Sequence[Waiting]) -> list[Waiting]:
        found: list[Waiting] = []
        for job in jobs:
            for _ in range(job.tasks):
                self._number -= 1
                found.append(job._replace(job=self._number, tasks=1))
        return found


def _unbounded(snapshot: Snapshot, ahead: Ahead) -> str:
    """Name one that may go on for ever."""
    endless = sorted(r.job for r in snapshot.running if r.ends_by is None)
    endless += [
        job.job for line, jobs in ahead.lines if longest(line) is None for job in jobs
    ]
    if not endless:
        return "windows and reservations leave it no time"
    more = len(set(endless)) - 1
    others = f" and {more} more have" if more else " has"
    return f"job {endless[0]}{others} no time limit"
