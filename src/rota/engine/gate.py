"""The gate of a job: may its waiting tasks be placed at all?

    held by a user  ┐
    a dependency    ├─ any of these: HELD, with the first of them as the reason
    a begin time    ┘                     none: QUEUED, and the round speaks for it

``regate`` compares what should be with what is and makes the move for all waiting tasks
at once; nobody else changes ``Job.gate``.
"""

from __future__ import annotations

from bisect import insort

from rota.core.job import After
from rota.core.lifecycle import Move, State
from rota.core.reasons import Reason, reason
from rota.engine.live import Job
from rota.engine.state import Memory

_WELL = State.DONE

GATE_CODES = frozenset({"held", "dependency", "dependency_failed", "begin"})
"""Reasons for which a gate is closed."""


def why_held(job: Job, at: int) -> Reason | None:
    """Return why *job* may not run at *at*, or None when it may."""
    if job.user_hold is not None:
        return _with_failed(job, job.user_hold)
    if job.deps_failed:
        told = ", ".join(f"job {id} {how}" for id, how in sorted(job.deps_failed.items()))
        return _with_failed(job, reason("dependency_failed", what=told))
    if job.deps_left:
        return reason("dependency", what=_waits_for(job))
    begin_at = job.spec.begin_at
    if begin_at is not None and begin_at > at:
        return Reason("begin", "its begin time has not come", {"begin_at": begin_at})
    return None


def regate(memory: Memory, job: Job, *, at: int, source: str) -> None:
    """Open or close the gate of *job* as things are now, and see to its line."""
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


def settled(after: After, state: str) -> bool:
    """Return whether a job that ended in *state* fulfils *after*."""
    if after.kind == "ok":
        return state == _WELL
    if after.kind == "notok":
        return state != _WELL
    return True


def resolve(memory: Memory, job: Job, *, at: int) -> None:
    """Tell those who wait for *job* that it ended."""
    ended = memory.state_of(job)
    for waiter_id in list(memory.dependents.pop(job.id, ())):
        waiter = memory.jobs.get(waiter_id)
        if waiter is None:
            continue
        waiter.deps_left.pop(job.id, None)
        if not all(settled(a, ended) for a in waiter.spec.after if a.job == job.id):
            waiter.deps_failed = {**waiter.deps_failed, job.id: ended}
        regate(memory, waiter, at=at, source="server")


def resolve_start(memory: Memory, job: Job, *, at: int) -> None:
    """Tell those who wait for the start of *job* that it began."""
    waiters = memory.dependents.get(job.id)
    if not waiters:
        return
    for waiter_id, kind in list(waiters.items()):
        waiter = memory.jobs.get(waiter_id)
        if kind == "start" and waiter is not None:
            del waiters[waiter_id]
            waiter.deps_left.pop(job.id, None)
            regate(memory, waiter, at=at, source="server")


def wait_for(memory: Memory, job: Job) -> None:
    """Enter *job* with those it depends on that are still alive."""
    for after in job.spec.after:
        if after.job in memory.jobs:
            upstream = memory.jobs[after.job]
            if after.kind == "start" and upstream.started_at is not None:
                continue
            job.deps_left = {**job.deps_left, after.job: after.kind}
            memory.dependents.setdefault(after.job, {})[job.id] = after.kind


def _swing(
    memory: Memory, job: Job, gate: State, *, at: int, source: str, why: Reason | None
) -> None:
    """Move all tasks that wait through the gate, those without rows at once."""
    before = job.gate
    move = Move.HOLD if gate is State.HELD else Move.RELEASE
    memory.shift(job, len(job.waiting), before=before, after=gate)
    job.gate = gate
    if gate is State.HELD:
        ready, job.ready = job.ready, []
        for index in ready:
            memory.move(job.tasks[index], move, at=at, source=source, reason=why)
            memory.save_task(job.tasks[index])
    else:
        for task in job.tasks.values():
            if task.state is State.HELD and _held_by_gate(task.reason):
                memory.move(task, move, at=at, source=source)
                memory.save_task(task)
                insort(job.ready, task.index)
    memory.tell(
        job, None, move, at=at, source=source, before=before, after=gate, reason=why
    )


def _with_failed(job: Job, why: Reason) -> Reason:
    """The reason is also what a restarted server learns the failed dependencies from."""
    if not job.deps_failed:
        return why
    failed = {str(id): how for id, how in job.deps_failed.items()}
    return why._replace(evidence={**why.evidence, "failed": failed})


def _held_by_gate(why: Reason | None) -> bool:
    """A task may also be held for itself: by a user, a delay, or too much trouble."""
    if why is None:
        return True
    if why.code == "held":
        return not why.evidence.get("task")
    return why.code in GATE_CODES


def _waits_for(job: Job) -> str:
    words = {"ok": "to succeed", "notok": "to fail", "any": "to end", "start": "to start"}
    shown = [f"job {id} {words[kind]}" for id, kind in sorted(job.deps_left.items())]
    more = f" and {len(shown) - 3} more" if len(shown) > 3 else ""
    return ", ".join(shown[:3]) + more
