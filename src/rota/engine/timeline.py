"""What will be when: everything that runs until its end, and who starts after it.

    now ──┬───────────┬──────┬──→     running   holds its place until ends_by at most
          └ running ┄ ┘      │        coming    starts no later than this, as a round of
                   └ coming ─┘                  conservative backfill would promise it

Nothing changes: the round is asked about a copy, and only when somebody looks.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from rota.core.job import show_name
from rota.engine.assign import snapshot_of
from rota.engine.state import Memory
from rota.sched.backfill import Backfill
from rota.sched.problem import Running, Window
from rota.sched.round import plan


@dataclass(frozen=True, slots=True)
class Coming:
    """A job that waits.  ``at``: when it starts at the latest; None: nothing bounds it."""

    job: int
    name: str
    user: str
    nodes: tuple[str, ...]
    at: int | None
    cores: int
    lasts_ms: int | None


@dataclass(frozen=True, slots=True)
class Timeline:
    """See the head of the file.

    Shapes:
        running: oldest first;  names: {job: its name} of those
        coming:  the jobs that a round promises a start, soonest first
    """

    running: Sequence[Running]
    names: dict[int, str]
    coming: Sequence[Coming]
    windows: Sequence[Window]


def timeline(memory: Memory, *, at: int) -> Timeline:
    """Return what runs until when and who starts when, as known at *at*."""
    snapshot = snapshot_of(memory, at)
    rules = {
        name: replace(rule, backfill=Backfill.CONSERVATIVE, preempts=False)
        for name, rule in snapshot.queues.items()
    }
    policy = replace(snapshot.policy, backfill=Backfill.CONSERVATIVE, resort=None)
    decided = plan(replace(snapshot, policy=policy, queues=rules, promised={}))
    starts = [
        (start.job, at, tuple(grant.node for grant in start.grants))
        for start in decided.starts
    ]
    promised = [(one.job, one.at, one.nodes) for one in decided.promises]
    coming = [
        _coming(memory, job, when, nodes)
        for job, when, nodes in [*starts, *promised]
        if job in memory.jobs
    ]
    coming.sort(key=lambda one: (one.at is None, one.at or 0, one.job))
    names = {run.job: show_name(memory.jobs[run.job].spec) for run in snapshot.running}
    return Timeline(snapshot.running, names, coming, snapshot.windows)


def _coming(memory: Memory, job: int, at: int | None, nodes: tuple[str, ...]) -> Coming:
    known = memory.jobs[job]
    request = known.spec.request
    return Coming(
        job, show_name(known.spec), known.user.name, nodes, at, request.cores,
        request.time_ms,
    )  # fmt: skip
