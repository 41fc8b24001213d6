"""What is asked of jobs: kill, hold, suspend, rerun, …; of all targets or of none."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from rota.core.account import User
from rota.core.errors import Complaint, Malformed, Missing, NotAllowed
from rota.core.fields import FIELDS, NAMES
from rota.core.job import parse_task, task_name
from rota.core.remedy import Remedy, percent
from rota.engine.events import Asked
from rota.server.parts import Parts
from rota.server.route import Call
from rota.server.routes.errors import tasks_of_kind
from rota.server.routes.listing import job_row
from rota.server.sight import Sight, sees_all
from rota.server.submission import bounded, edited
from rota.store.contract import JobQuery
from rota.wire import api

Target = tuple[int, int | None]

KILL_WAIT_S = 60.0
OPERATORS = ("needs", "where", "when")
"""Groups of keys that an operator may change in jobs of others."""


async def hold_jobs(parts: Parts, call: Call) -> api.Asked:
    """Hold jobs or tasks that wait: they are not started until released."""
    return await _ask(parts, call, verb="hold")


async def release_jobs(parts: Parts, call: Call) -> api.Asked:
    """Release what is held."""
    return await _ask(parts, call, verb="release")


async def kill_jobs(parts: Parts, call: Call) -> api.Asked:
    """Kill jobs or tasks: TERM, grace, KILL of the whole tree; waiting ones just end."""
    body: api.KillBody = call.body
    options: dict[str, Any] = {} if body.grace_ms is None else {"grace_ms": body.grace_ms}
    targets = targets_of(body.targets)
    if body.requeue:
        return await _ask(parts, call, verb="kill", options={**options, "requeue": True})
    if not body.wait:
        return await _ask(parts, call, verb="kill", options=options)
    ends = parts.feed.ending(targets)
    try:
        done = await _ask(parts, call, verb="kill", options=options)
        await _gone(parts, done, ends=ends, grace_ms=body.grace_ms)
    finally:
        parts.feed.drop(ends)
    return done


async def suspend_jobs(parts: Parts, call: Call) -> api.Asked:
    """Let what runs stand still, whole trees of processes; it keeps what it holds."""
    return await _ask(parts, call, verb="suspend")


async def resume_jobs(parts: Parts, call: Call) -> api.Asked:
    """Let what was suspended go on."""
    return await _ask(parts, call, verb="resume")


async def signal_jobs(parts: Parts, call: Call) -> api.Asked:
    """Send a signal to those processes of a job that catch it, if none does to all."""
    return await _ask(parts, call, verb="signal", options={"signal": call.body.signal})


async def rerun_jobs(parts: Parts, call: Call) -> api.Asked:
    """Run again what has ended, under the next attempt number."""
    body: api.RerunBody = call.body
    targets = targets_of(body.targets)
    options: dict[str, Any] = {"all": body.all}
    if body.signature is not None:
        if len(targets) > 1 or targets[0][1] is not None:
            problem = "a signature is one of a whole job: name that job alone"
            raise Malformed(complaints=[Complaint("targets", problem)])
        await job_row(parts, targets[0][0], user=call.user)
        options["only"] = await tasks_of_kind(parts, targets[0][0], body.signature)
    if body.memory or body.time:
        options["remedy"] = Remedy(memory=percent(body.memory), time=percent(body.time))
    revived = await parts.read(parts.store.revive, sorted({job for job, _ in targets}))
    return await _ask(parts, call, verb="rerun", options=options, revived=revived)


async def edit_job(parts: Parts, call: Call) -> api.Asked:
    """Change what a job that waits asks for."""
    body: api.EditBody = call.body
    targets = targets_of(body.targets)
    if len(targets) > 1:
        raise Malformed(complaints=[Complaint("targets", "edit takes one job at a time")])
    row = await job_row(parts, targets[0][0], user=call.user)
    _check_edit(call.user, row, body.set, name=task_name(*targets[0]))
    spec = edited(row["spec"], body.set, at=parts.clock.now())
    spec = bounded(spec, output=parts.mind.memory.rules.quota_of(row["user"]).output)
    ended = await parts.read(parts.store.ended, [a.job for a in spec.after if a.job > 0])
    pairs = [after.job for after in spec.after if after.by_task]
    ends = await parts.read(parts.store.task_ends, pairs) if pairs else {}
    options = {"spec": spec, "ended": ended, "task_ends": ends}
    return await _ask(parts, call, verb="edit", options=options)


def _check_edit(user: User, row: Mapping[str, Any], keys: Iterable[str], name: str) -> None:
    """Refuse to change what is not one's own; an operator may change when and where.

    Raises:
        NotAllowed: what would run, or who is told of it, is its owner's to say.
    """
    owner = row["user"]
    if user.may_enter(owner):
        return
    if not user.may_act(owner):
        raise NotAllowed(f"cannot edit job {name}: it belongs to {owner}")
    rows = [FIELDS[known] for key in keys if (known := NAMES.get(key, key)) in FIELDS]
    for field in rows:
        if field.group not in OPERATORS:
            raise NotAllowed(
                f"cannot edit {field.name} of job {name}: it belongs to {owner}, and an "
                f"operator may change only what it needs, where and when it runs"
            )


def targets_of(texts: Sequence[str]) -> list[Target]:
    """Return the targets that *texts* name, each once.

    Raises:
        Malformed: some name none; all of those are told.
    """
    found: dict[Target, None] = {}
    complaints = []
    for text in texts:
        try:
            found[parse_task(text)] = None
        except ValueError as error:
            complaints.append(Complaint("targets", str(error)))
    if complaints:
        raise Malformed(complaints=complaints)
    return list(found)


async def _ask(
    parts: Parts, call: Call, *, verb: str, options: Mapping[str, Any] | None = None,
    revived: Sequence[Any] = (),
) -> api.Asked:  # fmt: skip
    targets = targets_of(call.body.targets)
    await _check_there(parts, call.user, targets=targets)
    told = await parts.loop.ask(
        lambda ticket: Asked(
            parts.clock.now(),
            call.user,
            verb,
            targets,
            ticket,
            options or {},
            revived,
            call.why,
        )
    )
    return api.Asked(
        jobs=[
            api.AskedJob(
                id=row["id"], task=row["task"], result=row["result"], tasks=row.get("tasks")
            )
            for row in told["jobs"]
        ]
    )


async def _check_there(parts: Parts, user: User, *, targets: Sequence[Target]) -> None:
    """The mind knows live jobs only: whether another ever was, the store knows."""
    if not sees_all(parts.mind.memory.rules, user):
        asked = {job for job, _ in targets}
        listed, _ = await Sight(parts, user).of(asked)
        _miss(sorted(asked - listed))
    away = sorted({job for job, _ in targets if parts.mind.owner_of(job) is None})
    if not away:
        return
    there: set[int] = set()
    for start in range(0, len(away), api.PAGE_MAX):
        page = away[start : start + api.PAGE_MAX]
        rows = await parts.read(parts.store.jobs, JobQuery(ids=page, limit=len(page)))
        there.update(row["id"] for row in rows)
    _miss([job for job in away if job not in there])


def _miss(missing: Sequence[int]) -> None:
    if missing:
        told = ", ".join(str(job) for job in missing[:10])
        raise Missing(f"there is no job {told}; rota ls --all lists the jobs there are")


async def _gone(
    parts: Parts, done: api.Asked, *, ends: Mapping[Target, asyncio.Future[None]],
    grace_ms: int | None,
) -> None:  # fmt: skip
    """Wait until what is being killed is gone, unless its node cannot be reached."""
    killing = [row for row in done.jobs if row.result == "killing"]
    near = [row for row in killing if "unreachable" not in _flags(parts, row)]
    waits = [ends[row.id, row.task] for row in near]
    if waits:
        await asyncio.wait(waits, timeout=KILL_WAIT_S + (grace_ms or 0) / 1000.0)
    for row in near:
        end = ends[row.id, row.task]
        if end.done() and not end.cancelled():
            row.result = "killed"


def _flags(parts: Parts, row: api.AskedJob) -> Sequence[str]:
    return parts.mind.flags_of(row.id, row.task)
