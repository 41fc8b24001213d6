"""Jobs come in: all of a submission are taken, or none and every complaint is told."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from rota.core.errors import Complaint, Malformed
from rota.core.indexes import IndexSet
from rota.core.job import After, JobSpec, show_name
from rota.core.lifecycle import State
from rota.core.notify import unknown
from rota.core.reasons import reason
from rota.engine.elements import entwine
from rota.engine.events import Effect, Reply, Submitted
from rota.engine.gate import regate, set_timers, settled, wait_for, why_held
from rota.engine.limiting import no_block, too_many
from rota.engine.live import Job, counted
from rota.engine.records import TaskEnds
from rota.engine.state import Memory
from rota.sched.placement import could_ever
from rota.sched.rules import against
from rota.sched.scaling import samples

NOBODY: Mapping[int, JobSpec] = {}
NOTHING: Mapping[int, TaskEnds] = {}


def submitted(memory: Memory, event: Submitted) -> list[Effect]:
    """Take the jobs in; those whose key is known already answer with the job it named."""
    numbers = _numbers(memory, event)
    fresh = [(number, _charged(memory, spec, event)) for number, spec in
             _fresh(numbers, event)]  # fmt: skip
    complaints = _complaints(memory, event, fresh)
    if complaints:
        return [Reply(event.ticket, error=Malformed(complaints=complaints))]
    _take(memory, fresh, event)
    memory.next_job += len(fresh)
    shown = [
        {"id": number, "tasks": _size(spec), "existing": is_known, "name": show_name(spec)}
        for (number, is_known), spec in zip(numbers, event.jobs, strict=True)
    ]
    return [Reply(event.ticket, {"jobs": shown})]


def judge(memory: Memory, event: Submitted) -> list[Complaint]:
    """Return what ``submitted`` would refuse of *event* now; nothing changes."""
    return _complaints(memory, event, _fresh(_numbers(memory, event), event))


def _charged(memory: Memory, spec: JobSpec, event: Submitted) -> JobSpec:
    """Return *spec*, charged to the account of its user when it names none."""
    home = "" if spec.account else memory.rules.tree.home(event.user.name)
    return replace(spec, account=home) if home else spec


def _fresh(
    numbers: Sequence[tuple[int, bool]], event: Submitted
) -> list[tuple[int, JobSpec]]:
    """Return the jobs that would be new, under their ids, naming others by theirs."""
    return [
        (number, _resolved(spec, numbers))
        for (number, is_known), spec in zip(numbers, event.jobs, strict=True)
        if not is_known
    ]


def _numbers(memory: Memory, event: Submitted) -> list[tuple[int, bool]]:
    """Return for each job the id it has or will have, and whether it has it already."""
    numbers: list[tuple[int, bool]] = []
    keys: dict[str, int] = {}
    following = memory.next_job
    for spec in event.jobs:
        known = None
        if spec.key is not None:
            known = memory.keys.get((event.user.name, spec.key), event.known.get(spec.key))
            known = keys.get(spec.key) if known is None else known
        numbers.append((following, False) if known is None else (known, True))
        if known is None:
            if spec.key is not None:
                keys[spec.key] = following
            following += 1
    return numbers


def _resolved(spec: JobSpec, numbers: Sequence[tuple[int, bool]]) -> JobSpec:
    """Put ids where *spec* names others of its batch: −1 is the first, −2 the second."""
    if all(after.job > 0 for after in spec.after):
        return spec
    after = tuple(
        replace(one, job=numbers[-one.job - 1][0]) if one.job < 0 else one
        for one in spec.after
    )
    return replace(spec, after=after)


def _complaints(
    memory: Memory, event: Submitted, fresh: Sequence[tuple[int, JobSpec]]
) -> list[Complaint]:
    """What a known key named is not judged again: a repeat of a submit is harmless."""
    specs = [spec for _, spec in fresh]
    found = complaints_of(
        memory, specs, user=event.user.name, ended=event.ended, batch=dict(fresh),
        task_ends=event.task_ends,
    )  # fmt: skip
    return [*found, *too_many(memory, specs, user=event.user.name)]


def complaints_of(
    memory: Memory,
    jobs: Sequence[JobSpec],
    *,
    user: str,
    ended: Mapping[int, str],
    batch: Mapping[int, JobSpec] = NOBODY,
    task_ends: Mapping[int, TaskEnds] = NOTHING,
) -> list[Complaint]:
    """Return all that is wrong with *jobs* as the world is.

    Shapes:
        user:  whose jobs they are
        ended: {job id: final state} of dependencies the working memory has let go
        batch: {id that it will get: job} of those submitted together
        task_ends: {job id: what became of its tasks} of arrays waited for task by task
    """
    found: list[Complaint] = []
    nodes = [state.node for state in memory.nodes.values()]
    nodes += samples([s.pool for s in memory.pools.values() if not s.removed])
    verdicts: dict[object, Complaint | None] = {}
    fine: set[int] = set()
    for at, spec in enumerate(jobs):
        if id(spec) in fine:  # Jobs that say the same are one object, judged once.
            continue
        before = len(found)
        where = f"job {at + 1}" if len(jobs) > 1 else ""
        told = against(
            memory.rules, spec.request, queue=spec.queue, user=user, account=spec.account,
            at=memory.at,
        )  # fmt: skip
        barred = no_block(memory.rules.limits, spec, user=user)
        deaf = unknown(memory.rules.notices, spec.notify)
        found.extend(one._replace(where=where) for one in (*told, *barred, *deaf))
        if spec.request not in verdicts:
            verdicts[spec.request] = could_ever(
                spec.request, nodes, licences=memory.rules.licences
            )
        complaint = verdicts[spec.request]
        if complaint is not None:
            found.append(complaint._replace(where=where))
        waits = _wrong_waits(memory, spec, ended=ended, batch=batch, task_ends=task_ends)
        found.extend(complaint._replace(where=where) for complaint in waits)
        if len(found) == before:
            fine.add(id(spec))
    return found


def _wrong_waits(
    memory: Memory, spec: JobSpec, *, ended: Mapping[int, str],
    batch: Mapping[int, JobSpec], task_ends: Mapping[int, TaskEnds],
) -> Iterator[Complaint]:  # fmt: skip
    """Yield what is wrong with what *spec* comes after; arguments as ``complaints_of``."""
    for after in spec.after:
        if after.job not in batch:
            yield from _bad_dependency(memory, after, ended)
    for after in spec.after:
        if after.by_task:
            others = _indexes(memory, after.job, batch, task_ends)
            yield from _unequal(spec, after, others)


def _bad_dependency(
    memory: Memory, after: After, ended: Mapping[int, str]
) -> Iterator[Complaint]:
    told = str(after)
    if after.job not in memory.jobs and after.job not in ended:
        remedy = "rota ls --all lists the jobs there are"
        yield Complaint("after", f"there is no job {after.job}", remedy)
    elif after.by_task:
        return
    elif after.job in ended and not settled(after.kind, ended[after.job]):
        problem = f"{told} can never hold: job {after.job} {ended[after.job]}"
        remedy = f"rerun job {after.job} first, or depend on any:{after.job}"
        yield Complaint("after", problem, remedy)


def _unequal(spec: JobSpec, after: After, other: IndexSet | None) -> Iterator[Complaint]:
    """Task by task needs the same tasks on both sides; for one task it must be there."""
    if after.task is not None:
        if other is not None and after.task not in other:
            told = f"has tasks {str(other)[:60]}" if other else "is no array"
            remedy = f"{after.kind}:{after.job} waits for all of it"
            yield Complaint("after", f"{after}: job {after.job} {told}", remedy)
        return
    remedy = f"{after.kind}:{after.job} waits for all of job {after.job}"
    if spec.array is None:
        problem = f"{after} waits task by task, and this job is no array"
        yield Complaint("after", problem, f"give it an array, or {remedy}")
    elif other is not None and not other:
        yield Complaint("after", f"{after}: job {after.job} is no array", remedy)
    elif other is not None and other != spec.array.indexes:
        theirs, ours = str(other)[:60], str(spec.array.indexes)[:60]
        problem = f"{after}: job {after.job} has tasks {theirs}, this one {ours}"
        yield Complaint("after", problem, f"give both the same, or {remedy}")


def _indexes(
    memory: Memory, number: int, batch: Mapping[int, JobSpec],
    task_ends: Mapping[int, TaskEnds],
) -> IndexSet | None:  # fmt: skip
    """Return the tasks of job *number*, none if it is no array, None if there is no job."""
    job = memory.jobs.get(number)
    spec = job.spec if job is not None else batch.get(number)
    if spec is not None:
        return spec.array.indexes if spec.array else IndexSet()
    told = task_ends.get(number)
    return None if told is None else IndexSet(told.indexes)


def _take(
    memory: Memory, fresh: Sequence[tuple[int, JobSpec]], event: Submitted
) -> None:  # fmt: skip
    """All are there before the first looks for those it depends on."""
    twins, user = memory.twins, memory.twins.user(event.user)
    jobs = [
        Job(id=number, spec=twins.spec(spec), user=user, submitted_at=event.at)
        for number, spec in fresh
    ]
    memory.jobs.update((job.id, job) for job in jobs)
    held = reason("held", who=event.user.name)
    for job in jobs:
        spec = job.spec
        memory.tally.meet(job)
        wait_for(memory, job)
        entwine(memory, job, event.task_ends)
        if spec.held:
            job.user_hold = held
        set_timers(memory, job, at=event.at)
        _set_gate(memory, job, event.at)


def _set_gate(memory: Memory, job: Job, at: int) -> None:
    """A new job is born behind its gate: no history of having been queued before."""
    why = why_held(job, at)
    if why is not None:
        job.gate, job.reason = State.HELD, why
        job.counts = counted({State.HELD: job.unplaced})
    memory.add(job)
    regate(memory, job, at=at, source=job.user.name)


def _size(spec: JobSpec) -> int:
    return len(spec.array.indexes) if spec.array else 1
