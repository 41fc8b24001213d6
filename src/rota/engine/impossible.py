"""What a batch left over: gates to look at again, and jobs that fail as asked.

    1 failed ──→ 2 held, or failed if it says ``on_impossible: fail`` ──→ 3 … ──→ 4 …

A chain may be long: each failure leaves its followers in ``Memory.stale``, one by one.
"""

from __future__ import annotations

from rota.core.lifecycle import Move, State
from rota.core.reasons import Reason
from rota.engine.elements import doomed_reason, doomed_tasks, hear
from rota.engine.ends import cancel_waiting, cut_array, end_job, end_task
from rota.engine.gate import dependency_failed, is_too_late, regate, too_late
from rota.engine.live import Job
from rota.engine.state import Memory

EACH_MAX = 1000
"""So many neighbouring tasks fail with a row each when their counterparts did."""


def settle_gates(memory: Memory, *, at: int) -> None:
    """See to the gates, and to the reasons, of those that were left for later."""
    while memory.news or memory.stale:
        hear(memory, at=at)
        if not memory.stale:
            continue
        _, job = memory.stale.popitem()
        if memory.jobs.get(job.id) is not job:
            continue
        regate(memory, job, at=at, source="server")
        if job.pairs and job.spec.on_impossible == "fail":
            _fail_doomed(memory, job, at=at)
        if job.deps_failed and job.spec.on_impossible == "fail":
            _fail(memory, job, at=at, why=dependency_failed(job))
        elif is_too_late(job, at) and job.spec.on_impossible == "fail":
            _fail(memory, job, at=at, why=too_late(job))


def _fail(memory: Memory, job: Job, *, at: int, why: Reason) -> None:
    """Let what waits of *job* fail; what runs of it goes on.

    Of an array one task fails, for all, and those that never had a row are cancelled with
    it, as when ``max_fails`` ends it: a million tasks need no row to say the same.
    """
    if job.unplaced:
        memory.task_row((job.waiting or job.blocked).first, job)
        cancel_waiting(memory, job, at=at, source="server", why=why)
    for task in list(job.tasks.values()):
        if task.state is State.HELD:
            end_task(memory, task, Move.FAIL, at=at, source="server", why=why)
    job.reason = why
    end_job(memory, job, at=at, why=why)


def _fail_doomed(memory: Memory, job: Job, *, at: int) -> None:
    """Let those of its tasks fail whose counterparts did not end as asked.

    Of a long stretch one fails, for all of it, and the rest are cancelled without rows.
    """
    why: Reason | None = None
    for first, last in doomed_tasks(job):
        why = doomed_reason(job, first, last)
        each = last if last - first < EACH_MAX else first
        for index in range(first, each + 1):
            task = memory.task_row(index, job)
            end_task(memory, task, Move.FAIL, at=at, source="server", why=why)
        if each < last:
            _cancel_range(memory, job, (each + 1, last), at=at, why=why)
    if why is not None:
        cut_array(memory, job, at=at)
        end_job(memory, job, at=at, why=why)


def _cancel_range(
    memory: Memory, job: Job, ends: tuple[int, int], *, at: int, why: Reason
) -> None:
    first, last = ends
    job.blocked.discard_range(first, last)
    memory.shift(job, last - first + 1, before=State.HELD, after=State.CANCELLED)
    memory.note(job, (first, last, State.CANCELLED))
    memory.tell(
        job, None, Move.CANCEL, at=at, source="server", before=State.HELD,
        after=State.CANCELLED, reason=why,
    )  # fmt: skip
