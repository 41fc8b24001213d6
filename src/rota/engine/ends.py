"""How tasks and jobs end, and how an allocation is given back.

end_attempt   the latest attempt of a task is over: its row is closed, its place in the
              strip is free; the allocation goes when nothing of its strip is left
end_task      a task reached a final state and is let go
end_job       the last task ended: who waits for the job is told, the job is let go
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rota.core.lifecycle import Move, State
from rota.core.reasons import Reason, reason
from rota.engine.events import Effect, Kill
from rota.engine.gate import relist, resolve
from rota.engine.live import Alloc, Job, Task
from rota.engine.state import Memory

WHOLE = ("max_fails", "killed", "dependency_failed", "deadline")
"""Reasons that speak for all of an array."""


def order_kill(
    memory: Memory, task: Task, effects: list[Effect], *, why: Reason,
    grace_ms: int | None, signal: str = "",
) -> None:  # fmt: skip
    """Have the attempt of *task* ended; if its node is away, that is remembered.

    signal: what it is sent instead of TERM, if it catches that
    """
    task.killing = why
    memory.save_attempt(task)
    memory.touch(task.job)
    alloc = task.alloc
    assert alloc is not None, f"{task.name} is {task.state} without an allocation"
    node = memory.nodes.get(alloc.node)
    if node is not None and node.session is not None:
        grace = task.job.spec.grace_ms if grace_ms is None else grace_ms
        effects.append(Kill(alloc.node, task.ref, grace, why, signal))


def end_attempt(
    memory: Memory, task: Task, *, at: int, why: Reason,
    exit_code: int | None = None, signal: int | None = None,
    usage: Mapping[str, Any] | None = None,
) -> None:  # fmt: skip
    """Close the row of the latest attempt and give its place back."""
    memory.save_attempt(
        task, ended_at=at, exit_code=exit_code, signal=signal, reason=why, usage=usage
    )
    alloc = task.alloc
    assert alloc is not None, f"{task.name} is {task.state} without an allocation"
    task.alloc = None
    task.killing = None
    task.paused_at, task.stood_ms = None, 0
    alloc.strip.remove(task)
    alloc.turned_at = memory.at
    memory.shifted.add(alloc.id)
    if not alloc.strip:
        free(memory, alloc)
    elif 2 * len(alloc.strip) <= alloc.job.strip:
        memory.low[alloc.id] = alloc


def free(memory: Memory, alloc: Alloc) -> None:
    """Give back what *alloc* holds; a round should look at it."""
    del memory.allocs[alloc.id]
    memory.tally.end(alloc, memory.at)
    memory.low.pop(alloc.id, None)
    memory.lent.pop(alloc.id, None)
    for grant in alloc.grants:
        node = memory.nodes[grant.node]
        if node.allocs.pop(alloc.id, None) is not None or len(alloc.grants) > 1:
            node.give(grant, with_cores=not alloc.lent)
    alloc.job.allocs -= 1
    memory.round_wanted = True
    relist(memory, alloc.job)


def end_task(
    memory: Memory, task: Task, move: Move, *, at: int, source: str, why: Reason,
    exit_code: int | None = None, signal: int | None = None,
) -> None:  # fmt: skip
    """Bring *task* to a final state and let it go."""
    if task.state is State.QUEUED:
        task.job.take_ready(task)
    memory.move(task, move, at=at, source=source, reason=why)
    memory.save_task(task, ended_at=at, exit_code=exit_code, signal=signal)
    memory.drop_task(task)
    memory.note(task.job, (task.index, task.index, task.state))


def end_job(memory: Memory, job: Job, *, at: int, why: Reason | None) -> None:
    """Let go of *job* if all of it has ended; *why* is the reason of its last task."""
    if not memory.is_over(job):
        return
    job.reason = why if not job.is_array else _array_reason(memory, job, why)
    memory.drop_job(job, at)
    resolve(memory, job, at=at)


def cancel_waiting(memory: Memory, job: Job, *, at: int, source: str, why: Reason) -> None:
    """End the tasks that never had a row, all at once: they keep no row."""
    for some, state in ((job.waiting, job.gate), (job.blocked, State.HELD)):
        if not some:
            continue
        memory.shift(job, len(some), before=state, after=State.CANCELLED)
        for first, last in some.ranges():
            some.discard_range(first, last)
            memory.note(job, (first, last, State.CANCELLED))
        memory.tell(
            job, None, Move.CANCEL, at=at, source=source, before=state,
            after=State.CANCELLED, reason=why,
        )  # fmt: skip
        job.reason = why


def cut_array(memory: Memory, job: Job, *, at: int) -> None:
    """Cancel what waits of an array that had as many failures as it may."""
    limit = job.spec.max_fails
    failed = job.counts.get(State.FAILED, 0)
    if limit is None or failed < limit or not (job.blocked or job.pending):
        return
    why = reason("max_fails", count=failed, limit=limit)
    cancel_waiting(memory, job, at=at, source="server", why=why)
    for index in [*job.ready, *job.odd]:
        end_task(memory, job.tasks[index], Move.CANCEL, at=at, source="server", why=why)
    job.reason = why
    relist(memory, job)


def _array_reason(memory: Memory, job: Job, why: Reason | None) -> Reason | None:
    if job.reason is not None and job.reason.code in WHOLE:
        return job.reason
    failed = job.counts.get(State.FAILED, 0)
    if failed:
        total = sum(job.counts.values())
        code = why.code if why is not None and why.code != "ok" else "exit_code"
        return Reason(code, f"{failed} of its {total} tasks failed", {"failed": failed})
    return why
