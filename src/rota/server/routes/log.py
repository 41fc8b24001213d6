"""What an attempt wrote: raw bytes, read on its node, passed on piece by piece.

    GET /jobs/12/log?task=7&stream=stderr&offset=-4096&follow=1
      headers: X-Rota-Attempt, X-Rota-Offset (of the first byte), X-Rota-Size (so far)

Only one piece is on its way at a time: who reads slowly slows nobody but himself.  Who
follows goes on where he was when the agent was away for a moment.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from starlette.responses import Response, StreamingResponse

from rota.core.errors import Unreachable
from rota.core.job import AttemptRef
from rota.server.feed import ENDED
from rota.server.link import LineLost, Link, Piece
from rota.server.parts import Parts
from rota.server.route import Call
from rota.server.routes.listing import attempt_row, job_row, needed_task, task_row
from rota.server.sight import check_read
from rota.wire import api
from rota.wire.agent import PIECE_MAX

ANSWER_S_MAX = 20.0
AWAY_S_MAX = 60.0
LOOK_S = 0.1


async def read_log(parts: Parts, call: Call) -> Response:
    """Read what an attempt wrote, from an offset on; with ``follow`` as it is written."""
    asked: api.LogQuery = call.query
    job = await job_row(parts, call.path["id"], user=call.user)
    check_read(parts.mind.memory.rules, call.user, job, what="output")
    if asked.follow and asked.attempt is None:
        await begun(parts, job, task=needed_task(job, asked.task))
    attempt = await attempt_row(parts, job, task=asked.task, n=asked.attempt)
    reader = Reader(
        parts,
        AttemptRef(job["id"], attempt["task"], attempt["n"]),
        attempt["node"],
        asked.stream,
    )
    offset = asked.offset
    if offset < 0:
        offset = max(0, (await reader.piece(0, size_max=1)).size + offset)
    size_max = PIECE_MAX if asked.limit is None else min(PIECE_MAX, max(1, asked.limit))
    first = await reader.piece(offset, size_max=size_max)
    headers = {
        "X-Rota-Attempt": str(attempt["n"]),
        "X-Rota-Offset": str(first.offset),
        "X-Rota-Size": str(first.size),
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "no-store",
    }
    body = _body(reader, first, offset=offset, asked=asked)
    return StreamingResponse(body, headers=headers, media_type="application/octet-stream")


async def _body(
    reader: Reader, piece: Piece, *, offset: int, asked: api.LogQuery
) -> AsyncIterator[bytes]:
    """Give the pieces from *piece* on: up to the end there is, or that there will be."""
    left = asked.limit
    goal = piece.size
    while True:
        data = piece.data if left is None else piece.data[:left]
        if data:
            yield data
        # Not offset: of an output that outgrew its limit the middle is skipped.
        offset = piece.offset + len(data)
        if left is not None:
            left -= len(data)
            if left <= 0:
                return
        if piece.is_all or (not asked.follow and (offset >= goal or not data)):
            return
        size_max = PIECE_MAX if left is None else min(PIECE_MAX, left)
        if asked.follow:
            piece = await reader.next_piece(offset, size_max=size_max)
        else:
            piece = await reader.piece(offset, size_max=size_max)


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads what one attempt wrote to one stream, wherever that lies."""

    parts: Parts
    attempt: AttemptRef
    node: str
    stream: str

    async def piece(self, offset: int, *, size_max: int) -> Piece:
        """Return the piece at *offset*, as much as there is."""
        reading = self._read(offset, size_max=size_max, follow=False)
        try:
            return await asyncio.wait_for(reading, ANSWER_S_MAX)
        except TimeoutError:
            sentence = f"node {self.node} did not answer within {ANSWER_S_MAX:.0f} s"
            raise Unreachable(sentence) from None

    async def next_piece(self, offset: int, *, size_max: int) -> Piece:
        """Return the piece at *offset* as soon as there is one, or that none will come."""
        try:
            return await self._read(offset, size_max=size_max, follow=True)
        except LineLost:
            for _ in range(int(AWAY_S_MAX / LOOK_S)):
                await asyncio.sleep(LOOK_S)
                is_back = self.parts.gateway.link(self.node) is not None
                if is_back or self.parts.feed.closed:
                    break
            return await self._read(offset, size_max=size_max, follow=True)

    async def _read(self, offset: int, *, size_max: int, follow: bool) -> Piece:
        link = self.parts.gateway.link(self.node)
        kept = self.parts.pools.output_of(self.node, self.attempt, stream=self.stream)
        if link is None and kept is not None:
            read = self.parts.read
            return await read(_kept_piece, kept, offset=offset, size_max=size_max)
        return await self._link().read(
            self.attempt,
            stream=self.stream,
            offset=offset,
            size_max=size_max,
            follow=follow,
        )

    def _link(self) -> Link:
        link = self.parts.gateway.link(self.node)
        if link is None:
            raise Unreachable(
                f"node {self.node} is not connected now; what the job wrote lies there"
            )
        return link


def _kept_piece(path: Path, *, offset: int, size_max: int) -> Piece:
    """Return a piece of what a pilot left behind: all of it is there."""
    with open(path, "rb") as file:
        size = os.fstat(file.fileno()).st_size
        file.seek(offset)
        return Piece(file.read(size_max), offset, size, True)


async def begun(parts: Parts, job: Mapping[str, Any], *, task: int) -> None:
    """Wait until *task* has its first attempt running, or has ended without."""
    waker = parts.feed.watch()
    try:
        while not parts.feed.closed:
            waker.clear()
            row = await task_row(parts, job, task=task)
            state = str(row["state"])
            if state == "running" or state in ENDED:
                return
            await waker.wait()
        raise Unreachable("the server is stopping")
    finally:
        parts.feed.unwatch(waker)
