"""Task by task: task i of an array waits for task i of another, ``after: ok:12[*]``.

    job 12    0 done   1 done   2 failed   3 runs    4 …
                │        │         │
    job 13    0 free   1 free   2 doomed   3 blocked

    Memory.news    what became of tasks in this batch      ──→ hear, at its end
    Pairing.left   whose counterpart is not as asked yet       ``doomed``: never will be
    Job.blocked    never placed and in some ``left``: held while the gate is open

What is in ``left`` is a function of what became of the other job's tasks and nothing else:
a restart finds the same.  All is kept and told in ranges: tasks cost nothing, gaps do.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from rota.core.indexes import IndexSet, only_zero
from rota.core.job import After, JobSpec
from rota.core.lifecycle import FINAL, Move, State
from rota.core.reasons import Reason, reason
from rota.engine.gate import WORDS, lacking, relist, settled
from rota.engine.live import Job, Pairing, Task
from rota.engine.records import TaskEnds
from rota.engine.state import Memory, News

BLOCKED = frozenset({"dependency", "dependency_failed"})
"""Reasons of tasks that wait for their counterparts."""

TOLD_MAX = 60
"""Ranges are told up to so many characters."""


def entwine(memory: Memory, job: Job, ends: Mapping[int, TaskEnds]) -> None:
    """Let the tasks of *job* wait for their counterparts, anew; its gate is as it is.

    Args:
        ends: what the store knows of the arrays it waits for; what lives is known better.
    """
    if job.blocked or job.pairs or any(after.by_task for after in job.spec.after):
        _untie(memory, job)
        _tie(memory, job, ends)


def _untie(memory: Memory, job: Job) -> None:
    memory.shift(job, len(job.blocked), before=State.HELD, after=job.gate)
    for first, last in job.blocked.ranges():
        job.waiting.add_range(first, last)
    job.blocked = IndexSet()
    memory.unpair(job)


def _tie(memory: Memory, job: Job, ends: Mapping[int, TaskEnds]) -> None:
    job.pairs = tuple(
        _pairing(memory, job.spec, after, ends)
        for after in job.spec.after if after.by_task
    )  # fmt: skip
    for pair in job.pairs:
        memory.paired.setdefault(pair.after.job, {})[job.id] = None
        for low, high in pair.left.ranges():
            reblock(memory, job, first=low, last=high)
    if any(pair.doomed for pair in job.pairs):
        memory.stale[job.id] = job


def presumed(spec: JobSpec) -> dict[int, TaskEnds]:
    """Return what ``entwine`` is told where all that ended shall count as asked."""
    found: dict[int, TaskEnds] = {}
    for after in spec.after:
        if after.by_task:
            ranges = spec.array.indexes.ranges() if spec.array else []
            if after.task is not None:
                ranges = [[after.task, after.task]]
            state = State.FAILED if after.kind == "notok" else State.DONE
            found[after.job] = TaskEnds(ranges, {state: ranges})
    return found


def hear(memory: Memory, *, at: int) -> None:
    """Tell those who wait task by task what became of tasks in this batch."""
    while memory.news:
        other, news = memory.news.popitem()
        for waiter_id in list(memory.paired.get(other, ())):
            waiter = memory.jobs.get(waiter_id)
            if waiter is not None:
                _hear(memory, waiter, other, news, at=at)


def doomed_tasks(job: Job) -> list[tuple[int, int]]:
    """Return ranges of never-placed tasks whose counterparts did not end as asked."""
    found = IndexSet()
    for pair in job.pairs:
        for low, high in pair.doomed.ranges():
            for first, last in job.blocked.within(low, high):
                found.add_range(first, last)
    return [(low, high) for low, high in found.ranges()]


def doomed_reason(job: Job, first: int, last: int) -> Reason:
    """Return why tasks *first* … *last* can not run."""
    return reason("dependency_failed", what=", ".join(_doomed_of(job, first, last)))


def why_blocked(job: Job, index: int | None) -> Reason:
    """Return what task *index* waits for, or with None what all blocked ones do."""
    if index is not None:
        if job.dooms(index):
            return doomed_reason(job, index, index)
        told = [
            f"task {pair.there(index)} of job {pair.after.job} {WORDS[pair.after.kind]}"
            for pair in job.pairs if index in pair.left
        ]  # fmt: skip
        return reason("dependency", what=", ".join(told))
    if sum(last - first + 1 for first, last in doomed_tasks(job)) == len(job.blocked):
        ranges = job.blocked.ranges()
        return doomed_reason(job, ranges[0][0], ranges[-1][1])
    told = [
        f"job {pair.after.job} {WORDS[pair.after.kind]}, task by task"
        if pair.after.task is None
        else f"task {pair.after.task} of job {pair.after.job} {WORDS[pair.after.kind]}"
        for pair in job.pairs if pair.left
    ]  # fmt: skip
    return reason("dependency", what=", ".join(told))


def overrule(memory: Memory, job: Job, ranges: Iterable[tuple[int, int]]) -> list[int]:
    """Let tasks wait for their counterparts no more; each gets a row of its own."""
    found: list[int] = []
    for first, last in ranges:
        for pair in job.pairs:
            pair.left.discard_range(first, last)
            pair.doomed.discard_range(first, last)
        for low, high in job.blocked.within(first, last):
            found.extend(range(low, high + 1))
    for index in found:
        memory.task_row(index, job)
    return found


def reblock(memory: Memory, job: Job, *, first: int, last: int) -> int:
    """Let those of tasks *first* … *last* that lack counterparts wait; return how many."""
    count = len(job.blocked)
    for pair in job.pairs:
        for start, end in pair.left.within(first, last):
            for low, high in job.waiting.within(start, end):
                job.waiting.discard_range(low, high)
                job.blocked.add_range(low, high)
    blocked = len(job.blocked) - count
    memory.shift(job, blocked, before=job.gate, after=State.HELD)
    return blocked


def free_task(memory: Memory, task: Task, *, at: int, source: str) -> None:
    """Let a task that was held for itself go on: queued, or behind what else holds it."""
    job = task.job
    if lacking(task):
        task.reason = why_blocked(job, task.index)
    elif job.gate is State.QUEUED:
        memory.move(task, Move.RELEASE, at=at, source=source)
        job.put_ready(task)
    else:
        task.reason = job.reason
    memory.save_task(task)


# ── how it begins ─────────────────────────────────────────────────────────────────────


def _pairing(
    memory: Memory, spec: JobSpec, after: After, ends: Mapping[int, TaskEnds]
) -> Pairing:
    mine = spec.array.indexes if spec.array is not None else only_zero()
    pair = Pairing(after, mine.copy(), IndexSet(), mine)
    told = ends.get(after.job)
    if told is not None:
        for state, ranges in told.ends.items():
            _turn(pair, State(state), ranges)
        _turn(pair, State.RUNNING, told.begun)
    upstream = memory.jobs.get(after.job)
    if upstream is not None:
        _turn_alive(pair, upstream)
    return pair


def _turn_alive(pair: Pairing, upstream: Job) -> None:
    """What memory knows is newer than what the store told."""
    _turn(pair, State.QUEUED, upstream.waiting.ranges())
    _turn(pair, State.QUEUED, upstream.blocked.ranges())
    for index, task in upstream.tasks.items():
        state = State.QUEUED if task.started_at is None else State.RUNNING
        _turn(pair, state, ((index, index),))
    for state, indexes in upstream.ends.items():
        _turn(pair, state, indexes.ranges())


def _turn(pair: Pairing, state: State, ranges: Iterable[Sequence[int]]) -> None:
    """Take note that the counterparts in *ranges* are in *state*; QUEUED: not begun."""
    kind, is_over = pair.after.kind, state in FINAL
    is_met = (is_over or state is State.RUNNING) if kind == "start" else (
        is_over and settled(kind, state)
    )  # fmt: skip
    mine = (here for first, last in ranges for here in pair.here(first, last))
    for first, last in mine:
        (pair.left.discard_range if is_met else pair.left.add_range)(first, last)
        is_doomed = is_over and not is_met
        (pair.doomed.add_range if is_doomed else pair.doomed.discard_range)(first, last)


# ── how it goes on ────────────────────────────────────────────────────────────────────


def _hear(
    memory: Memory, job: Job, other: int, news: Iterable[News], *, at: int
) -> None:  # fmt: skip
    freed = held = 0
    for first, last, state in news:
        turned: set[tuple[int, int]] = set()
        for pair in job.pairs:
            if pair.after.job == other:
                _turn(pair, state, ((first, last),))
                turned.update((low, high) for low, high in pair.here(first, last))
        for low, high in sorted(turned):
            if state is State.QUEUED:
                held += reblock(memory, job, first=low, last=high)
            freed += _free(memory, job, low, high, at=at)
    memory.touch(job)
    if job.gate is State.QUEUED:
        for count, move in ((freed, Move.RELEASE), (held, Move.HOLD)):
            if count:
                ends = (State.HELD, State.QUEUED)
                before, after = ends if move is Move.RELEASE else ends[::-1]
                memory.tell(
                    job, None, move, at=at, source="server", before=before, after=after
                )
    relist(memory, job)
    if any(pair.doomed for pair in job.pairs):
        memory.stale[job.id] = job


def _free(memory: Memory, job: Job, first: int, last: int, *, at: int) -> int:
    """Let those of tasks *first* … *last* go that lack nothing more; return how many."""
    free = IndexSet(job.blocked.within(first, last))
    for pair in job.pairs:
        for low, high in pair.left.within(first, last):
            free.discard_range(low, high)
    for low, high in free.ranges():
        job.blocked.discard_range(low, high)
        job.waiting.add_range(low, high)
    memory.shift(job, len(free), before=State.HELD, after=job.gate)
    _free_rows(memory, job, first, last, at=at)
    return len(free)


def _free_rows(memory: Memory, job: Job, first: int, last: int, *, at: int) -> None:
    """Tasks that a user held and released have rows, and may wait here like the others."""
    few = last - first < len(job.tasks)
    for index in range(first, last + 1) if few else list(job.tasks):
        task = job.tasks.get(index)
        if task is None or task.state is not State.HELD or not first <= index <= last:
            continue
        if task.reason is not None and task.reason.code in BLOCKED and not task.n:
            free_task(memory, task, at=at, source="server")


def _doomed_of(job: Job, first: int, last: int) -> Iterator[str]:
    for pair in job.pairs:
        found = IndexSet(pair.doomed.within(first, last))
        if found:
            told = str(found if pair.after.task is None else pair.after.task)
            told = (
                told if len(told) < TOLD_MAX else f"{told[:TOLD_MAX].rpartition(',')[0]},…"
            )
            yield f"job {pair.after.job}[{told}] did not end as {pair.after.kind} asks"
