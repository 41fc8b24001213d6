"""The gate of a job: may its waiting tasks be placed at all?

    held by a user  ┐
    a dependency    ├─ any of these: HELD, with the first of them as the reason
    a begin time    ┘                     none: QUEUED, and the round speaks for it

``regate`` compares what should be with what is and makes the move for all waiting tasks
at once; nobody else changes ``Job.gate``.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from heapq import nsmallest
from itertools import islice

from rota.core.job import After
from rota.core.lifecycle import Move, State
from rota.core.reasons import Reason, reason
from rota.core.units import show_duration
from rota.engine.live import Job, Task
from rota.engine.state import Memory
from rota.sched.limits import BLOCK, blocking

_WELL = State.DONE

GATE_CODES = frozenset(
    {"held", "every", "deadline", "dependency", "dependency_failed", "begin"}
)
"""Reasons for which a gate is closed."""


FEW = 8
"""Up to so many dependencies a plain dictionary costs less."""

TOLD_MAX = 10
"""So many failed dependencies are named."""

WORDS = {"ok": "to succeed", "notok": "to fail", "any": "to end", "start": "to start"}
"""{kind of a dependency: what is waited for}"""


def why_held(job: Job, at: int) -> Reason | None:
    """Return why *job* may not run at *at*, or None when it may."""
    return next(_closing(job, at), None)


def reasons_held(job: Job, at: int) -> list[Reason]:
    """Return all reasons why *job* may not run at *at*, the one it is told for first."""
    return list(_closing(job, at))


def _closing(job: Job, at: int) -> Iterator[Reason]:
    if job.user_hold is not None:
        yield _with_failed(job, job.user_hold)
    if job.spec.every is not None:
        yield reason("every", every=job.spec.every)
    if is_too_late(job, at):
        yield too_late(job)
    if job.deps_failed:
        yield dependency_failed(job)
    if job.deps_left:
        yield reason("dependency", what=_waits_for(job))
    begin_at = job.spec.begin_at
    if begin_at is not None and begin_at > at:
        yield Reason("begin", "its begin time has not come", {"begin_at": begin_at})


def is_too_late(job: Job, at: int) -> bool:
    """Whether *job*, should it begin now, could not be over by its deadline."""
    latest_at = job.spec.latest_at
    return latest_at is not None and at > latest_at


def too_late(job: Job) -> Reason:
    """Return the reason that names the deadline of *job*."""
    spec, limit = job.spec, job.spec.request.time_ms
    what = f"its time limit is {show_duration(limit)}" if limit else "it has not begun"
    evidence = {"deadline_at": spec.deadline_at, "latest_at": spec.latest_at}
    return reason("deadline", what=what)._replace(evidence=evidence)


def dependency_failed(job: Job) -> Reason:
    """Return the reason that names what *job* waited for in vain."""
    return _with_failed(job, reason("dependency_failed", what=_failed(job)))


def regate(memory: Memory, job: Job, *, at: int, source: str) -> None:
    """Open or close the gate of *job* as things are now, and see to its line."""
    if job.spec.every is not None:
        memory.templates[job.id] = job
    why = why_held(job, at)
    gate = State.QUEUED if why is None else State.HELD
    if gate is not job.gate:
        _swing(memory, job, gate, at=at, source=source, why=why)
    if why is not None or job.reason is not None:
        memory.touch(job)
    job.reason = why
    relist(memory, job)


def relist(memory: Memory, job: Job) -> None:
    """See that *job* stands in its line exactly if it may be placed now."""
    if memory.lines.refresh(job, may_run=job.gate is State.QUEUED):
        memory.round_wanted = True


def settled(kind: str, state: str) -> bool:
    """Return whether a job that ended in *state* did as *kind* of ``After`` asks."""
    if kind == "ok":
        return state == _WELL
    if kind == "notok":
        return state != _WELL
    return True


def lacking(task: Task) -> bool:
    """Whether *task* has a row, was never placed, and waits for its counterpart."""
    return not task.n and task.job.lacks(task.index)


def resolve(memory: Memory, job: Job, *, at: int) -> None:
    """Tell those who wait for *job* that it ended.

    A waiter that stays behind its gate only gets another reason, at the batch's end: who
    waits for 100 000 jobs is not told of each.
    """
    ended = memory.state_of(job)
    for waiter_id in memory.dependents.pop(job.id, ()):
        waiter = memory.jobs.get(waiter_id)
        kinds = waiter.deps_left.pop(job.id, None) if waiter is not None else None
        if waiter is None or kinds is None:
            continue
        if not all(settled(kind, ended) for kind in kinds):
            memory.blame(waiter, job.id, ended)
        _look_again(memory, waiter, at=at)


def resolve_start(memory: Memory, job: Job, *, at: int) -> None:
    """Tell those who wait for the start of *job* that it began."""
    waiters = memory.dependents.get(job.id, {})
    for waiter_id in list(waiters):
        waiter = memory.jobs.get(waiter_id)
        kinds = waiter.deps_left.get(job.id, ()) if waiter is not None else ()
        if waiter is None or "start" not in kinds:
            continue
        left = tuple(kind for kind in kinds if kind != "start")
        if left:
            waiter.deps_left[job.id] = left
        else:
            del waiters[waiter_id], waiter.deps_left[job.id]
        _look_again(memory, waiter, at=at)


def reopened(memory: Memory, job: Job) -> None:
    """Let those wait again who could not run because of how *job* had ended."""
    for waiter_id in list(memory.failed_for.get(job.id, ())):
        waiter = memory.jobs.get(waiter_id)
        if waiter is None or job.id not in waiter.deps_failed:
            continue
        memory.forgive(waiter, job.id)
        for after in waiter.spec.after:
            if after.job == job.id and not after.by_task:
                _enter(memory, waiter, after, job)
        memory.stale[waiter.id] = waiter


def set_timers(memory: Memory, job: Job, *, at: int) -> None:
    """See that the gate of *job* is looked at when its begin time or deadline comes."""
    begin_at, latest_at = job.spec.begin_at, job.spec.latest_at
    if begin_at is not None and begin_at > at:
        memory.set_timer(begin_at, "begin", job=job.id)
    if job.spec.priority >= BLOCK:
        user, queue, limits = job.user.name, job.spec.queue, memory.rules.limits
        allowed = blocking(limits, user=user, account=job.account, queue=queue)
        if allowed.time_ms is not None:
            memory.set_timer(job.submitted_at + allowed.time_ms, "round")
    if latest_at is not None:
        memory.set_timer(max(at, latest_at + 1), "deadline", job=job.id)


def wait_for(memory: Memory, job: Job) -> None:
    """Enter *job* with those it depends on that are still alive."""
    for after in job.spec.after:
        upstream = memory.jobs.get(after.job)
        if upstream is not None and not after.by_task:
            _enter(memory, job, after, upstream)


def _enter(memory: Memory, job: Job, after: After, upstream: Job) -> None:
    if after.kind == "start" and upstream.started_at is not None:
        return
    if not job.deps_left:
        # Its head must be found at once even when thousands before it are gone.
        job.deps_left = OrderedDict() if len(job.spec.after) > FEW else {}
    kinds = job.deps_left.get(after.job, ())
    if after.kind not in kinds:
        job.deps_left[after.job] = (*kinds, after.kind)
    memory.dependents.setdefault(after.job, {})[job.id] = None


def _look_again(memory: Memory, job: Job, *, at: int) -> None:
    """A job that may run is let go at once, any other at the end of the batch."""
    if job.deps_left or job.deps_failed or job.user_hold is not None:
        memory.stale[job.id] = job
    else:
        regate(memory, job, at=at, source="server")


def _swing(
    memory: Memory, job: Job, gate: State, *, at: int, source: str, why: Reason | None
) -> None:
    """Move all tasks that wait through the gate, those without rows at once."""
    before = job.gate
    move = Move.HOLD if gate is State.HELD else Move.RELEASE
    memory.shift(job, len(job.waiting), before=before, after=gate)
    job.gate = gate
    if gate is State.HELD:
        ready, job.ready, job.odd = [*job.ready, *job.odd], (), ()
        for index in ready:
            memory.move(job.tasks[index], move, at=at, source=source, reason=why)
            memory.save_task(job.tasks[index])
    else:
        for task in job.tasks.values():
            if task.state is not State.HELD or lacking(task):
                continue
            if _held_by_gate(task.reason):
                memory.move(task, move, at=at, source=source)
                memory.save_task(task)
                job.put_ready(task)
    memory.tell(
        job, None, move, at=at, source=source, before=before, after=gate, reason=why
    )


def _with_failed(job: Job, why: Reason) -> Reason:
    """The reason is also what a restarted server learns the failed dependencies from."""
    if not job.deps_failed:
        return why
    failed = {str(id): how for id, how in job.deps_failed.items()}
    return why._replace(evidence={**why.evidence, "failed": failed})


def _failed(job: Job) -> str:
    first = nsmallest(TOLD_MAX, job.deps_failed.items())
    more = len(job.deps_failed) - len(first)
    told = ", ".join(f"job {id} {how}" for id, how in first)
    return f"{told} and {more} more" if more else told


def _held_by_gate(why: Reason | None) -> bool:
    """A task may also be held for itself: by a user, a delay, or too much trouble."""
    if why is None:
        return True
    if why.code == "held":
        return not why.evidence.get("task")
    return why.code in GATE_CODES


def _waits_for(job: Job) -> str:
    first = islice(job.deps_left.items(), 3)
    shown = [f"job {id} {' and '.join(WORDS[k] for k in kinds)}" for id, kinds in first]
    more = f" and {len(job.deps_left) - 3} more" if len(job.deps_left) > 3 else ""
    return ", ".join(shown) + more
