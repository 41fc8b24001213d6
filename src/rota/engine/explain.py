"""Why a job waits, all of it at once: its gate, its own throttle, and what the round says.

    explain(memory, job, index)   a live job        judged(memory, user, spec)   one not yet
                                                    submitted: the same answer

Nothing changes: the round is asked about copies.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from rota.core.account import User
from rota.core.job import JobSpec
from rota.core.lifecycle import State
from rota.core.reasons import Reason, reason
from rota.core.resources import Request
from rota.engine.assign import snapshot_of
from rota.engine.elements import why_blocked
from rota.engine.gate import reasons_held, settled
from rota.engine.lines import asked_by
from rota.engine.live import Job
from rota.engine.state import Memory
from rota.sched.explain import NEW, Answer, explain
from rota.sched.problem import Line, Waiting


@dataclass(frozen=True, slots=True)
class Why:
    """All reasons why it waits, most decisive first, and the round's answer.

    Shapes:
        reasons: of its gate, of the task itself, of its throttle; empty: only of the round
        answer:  as if those were no more; None: nothing of it waits
    """

    reasons: tuple[Reason, ...]
    answer: Answer | None


def why(memory: Memory, job_id: int, index: int | None, *, at: int) -> Why:
    """Return why live job *job_id*, or a task of it, waits."""
    job = memory.jobs.get(job_id)
    if job is None or not _waits(job, index):
        return Why((), None)
    found = reasons_held(job, at)
    if index in job.blocked if index is not None else job.blocked and not job.pending:
        found.append(why_blocked(job, index))
    own = _own_reason(job, index)
    if own is not None and own.code not in {told.code for told in found}:
        found.append(own)
    if job.pending and job.room <= 0 and job.spec.array is not None:
        found.append(reason("throttle", limit=job.spec.array.limit))
    waiting = Waiting(job.id, job.spec.priority, job.submitted_at, 1)
    task = job.tasks.get(index or 0) if index is not None or not job.is_array else None
    request = (task.request if task is not None else None) or job.asks
    return Why(tuple(found), _asked(memory, job, request, waiting=waiting, at=at))


def judged(
    memory: Memory, user: User, spec: JobSpec, *, ended: Mapping[int, str], at: int
) -> Why:
    """Return why *spec* would wait if *user* submitted it now; it is not submitted."""
    job = Job(id=NEW, spec=spec, user=user, submitted_at=at)
    for after in spec.after:
        if after.job < 0:  # Another of the same submission: the number it would get.
            number = memory.next_job - after.job - 1
            job.deps_left = {**job.deps_left, number: (after.kind,)}
            continue
        other = memory.jobs.get(after.job)
        begun = other is not None and other.started_at is not None
        if other is not None and not (after.kind == "start" and begun):
            job.deps_left = {**job.deps_left, after.job: (after.kind,)}
        elif after.job in ended and not settled(after.kind, ended[after.job]):
            job.deps_failed = {**job.deps_failed, after.job: ended[after.job]}
    if spec.held:
        job.user_hold = reason("held", who=user.name)
    waiting = Waiting(NEW, spec.priority, at, 1)
    answer = _asked(memory, job, spec.request, waiting=waiting, at=at)
    return Why(tuple(reasons_held(job, at)), answer)


def _own_reason(job: Job, index: int | None) -> Reason | None:
    """Return why a task is held for itself: a delay, trouble, a user."""
    if index is None and job.is_array:
        return None
    task = job.tasks.get(index or 0)
    return task.reason if task is not None and task.state is State.HELD else None


def _waits(job: Job, index: int | None) -> bool:
    if index is None or not job.is_array:
        states = {task.state for task in job.tasks.values()}
        return bool(job.unplaced or states & {State.QUEUED, State.HELD})
    task = job.tasks.get(index)
    return (
        index in job.waiting
        or index in job.blocked
        or (task is not None and task.state in (State.QUEUED, State.HELD))
    )


def _asked(
    memory: Memory, job: Job, request: Request, *, waiting: Waiting, at: int
) -> Answer:
    # Guessed as the queue guesses: else all others would seem to be ahead, or none.
    guess = memory.tally.expect(job)
    spec = job.spec
    request = asked_by(request, job.user, memory.settings)
    line = Line(request, job.user.name, job.account, spec.queue, [waiting], expected=guess)
    return explain(snapshot_of(memory, at), line)
