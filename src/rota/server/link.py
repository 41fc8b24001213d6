"""One connection to an agent: what is to be sent, what is being read, who reads along.

    queue(message) … flush() ──▶ writer ──▶ one frame of up to FRAME_MAX messages
    read(attempt, offset) ──▶ "read" ──▶ … "data" ──▶ the answer

An agent that does not read in time is hung up on: it comes back and says what it has.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import logging
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from rota.core.errors import Full, Missing, Unreachable
from rota.core.job import AttemptRef, JobSpec
from rota.server import frames
from rota.server.auth import Pass

log = logging.getLogger("rota.gateway")

FRAME_MAX = 2_000
FRAME_BYTES_MAX = 1 << 20
UNSENT_MAX = 200_000
SPECS_MAX = 1_000
READS_MAX = 200
OWNED_MAX = 10_000
SEND_S_MAX = 30.0
GONE = (WebSocketDisconnect, ConnectionError, RuntimeError)


class LineLost(Unreachable):
    """The agent went away while it was asked; it may be back in a moment."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of a log: *size* is how much there is so far, *is_all* that no more comes."""

    data: bytes
    offset: int
    size: int
    is_all: bool


class Link:
    """See the head of the file."""

    def __init__(self, socket: WebSocket, *, session: int, shown: Pass) -> None:
        self.socket = socket
        self.shown = shown
        self.session = session
        self.node = ""
        self.facts: Mapping[str, Any] = {}
        self.beat: frames.BeatIn | None = None
        self.clock_off_ms: int | None = None
        self.beats_owed = 0
        self.is_current = False
        self.is_here = False
        self.servers: list[str] = []
        self.owned: OrderedDict[AttemptRef, None] = OrderedDict()
        self.strangers = 0
        self.closed: str | None = None
        self._code = 1000
        self._last_words: str | None = None
        self._out: list[Mapping[str, Any]] = []
        self._wake = asyncio.Event()
        self._specs: OrderedDict[int, tuple[JobSpec, int]] = OrderedDict()
        self._reads: dict[int, asyncio.Future[Any]] = {}
        self._next_read = 0

    # ── out ───────────────────────────────────────────────────────────────────────────

    def own(self, attempt: AttemptRef) -> None:
        """Note that *attempt* is this node's: it may tell of it a little after its end."""
        self.owned[attempt] = None
        if len(self.owned) > OWNED_MAX:
            self.owned.popitem(last=False)

    def queue(self, message: Mapping[str, Any]) -> None:
        """Take *message* for the next frame."""
        self._out.append(message)

    def flush(self) -> None:
        """Have what is queued sent."""
        if len(self._out) > UNSENT_MAX:
            self.close("it does not read what it is told")
        self._wake.set()

    def close(self, why: str, *, code: int = 1008) -> None:
        """Hang up, saying *why*; what is queued is dropped."""
        if self.closed is None:
            self.closed, self._code = why, code
            self._out.clear()
            self._wake.set()

    def refuse(self, why: str) -> None:
        """Say *why* as a message too, as an agent shows it to people, and hang up."""
        if self.closed is None:
            refusal = {"t": "refused", "reason": {"code": "unhealthy", "text": why}}
            self._last_words, _ = frames.write([refusal], count_max=1, bytes_max=1)
        self.close(why[:100])

    async def write(self) -> None:
        """Send frames until the link closes."""
        try:
            while self.closed is None:
                await self._wake.wait()
                self._wake.clear()
                while self._out and self.closed is None:
                    async with asyncio.timeout(SEND_S_MAX):
                        await self.socket.send_text(self._frame())
        except TimeoutError:
            self.close("it does not read what it is told")
        except GONE as error:
            self.close(f"gone: {error}")
        if self.socket.application_state is WebSocketState.CONNECTED:
            with contextlib.suppress(*GONE):
                if self._last_words is not None:
                    await self.socket.send_text(self._last_words)
                await self.socket.close(self._code, self.closed)

    def _frame(self) -> str:
        text, taken = frames.write(
            self._out, count_max=FRAME_MAX, bytes_max=FRAME_BYTES_MAX
        )
        del self._out[:taken]
        return text

    async def end(self, writer: asyncio.Task[None]) -> None:
        """Let go of everything that waits on this connection."""
        self.close("ended")
        for future in self._reads.values():
            if not future.done():
                future.set_exception(LineLost(f"node {self.node} has just gone away"))
        await writer

    # ── in ────────────────────────────────────────────────────────────────────────────

    async def receive(self) -> list[frames.Message]:
        """Return the messages of the next frame; what makes no sense is logged.

        Raises:
            ValueError: it is no frame at all, or the link was closed on our side.
            WebSocketDisconnect: the agent hung up.
        """
        message = await self.socket.receive()
        if message["type"] == "websocket.disconnect":
            raise WebSocketDisconnect(message.get("code", 1005))
        if self.closed is not None:
            raise ValueError(self.closed)
        text = message.get("text")
        found, bad = frames.Frames.read(message["bytes"] if text is None else text)
        for complaint in bad[:5]:
            log.warning("node %s sent what makes no sense: %s", self.node, complaint)
        return found

    # ── specs ─────────────────────────────────────────────────────────────────────────

    def spec_version(self, job: int, spec: JobSpec) -> tuple[int, bool]:
        """Return the version of *spec* on this connection, and whether it must be sent.

        Only arrays are remembered: a job of one task is rarely told of twice.
        """
        known = self._specs.get(job)
        if known is not None and known[0] is spec:
            self._specs.move_to_end(job)
            return known[1], False
        version = known[1] + 1 if known else 1
        if spec.array is not None:
            self._specs[job] = (spec, version)
            if len(self._specs) > SPECS_MAX:
                self._specs.popitem(last=False)
        return version, True

    # ── reading logs ──────────────────────────────────────────────────────────────────

    async def read(
        self, attempt: AttemptRef, *, stream: str, offset: int, size_max: int, follow: bool
    ) -> Piece:
        """Return a piece of what *attempt* wrote; with *follow* wait until there is one.

        Raises:
            Full: too many read at once;  Missing: the node has no such output;
            LineLost: it went away.
        """
        if len(self._reads) >= READS_MAX:
            raise Full(f"{READS_MAX} logs of node {self.node} are being read already")
        self._next_read += 1
        number = self._next_read
        future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._reads[number] = future
        self.queue(
            {"t": "read", "id": number, "a": list(attempt), "stream": stream,
             "offset": offset, "max": size_max, "follow": follow}
        )  # fmt: skip
        self.flush()
        try:
            data = await future
        except asyncio.CancelledError:
            self.queue({"t": "unread", "id": number})
            self.flush()
            raise
        finally:
            del self._reads[number]
        if data.error is not None:
            raise Missing(f"node {self.node}: {data.error}")
        return Piece(base64.b64decode(data.b64), data.offset, data.size, data.eof)

    async def stage(self, message: Mapping[str, Any]) -> frames.StagedIn:
        """Have *message*, a ``put`` or ``snap``, done, and return what was said of it.

        Raises:
            LineLost: the agent went away; whether it was done is unknown.
        """
        told: frames.StagedIn = await self._answered(message)
        return told

    async def feed(self, attempt: AttemptRef, piece: Mapping[str, Any]) -> frames.FedIn:
        """Have *attempt* read *piece*, and return how much it has of it once there is room.

        Raises:
            LineLost: the agent went away; whether it was taken is unknown.
        """
        message = {**piece, "t": "feed", "a": list(attempt)}
        told: frames.FedIn = await self._answered(message)
        return told

    async def _answered(self, message: Mapping[str, Any]) -> Any:
        """Return what the agent says of *message*, once it does."""
        self._next_read += 1
        number = self._next_read
        future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._reads[number] = future
        self.queue({**message, "id": number})
        self.flush()
        try:
            return await future
        finally:
            del self._reads[number]

    def answer(self, data: frames.DataIn | frames.StagedIn | frames.FedIn) -> None:
        """Hand *data* to whoever asked for it."""
        future = self._reads.get(data.id)
        if future is not None and not future.done():
            future.set_result(data)
