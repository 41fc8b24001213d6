"""The event stream: lines of history, or one summary for each job that changed.

    level=task   every line, in order             id: its number
    level=job    {id, state, counts, seq}         at most ten a second for each job, but at
                                                  once when it has become final

A stream that is told to go on after line N (``since``, or ``Last-Event-ID``) tells all
that came later: from memory, or from the store when that is long ago.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from typing import Any

import msgspec

from rota.core.account import User
from rota.server.feed import ENDED, line_of
from rota.server.parts import Parts
from rota.server.sight import Sight
from rota.server.views import history_view
from rota.store.contract import JobQuery

KEEP_ALIVE_S = 15.0
PAUSE_S = 0.1
PAGE = 1000
DIRTY_MAX = 5_000


async def task_stream(
    parts: Parts, user: User, *, since: int, jobs: Sequence[int]
) -> AsyncIterator[bytes]:
    """Give every line of history after *since*, as it comes; of *jobs* only, if any."""
    wanted, sight = frozenset(jobs), Sight(parts, user)
    waker = parts.feed.watch()
    try:
        yield b": rota\n\n"
        while not parts.feed.closed:
            waker.clear()
            rows = await next_rows(parts, since)
            shown = [row for row in rows if not wanted or row["job"] in wanted]
            listed, read = await sight.of(row["job"] for row in shown)
            views = [
                history_view(row, with_output=row["job"] in read)
                for row in shown if row["job"] in listed
            ]  # fmt: skip
            if views:
                yield b"".join(_event("moved", view.seq, data=view) for view in views)
            if rows:
                since = rows[-1]["seq"]
            else:
                async for beat in _pause(waker, KEEP_ALIVE_S):
                    yield beat
    finally:
        parts.feed.unwatch(waker)


async def job_stream(
    parts: Parts, user: User, *, since: int, jobs: Sequence[int],
    tell: Sequence[int] = (),
) -> AsyncIterator[bytes]:  # fmt: skip
    """Give what has become of each job that changed after *since*; of *tell* at once."""
    wanted, sight = frozenset(jobs), Sight(parts, user)
    summary = _Summary(parts, tell=tell, since=since)
    waker = parts.feed.watch()
    try:
        yield b": rota\n\n"
        while not parts.feed.closed:
            waker.clear()
            rows: list[tuple[int, int]] = []
            if len(summary.dirty) < DIRTY_MAX:
                rows = await next_jobs(parts, summary.position)
                listed, _ = await sight.of(job for _, job in rows)
                summary.take(rows, wanted & listed if wanted else listed)
            told = await summary.tell()
            if told:
                yield told
            if not rows:
                async for beat in _pause(waker, summary.due_in()):
                    yield beat
    finally:
        parts.feed.unwatch(waker)


class _Summary:
    """Which jobs changed and are not told of yet, and since which line.

    The number sent with an event is one up to which everything has been told, whatever
    the order in which jobs are told of: to resume there loses nothing.
    """

    def __init__(self, parts: Parts, *, tell: Sequence[int], since: int) -> None:
        self._parts = parts
        self.position = since
        self.dirty: dict[int, int] = dict.fromkeys(tell, since + 1)
        self._told: dict[int, float] = {}

    def take(self, lines: Sequence[tuple[int, int]], wanted: frozenset[int]) -> None:
        """Note which jobs *lines* of history, (number, job), are about."""
        for seq, job in lines:
            if job in wanted:
                self.dirty.setdefault(job, seq)
        if lines:
            self.position = lines[-1][0]

    async def tell(self) -> bytes:
        """Return the events that are due now, and forget that they were to be told."""
        now = asyncio.get_running_loop().time()
        due = [job for job in self.dirty if self._is_due(job, now)]
        if not due:
            return b""
        shown = await self._summaries(due)
        parts = []
        for job in due:
            del self.dirty[job]
            safe = min(self.dirty.values(), default=self.position + 1) - 1
            if job in shown:
                parts.append(_event("job", safe, data={**shown[job], "seq": safe}))
            self._told[job] = now
        self._forget(now)
        return b"".join(parts)

    def due_in(self) -> float:
        """Return in how many seconds there is something to tell for sure."""
        if not self.dirty:
            return KEEP_ALIVE_S
        now = asyncio.get_running_loop().time()
        return max(0.0, min(self._told.get(j, 0.0) + PAUSE_S - now for j in self.dirty))

    def _is_due(self, job: int, now: float) -> bool:
        latest = self._parts.feed.latest(job)
        if latest is not None and str(latest.state) in ENDED:
            return True
        return now - self._told.get(job, 0.0) >= PAUSE_S

    def _forget(self, now: float) -> None:
        if len(self._told) > DIRTY_MAX:
            self._told = {j: at for j, at in self._told.items() if now - at < PAUSE_S}

    async def _summaries(self, jobs: Sequence[int]) -> dict[int, dict[str, Any]]:
        shown = {}
        unknown = []
        for job in jobs:
            latest = self._parts.feed.latest(job)
            if latest is None:
                unknown.append(job)
            else:
                shown[job] = _summary(job, str(latest.state), counts=latest.counts)
        for start in range(0, len(unknown), PAGE):
            page = unknown[start : start + PAGE]
            query = JobQuery(ids=page, limit=len(page))
            for row in await self._parts.read(self._parts.store.jobs, query):
                shown[row["id"]] = _summary(
                    row["id"], str(row["state"]), counts=row["counts"]
                )
        return shown


async def next_rows(parts: Parts, after: int) -> list[dict[str, Any]]:
    """Return the next lines of history after number *after*, a page at most."""
    lines = parts.feed.lines(after, limit=PAGE)
    if lines is not None:
        return [line_of(row, seq) for seq, row in lines]
    return await parts.read(
        parts.store.history, job=None, task=None, after=after, limit=PAGE
    )


async def next_jobs(parts: Parts, after: int) -> list[tuple[int, int]]:
    """Return (number, job) of the next lines of history, a page at most."""
    lines = parts.feed.lines(after, limit=PAGE)
    if lines is not None:
        return [(seq, row.job) for seq, row in lines]
    return [(row["seq"], row["job"]) for row in await next_rows(parts, after)]


async def _pause(waker: asyncio.Event, seconds: float) -> AsyncIterator[bytes]:
    with suppress(TimeoutError):
        async with asyncio.timeout(min(seconds, KEEP_ALIVE_S)):
            await waker.wait()
        return
    if seconds >= KEEP_ALIVE_S:
        yield b": still here\n\n"


def _summary(job: int, state: str, *, counts: Any) -> dict[str, Any]:
    return {
        "id": job,
        "state": state,
        "counts": {str(s): n for s, n in counts.items() if n},
    }


def _event(name: str, seq: int, *, data: Any) -> bytes:
    body = msgspec.json.encode(data)
    return b"id: %d\nevent: %s\ndata: %s\n\n" % (seq, name.encode(), body)
