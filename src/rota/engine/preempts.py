"""Jobs that are stopped for sooner ones, where their queue allows it; never for free.

    Plan.preempts ──→ requeue     Kill, its end is reported, queued again under the next
                      │           attempt: no budget of its own is used
                      ├─ checkpoint   the same, but first told to save its work
                      └─ suspend      it stands still and lends its cores; it goes on there
                                      when they are free, before anybody new starts

Which jobs are under way to make room for which is told by the reasons of their tasks alone,
and those are on disk: a restart forgets none.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from rota.core.lifecycle import State
from rota.core.reasons import Reason, reason
from rota.engine.ends import order_kill
from rota.engine.events import Effect
from rota.engine.live import Alloc, Task
from rota.engine.state import Memory
from rota.engine.suspend import is_wanted, lends, order, waits
from rota.sched.problem import Preempt
from rota.sched.yields import HOUR_MS, Budget, Yields, budget_of

CODE = "preempted"
REQUEUED = "requeued"
"""Somebody wants it to run again: like making room, but for nobody."""


def is_preempted(killing: Reason | None) -> bool:
    """Whether *killing* is that of an attempt that makes room."""
    return killing is not None and killing.code == CODE


def runs_again(killing: Reason | None) -> bool:
    """Whether what is being killed with *killing* waits again when it is gone."""
    return killing is not None and killing.code in (CODE, REQUEUED)


def way_of(memory: Memory, alloc: Alloc) -> str | None:
    """Return how *alloc* would make room: requeue, suspend, checkpoint; None: it need not.

    Who can not stand still alone, on one node, or can not save its work, is stopped and
    tried again, if its job may run twice.
    """
    queue = memory.rules.queues.get(alloc.job.spec.queue)
    if queue is None or queue.yields is None:
        return None
    mode, spec = queue.yields.mode, alloc.job.spec
    running = [task for task in alloc.strip if task.state is State.RUNNING]
    if mode == "suspend" and running and len(alloc.grants) == 1:
        return mode
    if mode == "checkpoint" and spec.checkpoint is not None and spec.restartable:
        return mode
    return "requeue" if spec.restartable else None


def may_be_stopped(memory: Memory, alloc: Alloc, at: int) -> bool:
    """Whether *alloc* may be stopped for sooner jobs at *at*."""
    if way_of(memory, alloc) is None:
        return False
    yields = memory.rules.queues[alloc.job.spec.queue].yields
    assert yields is not None
    return at - since_of(alloc) >= yields.min_run_ms and all(
        task.killing is None
        and not is_wanted(task)
        and task.state is not State.SUSPENDED
        and (yields.max_per_job is None or stops_of(task) < yields.max_per_job)
        for task in alloc.strip
    )


def since_of(alloc: Alloc) -> int:
    """Return since when *alloc* runs without a break, milliseconds since the epoch."""
    return alloc.resumed_at or alloc.placed_at


def stops_of(task: Task) -> int:
    """Return how often *task* was stopped for others."""
    return task.failures.get(CODE, 0)


def budgets(memory: Memory, at: int) -> dict[str, Budget]:
    """Return {queue: what of it may still be stopped}, where an operator bounds it."""
    bounded = {
        name: queue.yields
        for name, queue in memory.rules.queues.items()
        if queue.yields and _is_bounded(queue.yields)
    }
    if not bounded:
        return {}
    used: Counter[str] = Counter()
    stopped: Counter[str] = Counter()
    for alloc in memory.allocs.values():
        queue = alloc.job.spec.queue
        if queue in bounded:
            used[queue] += alloc.cores
            if any(_stopped_for(task) for task in alloc.strip):
                stopped[queue] += alloc.cores
    stops = memory.tally.stops
    return {
        name: budget_of(
            yields, used=used[name], stopped=stopped[name], stops=stops.get(name, ()), at=at
        )
        for name, yields in bounded.items()
    }


def make_room(memory: Memory, preempts: Sequence[Preempt], at: int) -> list[Effect]:
    """Stop what *preempts* names, unless room is being made for that job already."""
    effects: list[Effect] = []
    under_way = set(making_room_for(memory)) if preempts else set()
    for preempt in preempts:
        if preempt.job not in under_way:
            _stop(memory, memory.allocs[preempt.alloc], effects, job=preempt.job, at=at)
    return effects


def _stop(
    memory: Memory, alloc: Alloc, effects: list[Effect], *, job: int, at: int
) -> None:
    queue, way = alloc.job.spec.queue, way_of(memory, alloc)
    yields = memory.rules.queues[queue].yields
    assert yields is not None
    why = reason(CODE, job=job)
    memory.tally.note_stop(queue, at)
    memory.made_room.add(job)
    if yields.per_hour is not None:
        memory.set_timer(at + HOUR_MS, "round")
    for task in list(alloc.strip):
        task.failures = {**task.failures, CODE: stops_of(task) + 1}
        memory.save_task(task)
        if way == "suspend":
            # Those that have not begun are given back by the node.
            if task.state is State.RUNNING:
                order(memory, task, effects, why=why)
            continue
        point = alloc.job.spec.checkpoint if way == "checkpoint" else None
        grace_ms = point.wait_ms if point else yields.grace_ms
        order_kill(
            memory, task, effects, why=why, grace_ms=grace_ms,
            signal=point.signal if point else "",
        )  # fmt: skip


def making_room_for(memory: Memory) -> Iterator[int]:
    """Yield the jobs for which room is being made, and is not there yet."""
    for alloc in memory.allocs.values():
        for task in alloc.strip:
            why = _stopped_for(task)
            if why is not None and not alloc.lent:
                yield int(why.evidence["job"])


def expected_here(memory: Memory) -> frozenset[int]:
    """Return the jobs that others were stopped for, and that have not started yet.

    Nobody else may have their room, else it was made for nothing.
    """
    if memory.made_room or memory.lent:
        lent = {
            int(task.reason.evidence["job"])
            for alloc in memory.lent.values()
            for task in alloc.strip
            if task.reason is not None and lends(task)
        }
        memory.made_room = {
            job for job in memory.made_room | lent if waits(memory, job)
        }  # fmt: skip
    return frozenset(memory.made_room)


def _stopped_for(task: Task) -> Reason | None:
    if is_preempted(task.killing):
        return task.killing
    return task.reason if lends(task) else None


def _is_bounded(yields: Yields) -> bool:
    return yields.max_share is not None or yields.per_hour is not None
