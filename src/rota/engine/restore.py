"""From rows back to the working memory: at a start of the server, and for ``rerun``.

Nothing is decided here.  Attempts that were placed or running stay so: their node will say
what became of them when it connects, or its lease will end (G07, G13).
"""

from __future__ import annotations

from dataclasses import replace

from rota.core.account import User
from rota.core.errors import Broken
from rota.core.indexes import IndexSet
from rota.core.lifecycle import FINAL, LIVE, State
from rota.core.pool import pool_of
from rota.core.resources import Node
from rota.engine.elements import entwine
from rota.engine.gate import GATE_CODES, regate, set_timers, wait_for
from rota.engine.limiting import recall
from rota.engine.live import Alloc, Job, Task, counted
from rota.engine.node import NodeState
from rota.engine.pilots import ASKED, GONE, UNSURE, Pilot, PoolState
from rota.engine.preempts import making_room_for
from rota.engine.records import AttemptSaved, Image, JobImage, NodeSaved, TaskSaved
from rota.engine.remedies import own_request, shun
from rota.engine.state import Memory
from rota.engine.suspend import lends, stood_of
from rota.sched.rules import MINUTE_MS

ONLY_ZERO = ((0, 0),)
"""What waits of a job that is no array and never began, as the store has it."""


def restore(memory: Memory, image: Image, *, at: int) -> None:
    """Fill an empty memory from what the store kept."""
    memory.next_job, memory.next_alloc = image.next_job, image.next_alloc
    recall(memory, image.caps, image.windows)
    memory.tally.learned.recall(image.learned)
    for row in image.nodes:
        memory.nodes[row.name] = _node(row, at, memory.turned)
    _pools(memory, image, at)
    for job_image in image.jobs:
        job = job_of(job_image)
        job.user = memory.twins.user(job.user)
        memory.jobs[job.id] = job
        if job.spec.key is not None:
            memory.keys[job.user.name, job.spec.key] = job.id
        if job_image.tasks:
            _attach(memory, job, job_image)
        _gate(job)
        for task in job.tasks.values():
            shun(memory, task)
    for job in memory.jobs.values():
        for other, how in job.deps_failed.items():
            memory.blame(job, other, how)
        wait_for(memory, job)
        entwine(memory, job, image.task_ends)
        _timers(memory, job, at)
        regate(memory, job, at=at, source="server")
    _strip_order(memory)
    memory.tally.recall(image.usage)
    for job in memory.jobs.values():
        memory.tally.meet(job)
    # In the order they began: usage only ever goes forward.
    for alloc in sorted(memory.allocs.values(), key=lambda a: (a.placed_at, a.id)):
        memory.tally.hold(alloc, alloc.placed_at)
        if memory.rules.bounds_starts(alloc.job.user.name):
            memory.tally.note_start(alloc.job.user.name, alloc.placed_at)
            memory.set_timer(alloc.placed_at + MINUTE_MS, "round")
    for alloc in memory.lent.values():
        memory.tally.lend(alloc, at)
    memory.made_room.update(making_room_for(memory))
    memory.tally.excuse()
    memory.round_wanted = True


def _pools(memory: Memory, image: Image, at: int) -> None:
    for row in image.pools:
        # A number is used once, also by a pool that comes again under its old name.
        memory.pool_numbers[row.name] = row.next_n
        if row.gone:
            continue
        pool = replace(pool_of(row.name, row.said), drained=row.drained)
        memory.pools[row.name] = PoolState(
            pool, row.source, row.next_n, removed=row.removed
        )
    for saved in image.pilots:
        state = memory.pools.get(saved.pool)
        if state is None:
            continue
        pilot = Pilot(
            saved.n,
            saved.state,
            saved.asked_at,
            saved.since,
            saved.id,
            saved.word,
            saved.up_at,
            saved.ended_at,
        )
        if pilot.state == GONE:
            state.recent.append(pilot)
            continue
        state.pilots[pilot.n] = pilot
        if pilot.state == ASKED:
            # Its answer went to a server that is no more: only a list can tell.
            pilot.become(UNSURE, at, "the server was restarted before the answer came")
    memory.pools_due = bool(memory.pools)


