"""Jobs that are stopped for sooner ones, where their queue allows it; never for free.

    Plan.preempts ──→ Kill with the reason ``preempted`` ──→ its end is reported
                      ──→ queued again, under the next attempt, no budget used

Which jobs are under way to make room for which is told by the reasons of the kills alone,
and those are on disk: a restart forgets none.
"""

from __future__ import annotations

from collections.abc import Sequence

from rota.core.reasons import Reason, reason
from rota.engine.ends import order_kill
from rota.engine.events import Effect
from rota.engine.live import Alloc
from rota.engine.state import Memory
from rota.sched.problem import Preempt

CODE = "preempted"
REQUEUED = "requeued"
"""Somebody wants it to run again: like making room, but for nobody."""


def is_preempted(killing: Reason | None) -> bool:
    """Whether *killing* is that of an attempt that makes room."""
    return killing is not None and killing.code == CODE


def runs_again(killing: Reason | None) -> bool:
    """Whether what is being killed with *killing* waits again when it is gone."""
    return killing is not None and killing.code in (CODE, REQUEUED)


def may_be_stopped(memory: Memory, alloc: Alloc, at: int) -> bool:
    """Whether *alloc* may be stopped for sooner jobs at *at*."""
    queue = memory.rules.queues.get(alloc.job.spec.queue)
    return (
        queue is not None
        and queue.preemptible
        and alloc.job.spec.restartable
        and at - alloc.placed_at >= queue.min_run_ms
        and all(task.killing is None for task in alloc.strip)
    )


def make_room(memory: Memory, preempts: Sequence[Preempt]) -> list[Effect]:
    """Stop what *preempts* names, unless room is being made for that job already."""
    effects: list[Effect] = []
    under_way = _under_way(memory) if preempts else set()
    for preempt in preempts:
        if preempt.job in under_way:
            continue
        why = reason(CODE, job=preempt.job)
        for task in list(memory.allocs[preempt.alloc].strip):
            order_kill(memory, task, effects, why=why, grace_ms=None)
    return effects


def _under_way(memory: Memory) -> set[int]:
    return {
        int(task.killing.evidence["job"])
        for alloc in memory.allocs.values()
        for task in alloc.strip
        if task.killing is not None and task.killing.code == CODE
    }
