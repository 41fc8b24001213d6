"""Jobs come in: all of a submission are taken, or none and every complaint is told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rota.core.errors import Complaint, Malformed
from rota.core.job import JobSpec, show_name
from rota.core.lifecycle import State
from rota.core.reasons import reason
from rota.engine.events import Effect, Reply, Submitted
from rota.engine.gate import regate, settled, wait_for, why_held
from rota.engine.live import Job
from rota.engine.state import Memory
from rota.sched.placement import could_ever


def submitted(memory: Memory, event: Submitted) -> list[Effect]:
    """Take the jobs in; those whose key is known already answer with the job it named."""
    complaints = complaints_of(memory, event.jobs, event.ended)
    if complaints:
        return [Reply(event.ticket, error=Malformed(complaints=complaints))]
    shown = []
    for spec in event.jobs:
        known = _known(memory, event, spec)
        if known is None:
            job = _take(memory, spec, event)
            row = {"id": job.id, "tasks": len(job.waiting), "existing": False}
        else:
            row = {"id": known, "tasks": _size(spec), "existing": True}
        shown.append({**row, "name": show_name(spec)})
    return [Reply(event.ticket, {"jobs": shown})]


def complaints_of(
    memory: Memory, jobs: Sequence[JobSpec], ended: Mapping[int, str]
) -> list[Complaint]:
    """Return all that is wrong with *jobs* as the world is: nothing known could run one."""
    found: list[Complaint] = []
    nodes = [state.node for state in memory.nodes.values()]
    verdicts: dict[object, Complaint | None] = {}
    for at, spec in enumerate(jobs):
        where = f"job {at + 1}" if len(jobs) > 1 else ""
        if nodes:
            if spec.request not in verdicts:
                verdicts[spec.request] = could_ever(spec.request, nodes)
            complaint = verdicts[spec.request]
            if complaint is not None:
                found.append(complaint._replace(where=where))
        found.extend(_bad_dependencies(memory, spec, ended, where))
    return found


def _bad_dependencies(
    memory: Memory, spec: JobSpec, ended: Mapping[int, str], where: str
) -> list[Complaint]:
    found = []
    for after in spec.after:
        told = f"{after.kind}:{after.job}"
        if after.job not in memory.jobs and after.job not in ended:
            remedy = "rota ls --all lists the jobs there are"
            found.append(Complaint("after", f"there is no job {after.job}", remedy, where))
        elif after.job in ended and not settled(after, ended[after.job]):
            problem = f"{told} can never hold: job {after.job} {ended[after.job]}"
            remedy = f"rerun job {after.job} first, or depend on any:{after.job}"
            found.append(Complaint("after", problem, remedy, where))
        if after.elementwise:
            problem = f"{told}[*]: element-wise dependencies are not in this version yet"
            remedy = f"{told} waits for the whole array"
            found.append(Complaint("after", problem, remedy, where))
    return found


def _known(memory: Memory, event: Submitted, spec: JobSpec) -> int | None:
    if spec.key is None:
        return None
    return memory.keys.get((event.user.name, spec.key), event.known.get(spec.key))


def _take(memory: Memory, spec: JobSpec, event: Submitted) -> Job:
    job = Job(id=memory.next_job, spec=spec, user=event.user, submitted_at=event.at)
    memory.next_job += 1
    wait_for(memory, job)
    if spec.held:
        job.user_hold = reason("held", who=event.user.name)
    if spec.begin_at is not None and spec.begin_at > event.at:
        memory.set_timer(spec.begin_at, "begin", job=job.id)
    _set_gate(memory, job, event.at)
    return job


def _set_gate(memory: Memory, job: Job, at: int) -> None:
    """A new job is born behind its gate: no history of having been queued before."""
    why = why_held(job, at)
    if why is not None:
        job.gate, job.reason = State.HELD, why
        job.counts = {State.HELD: len(job.waiting)}
    memory.add(job)
    regate(memory, job, at=at, source=job.user.name)


def _size(spec: JobSpec) -> int:
    return len(spec.array.indexes) if spec.array else 1
