"""Retry by cause: the budget of a cause, its remedy, and who is not given another try.

    an attempt failed ──▶ noted ──▶ is its budget used up?   ── yes ──▶ failed
                                        │ no
                                        ▼
                       treated: more memory, more time, elsewhere ──▶ queued again
                                        │
                                        ╰─ no node could ever run that ──▶ failed

A task that asked to be run again, or whose node was lost under it, uses no budget; but the
first only REQUEUES_MAX times, and the second on less than POISON_NODES nodes.  Nor does one
whose node could not bring its files in: it only keeps away from there.
"""

from __future__ import annotations

from rota.core.job import POISON_NODES, REQUEUES_MAX
from rota.core.reasons import Reason, reason
from rota.core.remedy import (
    NOTHING,
    Remedy,
    asked_with,
    changes,
    failures_of,
    nodes_of,
    noted,
    treated,
)
from rota.core.resources import Request
from rota.engine.denials import DENIED
from rota.engine.live import Task
from rota.engine.node import shunning
from rota.engine.state import Memory
from rota.sched.placement import could_ever
from rota.sched.rules import against

REQUEUE = "requeue"
STAGING = "staging"
"""Its node could not bring its files in: noted, so that it is tried elsewhere."""

FREE = frozenset({REQUEUE, DENIED, STAGING, "lost", "preempted"})
"""What is noted, and costs no budget."""


def note_failure(task: Task, cause: str, node: str) -> bool:
    """Note that *task* failed for *cause* on *node*; return whether it may try again."""
    task.failures = noted(task.failures, cause, node)
    if cause == REQUEUE:
        return task.failures[cause] <= REQUEUES_MAX
    if cause == DENIED:
        return True
    retries, found = task.job.spec.retries, failures_of(task.failures)
    if cause in retries:
        return found[cause] <= retries[cause]
    used = sum(n for c, n in found.items() if c not in retries and c not in FREE)
    return used <= retries.get("any", 0)


def remedy_of(task: Task, cause: str) -> Remedy:
    """Return what the job of *task* wants changed after a failure for *cause*."""
    if cause in FREE:
        return Remedy(elsewhere=cause in (REQUEUE, STAGING))
    spec = task.job.spec
    return spec.remedies.get(cause if cause in spec.retries else "any", NOTHING)


def send_elsewhere(memory: Memory, task: Task, why: Reason, *, node: str) -> Reason:
    """Let *task*, whose files *node* could not bring in, keep away from there.

    Returns *why* with what was changed; where no other node could do, nothing is.
    """
    task.failures = noted(task.failures, STAGING, node)
    _, told = treat(memory, task, why._replace(code=STAGING))
    return told._replace(code=why.code)


def treat(memory: Memory, task: Task, why: Reason) -> tuple[bool, Reason]:
    """Change what *task* asks for as the remedy for *why* says.

    Returns whether any node could ever run it so, and *why* with what was changed.
    """
    job, remedy = task.job, remedy_of(task, why.code)
    before = task.request or job.spec.request
    task.failures = treated(task.failures, remedy, job.spec.request)
    _fit(memory, task)
    task.request = own_request(task)
    shun(memory, task)
    if not _is_possible(memory, task) and remedy.elsewhere:
        # There is no other node: then the same ones again.
        lessons = task.failures.items()
        lost = "lost@"
        task.failures = {k: n for k, n in lessons if "@" not in k or k.startswith(lost)}
        task.request = own_request(task)
    after = task.request or job.spec.request
    if not _is_possible(memory, task):
        told = f"{why.text}; no node could run it with {_told(before, after)}"
        return False, why._replace(text=told)
    if after == before:
        return True, why
    what = _told(before, after)
    evidence = {**why.evidence, "remedy": what}
    return True, Reason(why.code, f"{why.text}; next {what}", evidence)


def own_request(task: Task) -> Request | None:
    """Return what *task* asks for unlike its job; None: nothing."""
    spec = task.job.spec
    causes = [cause for cause in failures_of(task.failures) if _avoids(task, cause)]
    shunned = {node for cause in causes for node in nodes_of(task.failures, cause)}
    avoid = tuple(shunning(node) for node in sorted(shunned))
    asked = asked_with(task.failures, spec.request, avoid)
    return None if asked == spec.request else asked


def shun(memory: Memory, task: Task) -> None:
    """Let rounds see which nodes *task* keeps away from."""
    if task.request is None:
        return
    for label in task.request.not_group:
        state = memory.nodes.get(label[1:]) if label.startswith("@") else None
        if state is not None:
            state.is_shunned = True


def poisoned(task: Task) -> Reason | None:
    """Return why *task* is not tried again, if nodes were lost wherever it ran."""
    nodes = nodes_of(task.failures, "lost")
    if len(nodes) < POISON_NODES:
        return None
    return reason("poison", count=len(nodes), nodes=", ".join(sorted(nodes)))


def _avoids(task: Task, cause: str) -> bool:
    return remedy_of(task, cause).elsewhere


def _told(before: Request, after: Request) -> str:
    return ", ".join(changes(before, after)) or "what it asks for"


def _fit(memory: Memory, task: Task) -> None:
    """More memory than the largest node has is not asked for: all of it may do."""
    asked = task.job.spec.request.memory
    most = max((state.node.memory for state in memory.nodes.values()), default=0)
    scale = task.failures.get("memory%", 100)
    if asked and most > asked and asked * scale // 100 > most:
        task.failures = {**task.failures, "memory%": most * 100 // asked}


def _is_possible(memory: Memory, task: Task) -> bool:
    if task.request is None:
        return True
    job, rules = task.job, memory.rules
    nodes = [state.seen for state in memory.nodes.values()]
    if could_ever(task.request, nodes, licences=rules.licences) is not None:
        return False
    told = against(
        rules, task.request, queue=job.spec.queue, user=job.user.name,
        account=job.spec.account, at=memory.at,
    )  # fmt: skip
    return next(iter(told), None) is None