def job_of(image: JobImage) -> Job:
    """Return the job that *image* shows, its ended tasks only counted."""
    added, changed = image.added, image.changed
    user = User(added.user, added.uid)
    spec = changed.spec or added.spec
    job = Job(id=added.id, spec=spec, user=user, submitted_at=added.submitted_at)
    # A job that is no array and never began is as it was born; most that wait are.
    if spec.array is not None or changed.waiting != ONLY_ZERO:
        job.waiting = IndexSet(row for row in changed.waiting if len(row) == 2)
        if any(len(row) > 2 for row in changed.waiting):
            job.blocked = IndexSet(row[:2] for row in changed.waiting if len(row) > 2)
    job.counts = counted({State(state): n for state, n in changed.counts.items() if n})
    job.started_at = changed.started_at
    job.reason = changed.reason
    return job


def task_of(job: Job, row: TaskSaved) -> Task:
    """Return the task that *row* shows."""
    task = Task(job, row.task, State(row.state))
    task.n = row.attempt
    task.reason = row.reason
    task.failures = dict(row.failures)
    task.request = own_request(task)
    task.troubles = row.troubles
    task.not_before = row.not_before
    task.started_at = row.started_at if task.state in LIVE else None
    if task.state is State.SUSPENDED and row.reason is not None:
        task.paused_at = row.reason.evidence.get("since")
    return task


def _attach(memory: Memory, job: Job, image: JobImage) -> None:
    attempts = {row.task: row for row in image.attempts}
    for row in image.tasks:
        task = task_of(job, row)
        if task.state in FINAL:
            continue
        job.put_row(task)
        if task.state in LIVE:
            if task.index not in attempts:
                raise Broken(f"attempt {task.n} of job {task.name} has no row in the store")
            _place(memory, task, attempts[task.index])
        elif task.state is State.QUEUED:
            job.put_ready(task)


def _gate(job: Job) -> None:
    """Learn from the counts and the reason what the gate of *job* was, and why."""
    why = job.reason
    if job.waiting:
        rows = sum([task.state is State.HELD for task in job.tasks.values()])
        held = job.counts.get(State.HELD, 0) - rows - len(job.blocked)
        is_held = held == len(job.waiting)
    else:
        is_held = why is not None and why.code in GATE_CODES
    job.gate = State.HELD if is_held else State.QUEUED
    if why is not None and is_held:
        failed = why.evidence.get("failed") or {}
        job.deps_failed = {int(id): how for id, how in failed.items()}
        job.user_hold = why if why.code == "held" else None


def _place(memory: Memory, task: Task, row: AttemptSaved) -> None:
    task.placed_at = row.placed_at
    task.started_at = row.started_at
    task.killing = row.killing
    task.stood_ms = stood_of(row.usage)
    alloc = memory.allocs.get(row.alloc)
    if alloc is None:
        request = task.request or task.job.spec.request
        alloc = Alloc(row.alloc, task.job, row.grants, row.placed_at, request)
        memory.allocs[alloc.id] = alloc
        task.job.allocs += 1
        if task.state is State.SUSPENDED and lends(task):
            alloc.lent = True
            memory.lent[alloc.id] = alloc
        for grant in row.grants:
            state = memory.nodes[grant.node]
            state.allocs[alloc.id] = alloc
            state.take(grant, with_cores=not alloc.lent)
    task.alloc = alloc
    alloc.strip.append(task)


def _strip_order(memory: Memory) -> None:
    for alloc in memory.allocs.values():
        ordered = sorted(alloc.strip, key=lambda t: (t.state is State.PLACED, t.index))
        alloc.strip.clear()
        alloc.strip.extend(ordered)


def _timers(memory: Memory, job: Job, at: int) -> None:
    set_timers(memory, job, at=at)
    for task in job.tasks.values():
        if task.state is State.HELD and task.not_before is not None:
            memory.set_timer(task.not_before, "retry", job=job.id, task=task.index)


def _node(row: NodeSaved, at: int, turned: set[str]) -> NodeState:
    node = Node(
        row.name, row.cores, row.memory, row.gpus, row.resources, row.labels, row.requires,
        row.serves,
    )  # fmt: skip
    state = NodeState(node, boot=row.boot, seen_at=row.seen_at, turned=turned)
    state.left_at = at
    state.drained = row.drained
    return state
