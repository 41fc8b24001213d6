"""The event stream's door: where it begins, and how many may listen."""

from __future__ import annotations

from collections.abc import AsyncIterator

from starlette.responses import Response, StreamingResponse

from rota.core.account import User
from rota.core.errors import Complaint, Full, Malformed, Missing
from rota.server.parts import Parts
from rota.server.route import Call
from rota.server.sight import Sight
from rota.server.stream import job_stream, task_stream
from rota.store.contract import JobQuery
from rota.wire import api

STREAMS_MAX = 500
JOBS_MAX = 10_000


async def stream_events(parts: Parts, call: Call) -> Response:
    """Tell what happens as it happens: server-sent events, resumed by ``Last-Event-ID``."""
    asked: api.EventsQuery = call.query
    if parts.feed.watchers >= STREAMS_MAX:
        raise Full(f"{STREAMS_MAX} listen already; end one or ask for pages instead")
    since = _since(call, asked)
    if asked.jobs:
        await _check_jobs(parts, call.user, jobs=asked.jobs)
    start = parts.feed.seq if since is None else min(since, parts.feed.seq)
    body: AsyncIterator[bytes]
    if asked.level == "job":
        first = asked.jobs if since is None else ()
        body = job_stream(parts, call.user, since=start, jobs=asked.jobs, tell=first)
    else:
        body = task_stream(parts, call.user, since=start, jobs=asked.jobs)
    if asked.bind:
        parts.bound.check(parts, call.user, asked.jobs)
        body = parts.bound.stream(
            parts, call.request, call.user, jobs=asked.jobs, body=body
        )
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(body, media_type="text/event-stream", headers=headers)


def _since(call: Call, asked: api.EventsQuery) -> int | None:
    told = call.request.headers.get("last-event-id")
    if told is None:
        return asked.since
    if not told.isdigit():
        problem = f"{told[:40]!r} is no number of a line of history"
        raise Malformed(complaints=[Complaint("Last-Event-ID", problem)])
    return int(told)


async def _check_jobs(parts: Parts, user: User, *, jobs: list[int]) -> None:
    if len(jobs) > JOBS_MAX:
        remedy = "listen to all of them: leave jobs out"
        raise Malformed(
            complaints=[Complaint("jobs", f"more than {JOBS_MAX} jobs", remedy)]
        )
    away = [job for job in jobs if parts.mind.owner_of(job) is None]
    for start in range(0, len(away), api.PAGE_MAX):
        page = away[start : start + api.PAGE_MAX]
        rows = await parts.read(parts.store.jobs, JobQuery(ids=page, limit=len(page)))
        missing = set(page) - {row["id"] for row in rows}
        if missing:
            raise Missing(f"there is no job {min(missing)}")
    listed, _ = await Sight(parts, user).of(jobs)
    if hidden := set(jobs) - listed:
        raise Missing(f"there is no job {min(hidden)}")
