"""What a user can ask about jobs and tasks: kill, hold, release, rerun, edit, and more.

All targets of one request are done, or none: every refusal is found before anything
changes.  A verb on a job speaks for all its tasks that it can apply to.
"""

from __future__ import annotations

from typing import Any

from rota.core.errors import Complaint, Conflict, Missing, NotAllowed, RotaError
from rota.core.job import JobSpec, task_name
from rota.core.lifecycle import LIVE, Move, State
from rota.core.reasons import Reason, reason
from rota.engine import running
from rota.engine.denials import DENIED
from rota.engine.elements import (
    BLOCKED,
    doomed_tasks,
    entwine,
    free_task,
    overrule,
    why_blocked,
)
from rota.engine.ends import cancel_waiting, end_job, end_task, order_kill
from rota.engine.events import Asked, Effect, Reply
from rota.engine.gate import regate, relist, set_timers, wait_for
from rota.engine.live import Job, Task
from rota.engine.preempts import REQUEUED
from rota.engine.remedies import own_request
from rota.engine.rerun import rerun
from rota.engine.state import Memory
from rota.engine.submit import complaints_of

Target = tuple[int, int | None]


def asked(memory: Memory, event: Asked) -> list[Effect]:
    """Do what was asked to all targets, or refuse and change nothing."""
    if event.verb == "rerun":
        return rerun(memory, event)
    error = _refusal(memory, event)
    if error is not None:
        return [Reply(event.ticket, error=error)]
    effects: list[Effect] = []
    shown: list[dict[str, Any]] = []
    for job_id, index in event.targets:
        result = VERBS[event.verb](memory, event, memory.jobs.get(job_id), index, effects)
        shown.append({"id": job_id, "task": index, "result": result})
    effects.append(Reply(event.ticket, {"jobs": shown}))
    return effects


def _refusal(memory: Memory, event: Asked) -> RotaError | None:
    errors = [_check(memory, event, target) for target in event.targets]
    found = [error for error in errors if error is not None]
    if not found:
        return None
    if len(found) == 1:
        return found[0]
    complaints = [Complaint("", error.sentence) for error in found]
    return type(found[0])("\n".join(e.sentence for e in found), complaints)


def _check(memory: Memory, event: Asked, target: Target) -> RotaError | None:
    job = memory.jobs.get(target[0])
    name = task_name(*target)
    if job is None:
        if event.verb == "kill" and len(event.targets) > 1:
            return None
        return Conflict(f"cannot {event.verb} job {name}: it has ended; you can rerun it")
    if not event.user.may_act(job.user.name):
        return NotAllowed(f"cannot {event.verb} job {name}: it belongs to {job.user.name}")
    if target[1] is not None and not _has(job, target[1]):
        return Missing(f"job {job.id} has no task {target[1]}")
    check = CHECKS.get(event.verb)
    return check(memory, event, job, target[1]) if check else None


def _has(job: Job, index: int) -> bool:
    return index in job.spec.array.indexes if job.spec.array else index == 0


def _state(job: Job, index: int) -> State | None:
    """Return the state of a task, or None when it ended and was let go."""
    if index in job.waiting:
        return job.gate
    if index in job.blocked:
        return State.HELD
    task = job.tasks.get(index)
    return task.state if task else None


def _said(event: Asked, code: str) -> Reason:
    """Return the reason *code*, with what the user said of it."""
    found = reason(code, who=event.user.name)
    if not event.why:
        return found
    facts = {**found.evidence, "why": event.why}
    return found._replace(text=f"{found.text}: {event.why}", evidence=facts)


# ── kill ──────────────────────────────────────────────────────────────────────────────


