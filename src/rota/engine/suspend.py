"""Attempts that stand still for a while: what is wanted, what is so, and who may say it.

    RUNNING ── wanted: reason of the task ──▶ Suspend ──▶ node says so ──▶ SUSPENDED
       ▲                                                                       │
       ╰───── node says so ◀── Suspend(on=False) ◀── wanted no more ───────────╯

What is wanted stands in the task's reason, which is on disk before the node is told; what
is so the node alone can say, again after every connection, so a lost word is found.  A user
who suspends keeps the cores; who makes room for others lends them (``preempts``).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from rota.core.lifecycle import Move, State
from rota.core.reasons import Reason, reason
from rota.engine.events import Effect, Suspend, Suspended
from rota.engine.live import Alloc, Task
from rota.engine.state import Memory

STILL = frozenset({"suspended", "preempted"})
"""Reasons of a live task that say it shall stand still."""

LENDS = "preempted"


def is_wanted(task: Task) -> bool:
    """Whether *task* shall stand still."""
    return task.reason is not None and task.reason.code in STILL


def lends(task: Task) -> bool:
    """Whether *task* stands still, or will, so that others may have its cores."""
    return task.reason is not None and task.reason.code == LENDS


def order(memory: Memory, task: Task, effects: list[Effect], *, why: Reason) -> None:
    """Want *task* to stand still, or to go on, as *why* says; its node is told."""
    task.reason = why
    if task.alloc is not None:
        memory.shifted.add(task.alloc.id)
    memory.save_task(task)
    memory.touch(task.job)
    tell(memory, task, effects)


def tell(memory: Memory, task: Task, effects: list[Effect]) -> None:
    """Tell the node of *task* what is wanted; one that is away is told when it is back."""
    alloc = task.alloc
    assert alloc is not None, f"{task.name} is {task.state} without an allocation"
    node = memory.nodes.get(alloc.node)
    if node is not None and node.session is not None and task.killing is None:
        effects.append(Suspend(alloc.node, task.ref, is_wanted(task)))


def reconnected(memory: Memory, task: Task, effects: list[Effect]) -> None:
    """Tell a node that came back what is wanted of *task*, if it may not know."""
    if task.state is State.SUSPENDED or is_wanted(task):
        tell(memory, task, effects)


def suspended(memory: Memory, task: Task, report: Suspended, *, at: int) -> list[Effect]:
    """Take what the node says of *task*; if that is not what is wanted, ask again."""
    effects: list[Effect] = []
    if task.killing is not None:
        return effects
    if report.on and task.state is State.RUNNING and is_wanted(task):
        stop(memory, task, at=at)
    elif not report.on and task.state is State.SUSPENDED and not is_wanted(task):
        go_on(memory, task, at=at)
    if report.on is not is_wanted(task):
        tell(memory, task, effects)
    return effects


def stop(memory: Memory, task: Task, *, at: int) -> None:
    """It stands still: its clock too, and what it lends is given."""
    why, alloc = task.reason, task.alloc
    assert why is not None and alloc is not None
    task.paused_at = at
    since = why._replace(evidence={**why.evidence, "since": at})
    memory.move(task, Move.SUSPEND, at=at, source=alloc.node, reason=since)
    memory.save_task(task)
    if lends(task):
        lend(memory, alloc, at=at)


def go_on(memory: Memory, task: Task, *, at: int) -> None:
    """It runs again, and holds all that it was given."""
    alloc, why = task.alloc, task.reason
    assert alloc is not None
    # Who was told to go on has its cores again already: they were taken with the order.
    assert not alloc.lent, f"{task.name} goes on without its cores"
    task.stood_ms += max(0, at - (task.paused_at or at))
    task.paused_at, alloc.resumed_at = None, at
    queue = memory.rules.queues.get(task.job.spec.queue)
    if queue and queue.yields and queue.yields.min_run_ms:
        memory.set_timer(at + queue.yields.min_run_ms, "round")
    who = str(why.evidence.get("who", alloc.node)) if why else alloc.node
    memory.move(task, Move.RESUME, at=at, source=who)
    memory.save_task(task)
    memory.save_attempt(task)


def lend(memory: Memory, alloc: Alloc, *, at: int) -> None:
    """Let others have the cores of *alloc*; all else stays held."""
    memory.tally.lend(alloc, at)
    memory.shifted.add(alloc.id)
    alloc.lent = True
    memory.lent[alloc.id] = alloc
    for grant in alloc.grants:
        state = memory.nodes[grant.node]
        state.lend(grant)
    memory.round_wanted = True


def take_back(
    memory: Memory, effects: list[Effect], *, at: int, spares: Callable[[int], bool]
) -> None:
    """Let those go on whose cores are free again, before anybody new starts there.

    Who was suspended first comes first; on a node that is away they stand still, and so
    they do for a job that *spares* says still wants the room.
    """
    for alloc in list(memory.lent.values()):
        task = next((t for t in alloc.strip if t.state is State.SUSPENDED), None)
        if task is None or task.killing is not None or task.reason is None:
            continue
        if spares(int(task.reason.evidence["job"])) or not _is_free(memory, alloc):
            continue
        for grant in alloc.grants:
            memory.nodes[grant.node].take_back(grant)
        alloc.lent = False
        del memory.lent[alloc.id]
        memory.tally.take_back(alloc, at)
        order(memory, task, effects, why=reason("resuming", who="the server"))


def waits(memory: Memory, job_id: int) -> bool:
    """Whether a job still waits for the room that was made for it."""
    job = memory.jobs.get(job_id)
    return job is not None and job.pending > 0 and job.gate is State.QUEUED


def _is_free(memory: Memory, alloc: Alloc) -> bool:
    for grant in alloc.grants:
        state = memory.nodes[grant.node]
        # A core that the node does not have any more nobody else can have either.
        wanted = set(grant.cores).intersection(state.node.cores)
        if state.session is None or not state.cores.issuperset(wanted):
            return False
    return True


def stood_of(usage: Mapping[str, object]) -> int:
    """Return how long an attempt stood still, ms, as its node says in its usage."""
    stood = usage.get("suspended_s", 0)
    return round(stood * 1000) if isinstance(stood, int | float) else 0
