"""Jobs come in: read, checked as job files are, and handed over; all are taken or none."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, NamedTuple, TypeVar

from starlette.responses import Response

from rota.core.errors import Complaint, Full, Malformed
from rota.core.job import JobSpec
from rota.engine.events import Submitted
from rota.engine.records import TaskEnds
from rota.engine.submit import judge
from rota.sched.rules import Rules
from rota.server.parts import Parts
from rota.server.route import INLINE_MAX, Call, decode_body, json_response, read_body
from rota.server.routes.blobs import aside, check_tree
from rota.server.routes.why import judge_waits
from rota.server.submission import bounded, built, resolved
from rota.wire import api

KEY_MAX = 200
BODY_MAX = 512 << 20

T = TypeVar("T")


async def submit_jobs(parts: Parts, call: Call) -> Response:
    """Submit jobs, all of them or none; with ``dry_run`` only say what they would be."""
    key = _key(call)
    if parts.loop.is_full():
        raise _full(parts)
    quota = parts.mind.memory.rules.quota_of(call.user.name)
    raw = await read_body(call.request, size_max=min(BODY_MAX, quota.request_size))
    if not parts.store.has_room(len(raw)):
        raise _full(parts)
    at = parts.clock.now()
    rules = parts.mind.memory.rules
    body: api.SubmitBody
    body, specs = await _aside(parts, lambda: _read(raw, at, rules), size=len(raw))
    specs = [bounded(spec, output=quota.output) for spec in specs]
    if key is not None:
        specs = _keyed(specs, key)
    if body.dry_run:
        return json_response(await _dry(parts, call, body=body, specs=specs))
    await _check_trees(parts, call, specs)
    told = await _submit(parts, call, specs=specs)
    return json_response(told, status=201)


async def _check_trees(parts: Parts, call: Call, specs: Sequence[JobSpec]) -> None:
    """Refuse jobs whose files are not all stored: they could never begin."""
    digests = {spec.tree: at for at, spec in enumerate(specs) if spec.tree is not None}
    complaints = []
    for digest, at in digests.items():
        wrong = await aside(parts, partial(check_tree, parts, call.user.name, digest))
        if wrong:
            label = f"jobs[{at}].tree" if len(specs) > 1 else "tree"
            complaints.append(
                Complaint(label, wrong, "store it before, as rota submit does")
            )
    if complaints:
        raise Malformed(complaints=complaints)


async def _submit(parts: Parts, call: Call, *, specs: Sequence[JobSpec]) -> Any:
    known = await _known(parts, call, specs=specs)
    others = await _others(parts, specs, known)
    try:
        return await _hand_over(parts, call, specs=specs, known=known, others=others)
    except Malformed:
        # A job it depends on may have ended, and left the memory, while we looked.
        later = await _others(parts, specs, known)
        if later == others:
            raise
        return await _hand_over(parts, call, specs=specs, known=known, others=later)


async def _hand_over(
    parts: Parts, call: Call, *, specs: Sequence[JobSpec], known: Any, others: Others
) -> Any:
    return await parts.loop.ask(
        lambda ticket: Submitted(
            parts.clock.now(), call.user, specs, ticket, known, *others
        )
    )


async def _known(parts: Parts, call: Call, *, specs: Sequence[JobSpec]) -> dict[str, int]:
    keys = [spec.key for spec in specs if spec.key is not None]
    return dict(await parts.read(parts.store.keys, call.user.name, keys)) if keys else {}


class Others(NamedTuple):
    """What the store knows of the jobs that others depend on."""

    ended: Mapping[int, str]
    task_ends: Mapping[int, TaskEnds]


async def _others(
    parts: Parts, specs: Sequence[JobSpec], known: Mapping[str, int]
) -> Others:
    """Return how those ended that *specs* depend on, by id or by a name of the batch."""
    afters = [after for spec in specs for after in spec.after]
    named = set(known.values()) if afters else set()
    wanted = {after.job for after in afters if after.job > 0} | named
    pairs = {after.job for after in afters if after.by_task and after.job > 0}
    pairs |= named if any(after.by_task for after in afters) else set()
    ended = await parts.read(parts.store.ended, sorted(wanted)) if wanted else {}
    ends = await parts.read(parts.store.task_ends, sorted(pairs)) if pairs else {}
    return Others(ended, ends)


async def _dry(
    parts: Parts, call: Call, *, body: api.SubmitBody, specs: Sequence[JobSpec]
) -> api.DryRun:
    known = await _known(parts, call, specs=specs)
    others = await _others(parts, specs, known)
    event = Submitted(parts.clock.now(), call.user, specs, None, known, *others)
    complaints = judge(parts.mind.memory, event)
    if complaints:
        raise Malformed(complaints=complaints)
    jobs = resolved(body, specs, rules=parts.mind.memory.rules)
    if body.explain:
        judged = await judge_waits(parts, call.user, specs, ended=others.ended)
        for job, waits in zip(jobs, judged, strict=False):
            job.waits = waits
    return api.DryRun(jobs=jobs)


async def _aside(parts: Parts, work: Callable[[], T], *, size: int) -> T:
    """Do *work* here when it is small, else in a thread: others are not to wait."""
    if size <= INLINE_MAX:
        return work()
    return await asyncio.get_running_loop().run_in_executor(parts.readers, work)


def _read(raw: bytes, at: int, rules: Rules) -> tuple[api.SubmitBody, list[JobSpec]]:
    body = decode_body(raw, api.SubmitBody)
    return body, built(body, at=at, rules=rules)


def _key(call: Call) -> str | None:
    key = call.request.headers.get("idempotency-key")
    if key is not None and (not key or len(key) > KEY_MAX or not key.isprintable()):
        problem = f"must be 1 to {KEY_MAX} printable characters"
        raise Malformed(complaints=[Complaint("Idempotency-Key", problem)])
    return key


def _keyed(specs: Sequence[JobSpec], key: str) -> list[JobSpec]:
    if len(specs) == 1:
        return [specs[0] if specs[0].key else replace(specs[0], key=key)]
    return [
        spec if spec.key else replace(spec, key=f"{key}/{at}")
        for at, spec in enumerate(specs)
    ]


def _full(parts: Parts) -> Full:
    """New work is refused when it could not be promised; reads, kills, reports go on."""
    return Full(
        "the server's disk is full: no new work is taken; "
        f"make room at {parts.about.home}, what runs goes on"
    )