def _kill(
    memory: Memory, event: Asked, job: Job | None, index: int | None, effects: list[Effect]
) -> str:
    if job is None:
        return "ended"
    if event.options.get("requeue"):
        return _requeue(memory, event, job, index, effects)
    why = _said(event, "killed")
    source = event.user.name
    found = None if index is None else job.tasks.get(index)
    live = [] if found is None else [found]
    if index is None:
        live = list(job.tasks.values())
        cancel_waiting(memory, job, at=event.at, source=source, why=why)
    elif index in job.waiting or index in job.blocked:
        live = [memory.task_row(index, job)]
        if live[0].state is State.QUEUED:
            job.put_ready(live[0])
    killing = False
    for task in live:
        if task.state in LIVE:
            order_kill(
                memory, task, effects, why=why, grace_ms=event.options.get("grace_ms")
            )
            killing = True
        else:
            end_task(memory, task, Move.CANCEL, at=event.at, source=source, why=why)
    if job.id in memory.jobs:
        relist(memory, job)
        end_job(memory, job, at=event.at, why=why)
    return "killing" if killing else "killed"


def _requeue(
    memory: Memory, event: Asked, job: Job, index: int | None, effects: list[Effect]
) -> str:
    """Stop what runs, for it to wait again; no budget of its own is used."""
    why = _said(event, REQUEUED)
    asked = [task for task in job.tasks.values() if index in (None, task.index)]
    live = [task for task in asked if task.state in LIVE]
    for task in live:
        order_kill(memory, task, effects, why=why, grace_ms=event.options.get("grace_ms"))
    return "requeued" if live else "queued"


# ── hold, release ─────────────────────────────────────────────────────────────────────


def _can_hold(
    memory: Memory, event: Asked, job: Job, index: int | None
) -> RotaError | None:
    states = {_state(job, index)} if index is not None else set(_waiting_states(job))
    if states & {State.QUEUED, State.HELD}:
        return None
    state = _state(job, index) if index is not None else memory.state_of(job)
    told = state or "over"
    name = task_name(job.id, index)
    return Conflict(f"cannot hold job {name}: it is {told}; you can kill it")


def _waiting_states(job: Job) -> list[State]:
    states = [task.state for task in job.tasks.values() if task.state not in LIVE]
    states += [State.HELD] if job.blocked else []
    return [*states, *([job.gate] if job.waiting else [])]


def _hold(
    memory: Memory, event: Asked, job: Job | None, index: int | None, effects: list[Effect]
) -> str:
    assert job is not None
    source = event.user.name
    if index is None or not job.is_array:
        job.user_hold = _said(event, "held")
        regate(memory, job, at=event.at, source=source)
        return "held"
    fresh = index in job.waiting
    task = memory.task_row(index, job)
    said = _said(event, "held")
    why = said._replace(evidence={**said.evidence, "task": index})
    if task.state is State.QUEUED:
        if not fresh:
            job.take_ready(task)
        memory.move(task, Move.HOLD, at=event.at, source=source, reason=why)
    task.reason = why
    memory.save_task(task)
    relist(memory, job)
    return "held"


def _can_release(
    memory: Memory, event: Asked, job: Job, index: int | None
) -> RotaError | None:
    name = task_name(job.id, index)
    if index is not None and job.is_array:
        state = _state(job, index)
        waits = index in job.tasks and job.tasks[index].reason
        if index in job.blocked or (waits and waits.code in BLOCKED):
            return _can_overrule(job, index)
        if state is State.HELD and index in job.tasks:
            return None
        return Conflict(
            f"cannot release job {name}: it is {state or 'over'}, not held by itself"
        )
    if job.user_hold or job.deps_failed or _held_tasks(job) or doomed_tasks(job):
        return None
    if job.blocked and not job.pending:
        remedy = f"rota edit {job.id} can change that"
        told = why_blocked(job, None).text
        return Conflict(f"cannot release job {name}: {told}; {remedy}")
    if job.gate is State.HELD and job.reason is not None:
        remedy = f"rota edit {job.id} can change that"
        return Conflict(f"cannot release job {name}: {job.reason.text}; {remedy}")
    state = memory.state_of(job)
    return Conflict(f"cannot release job {name}: it is {state}, not held; you can kill it")


def _can_overrule(job: Job, index: int) -> RotaError | None:
    """A task may go on without its counterpart if that ended, but not as asked."""
    if job.dooms(index):
        return None
    name, told = task_name(job.id, index), why_blocked(job, index).text
    return Conflict(f"cannot release job {name}: {told}; rota edit {job.id} can change it")


