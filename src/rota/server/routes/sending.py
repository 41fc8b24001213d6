"""What a running job reads: pieces of its standard input, passed on to its node.

    POST /jobs/12/send {sender, offset, data, end}  ─▶ {attempt, at}

Nothing is kept here.  *at* says how much of the sender's was taken; when the job does not
read, the answer comes late and says no more than was known: the sender asks again.
"""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Mapping
from typing import Any

from rota.core.errors import Conflict, Unreachable
from rota.core.job import AttemptRef, task_name
from rota.server.feed import ENDED
from rota.server.parts import Parts
from rota.server.route import Call
from rota.server.routes.listing import attempt_row, job_row, needed_task, task_row
from rota.server.routes.log import begun
from rota.server.sight import check_enter
from rota.wire import api

ANSWER_S_MAX = 20.0
INPUT_OPEN = "open"


async def send_job(parts: Parts, call: Call) -> api.SentView:
    """Let a running job read a piece on its standard input."""
    body: api.SendBody = call.body
    job = await job_row(parts, call.path["id"], user=call.user)
    check_enter(call.user, job, what="input")
    task = needed_task(job, body.task)
    name = task_name(job["id"], task if job["spec"].array else None)
    if job["spec"].terminal is not None:
        raise Conflict(f"job {name} has a terminal: `rota attach {name}` types to it")
    if job["spec"].stdin != INPUT_OPEN:
        raise Conflict(
            f"job {name} does not read what is sent: hand it in with --stdin open"
        )
    attempt = await _running(parts, job, task=task, name=name, wait=body.wait)
    if attempt is None:
        return api.SentView(attempt=0, at=0)
    link = parts.gateway.link(attempt["node"])
    if link is None:
        raise Unreachable(f"node {attempt['node']} is not connected now")
    piece = {
        "sender": body.sender, "offset": body.offset, "end": body.end,
        "b64": base64.b64encode(body.data).decode(),
    }  # fmt: skip
    ref = AttemptRef(job["id"], task, attempt["n"])
    try:
        told = await asyncio.wait_for(link.feed(ref, piece), ANSWER_S_MAX)
    except TimeoutError:
        return api.SentView(attempt=attempt["n"], at=body.offset)
    if told.error is not None:
        raise Conflict(f"job {name} was not sent anything: {told.error}")
    return api.SentView(attempt=attempt["n"], at=told.at)


async def _running(
    parts: Parts, job: Mapping[str, Any], *, task: int, name: str, wait: bool
) -> Mapping[str, Any] | None:
    """Return the attempt that runs; None: none yet, though it was waited for."""
    if wait:
        try:
            await asyncio.wait_for(begun(parts, job, task=task), ANSWER_S_MAX)
        except TimeoutError:
            return None
    state = str((await task_row(parts, job, task=task))["state"])
    if state == "running":
        attempt = await attempt_row(parts, job, task=task, n=None)
        if attempt["started_at"] is not None and attempt["ended_at"] is None:
            return attempt
    if state not in ENDED and wait:
        return None
    raise Conflict(f"job {name} does not run now: it is {state}")
