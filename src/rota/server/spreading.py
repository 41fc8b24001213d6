"""The door of ``rota spread``: its token, its frames, and who follows its ranks.

connect ─ token ─▶ begin ─▶ Session … signal, signal ─▶ closed
                                        ╰─▶ wrote, wrote, ended, one task a rank
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Mapping
from typing import Any

from starlette.websockets import WebSocket, WebSocketDisconnect

from rota.core.errors import Malformed, RotaError
from rota.engine.live import Alloc
from rota.server import frames
from rota.server.auth import bearer
from rota.server.link import GONE
from rota.server.steps import Rank, Send, Steps
from rota.wire import steps as wire
from rota.wire.agent import checked, decode

log = logging.getLogger("rota.steps")

BEGIN_S_MAX = 15.0
DONE = 1000
"""What a WebSocket closes with that has all it wants."""


async def serve(steps: Steps, socket: WebSocket) -> None:
    """Be the other end of one ``rota spread`` until it hangs up.

    Raises:
        NotIdentified: its token is not for an allocation that is there.
    """
    alloc = steps.alloc_of(bearer(dict(socket.scope["headers"])))
    await socket.accept()
    session = Session(steps, socket)
    is_done = False
    try:
        async with asyncio.timeout(BEGIN_S_MAX):
            first = await socket.receive_text()
        await session.begin(alloc, _read(first))
        while True:
            for message in _read(await socket.receive_text()):
                if message["t"] == "signal":
                    session.signal(message["signal"])
    except WebSocketDisconnect as gone:
        is_done = gone.code == DONE
    except RotaError as error:
        log.warning("rota spread of job %d: %s", alloc.job.id, error.sentence)
        await session.send(wire.refused(error.sentence))
        await socket.close()
    except (TimeoutError, *GONE) as error:
        log.warning("rota spread of job %d went away: %s", alloc.job.id, error)
    finally:
        await session.end(is_done=is_done)


def _read(text: str) -> list[Mapping[str, Any]]:
    messages, complaints = checked(decode(text), wire.FROM_SPREAD)
    if complaints:
        raise Malformed("; ".join(str(complaint) for complaint in complaints[:3]))
    return list(messages)


class Session:
    """One connection of ``rota spread``, and the ranks it waits for."""

    def __init__(self, steps: Steps, socket: WebSocket) -> None:
        self._steps = steps
        self._socket = socket
        self._ranks: dict[int, Rank] = {}
        self._tasks: list[asyncio.Task[None]] = []
        self._line = asyncio.Lock()

    async def begin(self, alloc: Alloc, messages: list[Mapping[str, Any]]) -> None:
        """Start, or go on with, the ranks that the first of *messages* asks for.

        Raises:
            Malformed, Full, Missing: it cannot be done.
        """
        first: Mapping[str, Any] = messages[0] if messages else {"t": ""}
        if first["t"] != "begin":
            raise Malformed("rota spread begins with begin")
        for row, rank in self._steps.begin(alloc, first):
            await self.send(wire.placed(row.rank))
            self._follow(row.rank, rank, out=row.out, err=row.err)

    def _follow(self, number: int, rank: Rank, *, out: int, err: int) -> None:
        """Tell what *rank* writes from bytes *out* and *err* on, and how it ends."""
        self._steps.claim(rank, is_waited_for=True)
        self._ranks[number] = rank
        told = self._tell(number, rank, out=out, err=err)
        self._tasks.append(asyncio.create_task(told, name="spread.rank"))

    async def send(self, message: Mapping[str, Any]) -> None:
        """Send *message*, after those before it."""
        async with self._line:
            text, _ = frames.write([message], count_max=1, bytes_max=1)
            await self._socket.send_text(text)

    def signal(self, name: str) -> None:
        """Send all ranks a signal."""
        for rank in self._ranks.values():
            self._steps.signal(rank, name)

    async def end(self, *, is_done: bool) -> None:
        """The connection is over; *is_done*: it has heard all it wants to hear."""
        for task in self._tasks:
            task.cancel()
        for task in self._tasks:
            with contextlib.suppress(asyncio.CancelledError, RuntimeError, OSError):
                await task
        for rank in self._ranks.values():
            self._steps.claim(rank, is_waited_for=False)
            if is_done and rank.over.is_set():
                self._steps.drop(rank)

    async def _tell(self, number: int, rank: Rank, *, out: int, err: int) -> None:
        def sends(is_err: bool) -> Send:
            return lambda b64: self.send(wire.wrote(number, err=is_err, b64=b64))

        await asyncio.gather(
            self._steps.pump(rank, "stdout", out, send=sends(False)),
            self._steps.pump(rank, "stderr", err, send=sends(True)),
        )
        await rank.over.wait()
        await self.send(_end_of(number, rank))


def _end_of(number: int, rank: Rank) -> dict[str, Any]:
    told = rank.ended
    if told is None:
        why = f"node {rank.node} does not know of it any more"
        return wire.ended(number, exit=None, sig=None, why=why)
    if isinstance(told, frames.DeclinedIn):
        return wire.ended(number, exit=None, sig=None, why=told.reason.text)
    return wire.ended(number, exit=told.exit, sig=told.sig, why=told.reason.text)