def _held_tasks(job: Job) -> list[Task]:
    codes = ("held", "trouble", "poison", "retry_delay", DENIED)
    return [
        task
        for task in job.tasks.values()
        if task.state is State.HELD and task.reason and task.reason.code in codes
    ]


def _release(
    memory: Memory, event: Asked, job: Job | None, index: int | None, effects: list[Effect]
) -> str:
    assert job is not None
    source = event.user.name
    whole = index is None or not job.is_array
    ranges = doomed_tasks(job)
    if index is not None:
        ranges = [(index, index)] if job.dooms(index) else []
    overruled = overrule(memory, job, ranges)
    tasks = _held_tasks(job) if whole else [job.tasks[index or 0]]
    if whole:
        tasks += [job.tasks[at] for at in overruled]
        job.user_hold = None
        memory.forgive(job)
        regate(memory, job, at=event.at, source=source)
    for task in tasks:
        if task.state is State.HELD:
            task.troubles, task.not_before = 0, None
            _forgive(task)
            task.failures = {c: n for c, n in task.failures.items() if c != DENIED}
            free_task(memory, task, at=event.at, source=source)
    relist(memory, job)
    return "released"


def _forgive(task: Task) -> None:
    """Who releases a task that was held as poison wants it tried again."""
    lessons = task.failures.items()
    task.failures = {k: n for k, n in lessons if k.partition("@")[0] != "lost"}


# ── edit ──────────────────────────────────────────────────────────────────────────────


def _can_edit(
    memory: Memory, event: Asked, job: Job, index: int | None
) -> RotaError | None:
    if index is not None and job.is_array:
        return Conflict(f"cannot edit job {job.id}[{index}] alone; edit job {job.id}")
    if not _waiting_states(job):
        state = memory.state_of(job)
        return Conflict(f"cannot edit job {job.id}: it is {state}; nothing of it waits")
    spec: JobSpec = event.options["spec"]
    old, new = job.spec.array, spec.array
    if (old is None) != (new is None) or (
        old and new and (old.indexes != new.indexes or old.values != new.values)
    ):
        return Conflict(f"cannot edit job {job.id}: its array is fixed but for its limit")
    complaints = complaints_of(
        memory, [spec], user=job.user.name, ended=event.options.get("ended", {}),
        task_ends=event.options.get("task_ends", {}),
    )  # fmt: skip
    return Conflict("\n".join(map(str, complaints)), complaints) if complaints else None


def _edit(
    memory: Memory, event: Asked, job: Job | None, index: int | None, effects: list[Effect]
) -> str:
    assert job is not None
    spec: JobSpec = event.options["spec"]
    memory.lines.leave(job)
    for after in job.spec.after:
        memory.dependents.get(after.job, {}).pop(job.id, None)
    job.spec, job.guess = spec, None
    _ask_anew(job)
    job.deps_left = {}
    memory.forgive(job)
    wait_for(memory, job)
    entwine(memory, job, event.options.get("task_ends", {}))
    set_timers(memory, job, at=event.at)
    memory.touch(job, spec=spec)
    state = memory.state_of(job)
    memory.tell(job, None, "edit", at=event.at, source=event.user.name, after=state)
    regate(memory, job, at=event.at, source=event.user.name)
    return "edited"


def _ask_anew(job: Job) -> None:
    """What a task learned holds for what its job asks for now."""
    waits = {*job.ready, *job.odd}
    for task in [task for task in job.tasks.values() if task.failures]:
        if task.index in waits:
            job.take_ready(task)
        task.request = own_request(task)
        if task.index in waits:
            job.put_ready(task)


VERBS: dict[str, running.Verb] = {
    "kill": _kill,
    "hold": _hold,
    "release": _release,
    "edit": _edit,
    **running.VERBS,
}
CHECKS: dict[str, running.Check] = {
    "hold": _can_hold,
    "release": _can_release,
    "edit": _can_edit,
    **running.CHECKS,
}
