"""``rerun``: a task that ended is opened again, explicitly, under its next attempt number.

What ended is the store's to know: the server hands the images of the jobs in.  A job that
is still alive is taken from memory, its ended tasks from the image.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from rota.core.errors import Conflict, Missing, NotAllowed, RotaError
from rota.core.indexes import IndexSet
from rota.core.job import JobSpec, task_name
from rota.core.lifecycle import FINAL, Move, State
from rota.core.remedy import WHOLE, Remedy, asked_with, treated
from rota.engine.elements import entwine, presumed, reblock
from rota.engine.events import Asked, Effect, Reply
from rota.engine.gate import relist, reopened, wait_for
from rota.engine.live import Job
from rota.engine.records import JobImage, TaskSaved
from rota.engine.remedies import own_request
from rota.engine.restore import job_of, task_of
from rota.engine.state import Memory
from rota.sched.placement import could_ever


def rerun(memory: Memory, event: Asked) -> list[Effect]:
    """Open all targets again, or refuse and change nothing."""
    images = {image.added.id: image for image in event.revived}
    plans: list[tuple[int, int | None, list[TaskSaved], IndexSet]] = []
    for job_id, index in event.targets:
        image = images.get(job_id)
        error = _refusal(event, image, job_id, index)
        if error is not None:
            return [Reply(event.ticket, error=error)]
        assert image is not None
        rows, never = _ended(memory, image, index, event.options)
        no = _not_so(memory, image, rows, event.options)
        if no is not None:
            return [Reply(event.ticket, error=no)]
        if not rows and not len(never):
            name = task_name(job_id, index)
            sentence = (
                f"cannot rerun job {name}: nothing of it has failed or been cancelled"
            )
            return [Reply(event.ticket, error=Conflict(sentence))]
        plans.append((job_id, index, rows, never))
    shown: list[dict[str, Any]] = []
    for job_id, index, rows, never in plans:
        _reopen(memory, event, images[job_id], rows, never)
        tasks = len(rows) + len(never)
        shown.append({"id": job_id, "task": index, "result": "queued", "tasks": tasks})
    return [Reply(event.ticket, {"jobs": shown})]


def _refusal(
    event: Asked, image: JobImage | None, job_id: int, index: int | None
) -> RotaError | None:
    if image is None:
        return Missing(f"there is no job {job_id}")
    owner = image.added.user
    if not event.user.may_act(owner):
        return NotAllowed(f"cannot rerun job {job_id}: it belongs to {owner}")
    spec = image.changed.spec or image.added.spec
    if index is not None and not (
        index in spec.array.indexes if spec.array else index == 0
    ):
        return Missing(f"job {job_id} has no task {index}")
    return None


def _ended(
    memory: Memory, image: JobImage, index: int | None, options: Mapping[str, Any]
) -> tuple[list[TaskSaved], IndexSet]:
    """Return rows of ended tasks to open, and indexes that ended without ever a row."""
    job = memory.jobs.get(image.added.id)
    wanted = {State.FAILED, State.CANCELLED}
    if index is not None or options.get("all") or not (image.added.spec.array):
        wanted = set(FINAL)
    rows = [
        row
        for row in image.tasks
        if State(row.state) in wanted
        and (index is None or row.task == index)
        and (job is None or row.task not in job.tasks)
    ]
    spec = image.changed.spec or image.added.spec
    never = spec.array.indexes.copy() if spec.array else IndexSet([[0, 0]])
    for row in image.tasks:
        never.discard(row.task)
    unplaced = image.changed.waiting
    if job is not None:
        unplaced = [*job.waiting.ranges(), *job.blocked.ranges()]
    for low, high, *_ in unplaced:
        never.discard_range(low, high)
    for at in job.tasks if job is not None else ():
        never.discard(at)
    only: IndexSet | None = options.get("only")
    if only is not None:
        rows, never = [row for row in rows if row.task in only], IndexSet()
    if index is not None:
        never = IndexSet([[index, index]] if index in never else [])
    return rows, never


def _lessons(options: Mapping[str, Any], row: TaskSaved, spec: JobSpec) -> dict[str, int]:
    """Return what of its lessons a task keeps: none, or those it is to build on."""
    remedy: Remedy | None = options.get("remedy")
    if remedy is None:
        return {}
    kept = {name: scale for name, scale in row.failures.items() if name.endswith("%")}
    return treated(kept, remedy, spec.request)


def _not_so(
    memory: Memory, image: JobImage, rows: list[TaskSaved], options: Mapping[str, Any]
) -> RotaError | None:
    """Return why tasks of *image* cannot be run again with more, as *options* ask."""
    remedy: Remedy | None = options.get("remedy")
    if remedy is None:
        return None
    spec = image.changed.spec or image.added.spec
    asks = (("memory", remedy.memory, spec.request.memory),
            ("time", remedy.time, spec.request.time_ms))  # fmt: skip
    for name, factor, asked in asks:
        if factor != WHOLE and not asked:
            sentence = f"job {image.added.id} asked for no {name}: there is nothing to grow"
            return Conflict(f"{sentence}; rota edit can give it some")
    nodes = [state.node for state in memory.nodes.values()]
    lessons = [_lessons(options, row, spec) for row in rows]
    for request in {asked_with(each, spec.request, ()) for each in lessons}:
        complaint = could_ever(request, nodes, licences=memory.rules.licences)
        if complaint is not None:
            return Conflict(str(complaint), [complaint])
    return None


def _reopen(
    memory: Memory, event: Asked, image: JobImage, rows: list[TaskSaved], never: IndexSet
) -> None:
    at, source = event.at, event.user.name
    job = memory.jobs.get(image.added.id) or _revive(memory, image)
    for row in rows:
        task = task_of(job, row)
        job.put_row(task)
        task.failures = _lessons(event.options, row, job.spec)
        task.troubles, task.not_before = 0, None
        task.request = own_request(task)
        memory.move(task, Move.RERUN, at=at, source=source)
        memory.note(job, (task.index, task.index, State.QUEUED))
        if job.gate is State.QUEUED:
            job.put_ready(task)
        else:
            memory.move(task, Move.HOLD, at=at, source=source, reason=job.reason)
        memory.save_task(task)
    _rewait(memory, job, never, event)
    relist(memory, job)


def _rewait(memory: Memory, job: Job, never: IndexSet, event: Asked) -> None:
    if not len(never):
        return
    memory.shift(job, len(never), before=State.CANCELLED, after=job.gate)
    for low, high in never.ranges():
        job.waiting.add_range(low, high)
        memory.note(job, (low, high, State.QUEUED))
        reblock(memory, job, first=low, last=high)
    memory.tell(
        job, None, Move.RERUN, at=event.at, source=event.user.name,
        before=State.CANCELLED, after=job.gate,
    )  # fmt: skip


def _revive(memory: Memory, image: JobImage) -> Job:
    job = job_of(image)
    job.reason = job.ended_at = None
    job.user_hold, job.deps_failed = None, {}
    job.gate = State.QUEUED
    memory.jobs[job.id] = job
    if job.spec.key is not None:
        memory.keys[job.user.name, job.spec.key] = job.id
    wait_for(memory, job)
    _entwine(memory, job)
    reopened(memory, job)
    memory.stale[job.id] = job
    memory.touch(job)
    return job


def _entwine(memory: Memory, job: Job) -> None:
    """Who reruns it wants it to run: only what lives is waited for, task by task."""
    spec = job.spec
    kept = tuple(a for a in spec.after if not a.by_task or a.job in memory.jobs)
    if kept != spec.after:
        job.spec = replace(spec, after=kept)
        memory.touch(job, spec=job.spec)
    entwine(memory, job, presumed(job.spec))
