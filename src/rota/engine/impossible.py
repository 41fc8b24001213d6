"""What a batch left over: gates to look at again, and jobs that fail as asked.

    1 failed ──→ 2 held, or failed if it says ``on_impossible: fail`` ──→ 3 … ──→ 4 …

A chain may be long: each failure leaves its followers in ``Memory.stale``, one by one.
"""

from __future__ import annotations

from rota.core.lifecycle import Move, State
from rota.engine.ends import cancel_waiting, end_job, end_task
from rota.engine.gate import dependency_failed, regate
from rota.engine.live import Job
from rota.engine.state import Memory


def settle_gates(memory: Memory, *, at: int) -> None:
    """See to the gates, and to the reasons, of those that were left for later."""
    while memory.stale:
        _, job = memory.stale.popitem()
        if memory.jobs.get(job.id) is not job:
            continue
        regate(memory, job, at=at, source="server")
        if job.deps_failed and job.spec.on_impossible == "fail":
            _fail(memory, job, at=at)


def _fail(memory: Memory, job: Job, *, at: int) -> None:
    """Let what waits of *job* fail; what runs of it goes on.

    Of an array one task fails, for all, and those that never had a row are cancelled with
    it, as when ``max_fails`` ends it: a million tasks need no row to say the same.
    """
    why = dependency_failed(job)
    if job.waiting:
        memory.task_row(next(iter(job.waiting)), job)
        cancel_waiting(memory, job, at=at, source="server", why=why)
    for task in list(job.tasks.values()):
        if task.state is State.HELD:
            end_task(memory, task, Move.FAIL, at=at, source="server", why=why)
    job.reason = why
    end_job(memory, job, at=at, why=why)
