"""What agents report about attempts: started, finished, declined.

An attempt is believed only if it is the latest of its task and placed on that very node;
anything else is stale: answered, so that the node forgets it, and not applied (G07, G09).
"""

from __future__ import annotations

from dataclasses import replace

from rota.core.job import TROUBLE_MAX, AttemptRef
from rota.core.lifecycle import Move, State
from rota.core.reasons import Reason, reason
from rota.core.remedy import failures_of, noted
from rota.engine.denials import DENIED, denied, is_held, pause_ms
from rota.engine.ends import cut_array, end_attempt, end_job, end_task
from rota.engine.events import (
    Declined,
    Effect,
    Finished,
    Forget,
    Reported,
    Started,
    Suspended,
)
from rota.engine.gate import relist, resolve_start
from rota.engine.live import Job, Task
from rota.engine.preempts import REQUEUED, is_preempted, runs_again
from rota.engine.remedies import (
    REQUEUE,
    note_failure,
    poisoned,
    remedy_of,
    send_elsewhere,
    treat,
)
from rota.engine.state import Memory
from rota.engine.suspend import stood_of, suspended

INFRASTRUCTURE = frozenset({"lost", "lease", "spawn"})
"""Reasons for which nobody's budget but the infrastructure's is used (promise 8)."""

UNSTAGED = frozenset({"stage_in", "disk"})
"""Why a node declines what it cannot bring the files in for: another may have room."""

BACKOFF_MAX = 64


def reported(memory: Memory, event: Reported) -> list[Effect]:
    """Apply the reports of one agent in order; stale ones are only answered."""
    node = memory.nodes.get(event.node)
    if node is None or node.session != event.session:
        return []
    node.seen_at = event.at
    settled: list[AttemptRef] = []
    effects: list[Effect] = []
    for report in event.reports:
        task = _current(memory, report.attempt, event.node)
        if isinstance(report, Started):
            if task is not None:
                started(memory, task, report.started_at, at=event.at)
            continue
        if isinstance(report, Suspended):
            if task is not None:
                effects.extend(suspended(memory, task, report, at=event.at))
            continue
        settled.append(report.attempt)
        if task is None:
            continue
        if isinstance(report, Finished):
            finished(memory, task, report, at=event.at)
        else:
            declined(memory, task, report, at=event.at)
    if settled:
        effects.append(Forget(event.node, tuple(settled)))
    return effects


def _current(memory: Memory, ref: AttemptRef, node: str) -> Task | None:
    job = memory.jobs.get(ref.job)
    task = job.tasks.get(ref.task) if job else None
    if task is None or task.n != ref.n or task.alloc is None or task.alloc.node != node:
        return None
    return task


def started(memory: Memory, task: Task, started_at: int, *, at: int) -> None:
    """Its first process runs."""
    if task.state is not State.PLACED:
        return
    task.started_at = started_at
    job = task.job
    if job.started_at is None:
        job.started_at = started_at
        resolve_start(memory, job, at=at)
    memory.note(job, (task.index, task.index, State.RUNNING))
    assert task.alloc is not None
    memory.move(task, Move.START, at=at, source=task.alloc.node)
    memory.save_task(task)
    memory.save_attempt(task)


def finished(memory: Memory, task: Task, report: Finished, *, at: int) -> None:
    """An attempt ended: the task is done, cancelled, tried again, or failed."""
    if report.started_at is not None:
        started(memory, task, report.started_at, at=at)
        if report.signal is None:
            stood_ms = stood_of(report.usage)
            ran_ms = max(0, report.ended_at - report.started_at - stood_ms)
            measure(task.job, ran_ms)
            memory.tally.learn(task.job, run_ms=ran_ms)
    job, killing = task.job, task.killing
    assert task.alloc is not None
    source = task.alloc.node
    ended = _meaning(memory, task, report, at=at)
    end_attempt(
        memory, task, at=report.ended_at, why=ended, exit_code=report.exit_code,
        signal=report.signal, usage=report.usage,
    )  # fmt: skip
    fate, told = _fate(memory, task, replace(report, reason=ended), killing, node=source)
    why = killing if fate is not Move.FINISH and killing is not None else told
    if fate is Move.REQUEUE and is_preempted(killing):
        give_way(memory, task, at=at, source=source, why=why)
    elif fate is Move.REQUEUE and runs_again(killing):
        requeue(memory, task, at=at, source=source, why=why)
    elif fate is Move.REQUEUE:
        try_again(memory, task, at=at, source=source, why=why)
    else:
        end_task(
            memory, task, fate, at=at, source=source, why=why,
            exit_code=report.exit_code, signal=report.signal,
        )  # fmt: skip
        if fate is Move.FAIL:
            cut_array(memory, job, at=at)
    end_job(memory, job, at=at, why=why)


def declined(memory: Memory, task: Task, report: Declined, *, at: int) -> None:
    """The node never started it and never will: it waits again, under the next number."""
    job, killing, why = task.job, task.killing, report.reason
    assert task.alloc is not None
    source = task.alloc.node
    end_attempt(memory, task, at=at, why=why)
    if killing is not None and is_preempted(killing):
        give_way(memory, task, at=at, source=source, why=killing)
    elif killing is not None and runs_again(killing):
        requeue(memory, task, at=at, source=source, why=killing)
    elif killing is not None:
        end_task(memory, task, Move.CANCEL, at=at, source=source, why=killing)
    else:
        if why.code != "returned":
            task.troubles += 1
        if why.code in UNSTAGED:
            why = send_elsewhere(memory, task, why, node=source)
        requeue(memory, task, at=at, source=source, why=why)
    end_job(memory, job, at=at, why=killing)


