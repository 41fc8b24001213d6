"""What a user can ask of what runs: suspend, resume, signal.

A verb on a job speaks for all its tasks that it can apply to; tasks that wait are left
alone: ``hold`` is for those.
"""

from __future__ import annotations

from collections.abc import Callable

from rota.core.errors import Conflict, RotaError
from rota.core.job import task_name
from rota.core.lifecycle import State
from rota.core.reasons import reason
from rota.engine.events import Asked, Effect, Signal
from rota.engine.live import Job, Task
from rota.engine.state import Memory
from rota.engine.suspend import is_wanted, lends, order

_HINTS = {
    State.SUBMITTING: "hold it instead",
    State.HELD: "it does not run anyway",
    State.QUEUED: "hold it instead",
    State.PLACED: "ask again when it runs, or kill it",
}


def _can_suspend(
    memory: Memory, event: Asked, job: Job, index: int | None
) -> RotaError | None:
    """Refuse when nothing of the target runs."""
    if any(task.state is State.RUNNING for task in _live(job, index)):
        return None
    if any(task.state is State.SUSPENDED for task in _live(job, index)):
        return Conflict(_sentence(job, index, "suspend", "it is suspended already"))
    return _not_running(memory, job, index, "suspend")


def _suspend(
    memory: Memory, event: Asked, job: Job | None, index: int | None, effects: list[Effect]
) -> str:
    """Let what runs of the target stand still; it keeps all that it holds."""
    assert job is not None
    why = reason("suspended", who=event.user.name)
    for task in _live(job, index):
        if task.state is State.RUNNING and not is_wanted(task):
            order(memory, task, effects, why=why)
    return "suspending"


def _can_resume(
    memory: Memory, event: Asked, job: Job, index: int | None
) -> RotaError | None:
    """Refuse when nothing of the target stands still, or only for others."""
    still = [task for task in _live(job, index) if is_wanted(task)]
    if any(not lends(task) for task in still):
        return None
    if still and still[0].reason is not None:
        ahead = still[0].reason.evidence.get("job")
        cure = f"it goes on by itself when job {ahead} and its like leave it room"
        return Conflict(_sentence(job, index, "resume", cure))
    return Conflict(_sentence(job, index, "resume", "it is not suspended"))


def _resume(
    memory: Memory, event: Asked, job: Job | None, index: int | None, effects: list[Effect]
) -> str:
    """Let what a user suspended of the target go on."""
    assert job is not None
    why = reason("resuming", who=event.user.name)
    for task in _live(job, index):
        if is_wanted(task) and not lends(task):
            order(memory, task, effects, why=why)
    return "resuming"


def _can_signal(
    memory: Memory, event: Asked, job: Job, index: int | None
) -> RotaError | None:
    """Refuse when nothing runs, or its node could not be told: no signal is kept."""
    live = [task for task in _live(job, index) if task.state is not State.PLACED]
    if not live:
        return _not_running(memory, job, index, "signal")
    for task in live:
        if task.alloc is not None and memory.nodes[task.alloc.node].session is None:
            node = task.alloc.node
            cure = f"its node {node} is not connected; ask again when it is"
            return Conflict(_sentence(job, index, "signal", cure))
    return None


def _signal(
    memory: Memory, event: Asked, job: Job | None, index: int | None, effects: list[Effect]
) -> str:
    """Send a signal to what runs of the target, once."""
    assert job is not None
    name = str(event.options["signal"])
    for task in _live(job, index):
        if task.alloc is not None and task.state is not State.PLACED:
            effects.append(Signal(task.alloc.node, task.ref, name))
            memory.tell(
                job, task.index, "signal", at=event.at, source=event.user.name,
                before=task.state, after=task.state,
            )  # fmt: skip
    return "signalled"


def _live(job: Job, index: int | None) -> list[Task]:
    """Return the tasks of the target that have an attempt nobody ends."""
    tasks = job.tasks.values() if index is None else filter(None, [job.tasks.get(index)])
    return [task for task in tasks if task.alloc is not None and task.killing is None]


def _not_running(memory: Memory, job: Job, index: int | None, verb: str) -> RotaError:
    task = job.tasks.get(index or 0)
    if task is not None and task.killing is not None:
        return Conflict(_sentence(job, index, verb, "it is being killed"))
    if index is None or not job.is_array:
        state: State | None = memory.state_of(job)
    elif index in job.waiting:
        state = job.gate
    else:
        state = task.state if task is not None else None
    if state is None:
        return Conflict(_sentence(job, index, verb, "it has ended"))
    hint = _HINTS.get(state)
    return Conflict(
        _sentence(job, index, verb, f"it is {state}" + (f"; {hint}" if hint else ""))
    )


def _sentence(job: Job, index: int | None, verb: str, because: str) -> str:
    return f"cannot {verb} job {task_name(job.id, index)}: {because}"


Verb = Callable[[Memory, Asked, "Job | None", "int | None", list[Effect]], str]
Check = Callable[[Memory, Asked, Job, "int | None"], "RotaError | None"]

VERBS: dict[str, Verb] = {"suspend": _suspend, "resume": _resume, "signal": _signal}
CHECKS: dict[str, Check] = {
    "suspend": _can_suspend,
    "resume": _can_resume,
    "signal": _can_signal,
}
