"""Files of jobs: what they left, what they have so far, what is put into their folders.

GET  /jobs/12/files    what an attempt's outputs are          (its tree, listed)
POST /jobs/12/snap     have some of what it has now stored    ─▶ the tree of that
POST /jobs/12/put      lay a stored tree into its folder
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from rota.core.errors import Conflict, Missing, NotAllowed, Unreachable
from rota.core.job import AttemptRef, task_name
from rota.server.frames import StagedIn
from rota.server.parts import Parts
from rota.server.route import Call
from rota.server.routes.blobs import aside, check_tree, outputs_of, stored_tree
from rota.server.routes.listing import attempt_row, job_row
from rota.server.sight import check_enter, check_read
from rota.wire import api, trees

STAGE_S_MAX = 3600.0


async def list_files(parts: Parts, call: Call) -> api.FilesView:
    """List the outputs that were stored of an attempt, or the files of a tree."""
    asked: api.FilesQuery = call.query
    job = await job_row(parts, call.path["id"], user=call.user)
    check_read(parts.mind.memory.rules, call.user, job, what="files")
    attempt = await attempt_row(parts, job, task=asked.task, n=asked.attempt)
    shared = (None, outputs_of(attempt))
    if asked.tree not in shared and not call.user.may_enter(job["user"]):
        raise NotAllowed(f"of job {job['id']} only the outputs are shared with you")
    digest = asked.tree or outputs_of(attempt)
    entries: list[api.FileView] = []
    if digest is not None:
        tree = await aside(parts, lambda: stored_tree(parts, job["user"], digest))
        entries = [_view(entry) for entry in tree.entries]
    return api.FilesView(
        id=job["id"], task=attempt["task"], attempt=attempt["n"], tree=digest, files=entries
    )


async def snap_job(parts: Parts, call: Call) -> api.StagedView:
    """Store what a running job has made so far, as patterns say."""
    body: api.SnapBody = call.body
    told, attempt = await order(
        parts, call, {"t": "snap", "patterns": list(body.patterns)}, task=body.task
    )
    return _staged(told, attempt)


async def put_job(parts: Parts, call: Call) -> api.StagedView:
    """Lay a stored tree into the working folder of a running job."""
    body: api.PutBody = call.body
    job = await job_row(parts, call.path["id"], user=call.user)
    check_enter(call.user, job, what="files")
    wrong = await aside(parts, lambda: check_tree(parts, job["user"], body.tree))
    if wrong:
        raise Missing(f"the tree {body.tree}: {wrong}")
    told, attempt = await order(
        parts, call, {"t": "put", "tree": body.tree}, task=body.task
    )
    return _staged(told, attempt)


async def order(
    parts: Parts, call: Call, message: dict[str, Any], *, task: int | None
) -> tuple[StagedIn, Mapping[str, Any]]:
    """Have the node of a running attempt do *message*; return its answer.

    Raises:
        NotAllowed: it is somebody else's;  Conflict: it does not run, or cannot do that
        Unreachable: its node is away, or does not answer
    """
    job = await job_row(parts, call.path["id"], user=call.user)
    check_enter(call.user, job, what="files")
    attempt = await attempt_row(parts, job, task=task, n=None)
    if attempt["ended_at"] is not None or attempt["started_at"] is None:
        name = task_name(job["id"], attempt["task"] if job["spec"].array else None)
        raise Conflict(f"job {name} does not run now, so there is nothing to reach")
    link = parts.gateway.link(attempt["node"])
    if link is None:
        raise Unreachable(f"node {attempt['node']} is not connected now")
    ref = AttemptRef(job["id"], attempt["task"], attempt["n"])
    try:
        told = await asyncio.wait_for(link.stage({**message, "a": list(ref)}), STAGE_S_MAX)
    except TimeoutError:
        raise Unreachable(f"node {attempt['node']} did not answer in time") from None
    if told.error is not None:
        raise Conflict(f"node {attempt['node']}: {told.error}")
    return told, attempt


def _staged(told: StagedIn, attempt: Mapping[str, Any]) -> api.StagedView:
    return api.StagedView(
        attempt=attempt["n"], tree=told.tree, files=told.files, bytes=told.bytes
    )


def _view(entry: trees.Entry) -> api.FileView:
    if isinstance(entry, trees.File):
        return api.FileView(
            path=entry.path, mode=entry.mode, size=entry.size, digest=entry.digest
        )
    link = entry.target if isinstance(entry, trees.Link) else None
    return api.FileView(path=entry.path, link=link)