def lose(memory: Memory, task: Task, *, at: int, why: Reason, blame: bool = True) -> None:
    """Its node is surely not running it any more (G07): again, or to its end (G12).

    blame: whether that counts as trouble; that a pilot's time was up is none.
    """
    job, killing, began = task.job, task.killing, task.started_at is not None
    assert task.alloc is not None
    node = task.alloc.node
    end_attempt(memory, task, at=at, why=why)
    if killing is not None and not runs_again(killing):
        end_task(memory, task, Move.CANCEL, at=at, source="server", why=killing)
    elif began and not job.spec.restartable:
        end_task(memory, task, Move.FAIL, at=at, source="server", why=why)
        cut_array(memory, job, at=at)
    else:
        task.troubles += blame
        if began and blame:
            task.failures = noted(task.failures, why.code, node)
        requeue(memory, task, at=at, source="server", why=why)
    end_job(memory, job, at=at, why=killing or why)


def measure(job: Job, duration_ms: int) -> None:
    """Learn how long tasks of *job* take: strips are cut to that."""
    duration = max(0, duration_ms)
    weight = 0.5 if job.measured < 8 else 0.1
    job.mean_ms = (
        duration if not job.measured else job.mean_ms + weight * (duration - job.mean_ms)
    )
    job.measured += 1


def _meaning(memory: Memory, task: Task, report: Finished, *, at: int) -> Reason:
    """Return why the attempt ended, by what its exit code means to job and licences."""
    code = report.exit_code
    if task.killing is None and (why := denied(memory, task, report, at=at)) is not None:
        return why
    said = report.reason.code == "exit_code" and code in task.job.spec.requeue_codes
    return reason("requeue", code=code) if said else report.reason


def _fate(
    memory: Memory, task: Task, report: Finished, killing: Reason | None, *, node: str
) -> tuple[Move, Reason]:
    """What becomes of a task whose attempt ended so, and what is told of it."""
    spec, why = task.job.spec, report.reason
    code = why.code
    if killing is not None and killing.code == REQUEUED:
        return Move.REQUEUE, why
    exited = code in ("ok", "exit_code") and report.signal is None
    if exited and report.exit_code in spec.success_codes:
        return Move.FINISH, why
    if is_preempted(killing):
        return Move.REQUEUE, why
    if killing is not None or code in ("killed", "shutdown"):
        return Move.CANCEL, why
    if code in INFRASTRUCTURE:
        began = task.started_at is not None and code != "spawn"
        if began and not spec.restartable:
            return Move.FAIL, why
        task.troubles += 1
        return Move.REQUEUE, why
    if not note_failure(task, code, node):
        return Move.FAIL, why
    is_possible, why = treat(memory, task, why)
    return Move.REQUEUE if is_possible else Move.FAIL, why


def try_again(memory: Memory, task: Task, *, at: int, source: str, why: Reason) -> None:
    """Queue *task* for its next attempt, after the delay that its job asks for."""
    if why.code == DENIED:
        task.not_before = at + pause_ms(task)
    elif why.code not in INFRASTRUCTURE:
        delay_ms = remedy_of(task, why.code).delay_ms
        if delay_ms is None:
            delay_ms = task.job.spec.retry_delay_ms
        if why.code == REQUEUE:
            delay_ms = max(delay_ms, memory.settings.trouble_delay_ms)
        tried = sum(n for c, n in failures_of(task.failures).items() if c != DENIED)
        task.not_before = at + delay_ms * min(BACKOFF_MAX, 1 << (tried - 1))
        if not delay_ms:
            task.not_before = None
    requeue(memory, task, at=at, source=source, why=why)


def give_way(memory: Memory, task: Task, *, at: int, source: str, why: Reason) -> None:
    """Queue a task that was stopped for another job: no budget of its own is used.

    It waits until all that were stopped for that job can be gone, else it would take the
    place it was to give, and be stopped again.
    """
    grace_ms = task.job.spec.grace_ms
    task.not_before = at + grace_ms + memory.settings.trouble_delay_ms
    requeue(memory, task, at=at, source=source, why=why)


def requeue(memory: Memory, task: Task, *, at: int, source: str, why: Reason) -> None:
    """Let *task* wait for its next attempt: in its line, for a delay, or held."""
    job = task.job
    task.started_at = None
    if why.code != "returned" and task.troubles and task.not_before is None:
        task.not_before = at + memory.settings.trouble_delay_ms * min(
            task.troubles, BACKOFF_MAX
        )
    memory.move(task, Move.REQUEUE, at=at, source=source, reason=why)
    memory.note(job, (task.index, task.index, State.QUEUED))
    held = _held(task, why, at) or (job.reason if job.gate is State.HELD else None)
    if held is None:
        job.put_ready(task)
    else:
        memory.move(task, Move.HOLD, at=at, source="server", reason=held)
        if task.not_before is not None:
            memory.set_timer(task.not_before, "retry", job=job.id, task=task.index)
    memory.save_task(task)
    if job.spec.deadline_at is not None:
        memory.stale[job.id] = job
    relist(memory, job)


def _held(task: Task, why: Reason, at: int) -> Reason | None:
    if is_held(task, why):
        task.not_before = None
        return why
    poison = poisoned(task)
    if poison is not None:
        task.not_before = None
        return poison
    if task.troubles >= TROUBLE_MAX:
        task.not_before = None
        return reason("trouble", count=task.troubles, cause=why.text)
    if task.not_before is not None and task.not_before > at:
        text = f"tried again after a delay: {why.text}"
        return Reason(
            "retry_delay", text, {"not_before": task.not_before, "cause": why.code}
        )
    return None
