"""One connection to the server for asyncio: opened when needed, reopened, secured.

    Line.send(call) ──→ Answer, its head read        .read(answer) ──→ more of its body

The twin of ``rota.client.connection``: what is sent and read is the same bytes.
"""

from __future__ import annotations

import asyncio
import os
from typing import TYPE_CHECKING

from rota.client.connection import (
    CONNECT_S,
    FOLLOW_S,
    PATIENCE_S,
    PAUSE_S,
    broke_off,
    is_same,
    nobody_there,
    patient,
)
from rota.client.find import elsewhere, has_others
from rota.client.http1 import Answer, Garbled, encode

if TYPE_CHECKING:
    from rota.client.calls import Call
    from rota.client.find import Address

_PIECE = 65_536
_PATH_MAX = 107


class Line:
    """``connection.Connection`` for asyncio."""

    def __init__(self, address: Address) -> None:
        self.address = self._first = address
        self._silent: Address | None = None
        self._ends: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
        self._answer: Answer | None = None

    async def send(self, call: Call) -> Answer:
        """Send *call* and return its answer as soon as the head is there."""
        if self._answer is not None and not self._answer.done:
            self.close()  # who asked last was cancelled: the next answer would be his
        kept, follows = self._ends is not None, has_others(self._first)
        try:
            return await self._exchange(
                call, PATIENCE_S if follows and call.again else None
            )
        except (OSError, Garbled) as error:
            self.close()
            silent = isinstance(error, TimeoutError)
            self._silent = self.address if silent and follows else None
            if not call.again or (not follows and (not kept or silent)):
                raise broke_off(self.address, error) from None
        try:
            return await self._exchange(call)
        except (OSError, Garbled) as error:
            self.close()
            raise broke_off(self.address, error) from None

    async def read(self, answer: Answer) -> bytes:
        """Return the next piece of the body; b"" when there is no more."""
        try:
            while not (piece := answer.take()) and not answer.done:
                answer.feed(await self._recv())
        except (OSError, Garbled) as error:
            self.close()
            raise broke_off(self.address, error) from None
        if answer.done and not answer.reusable:
            self.close()
        return piece

    async def whole(self, answer: Answer) -> bytes:
        """Return all of the body that is still to come."""
        pieces = []
        while piece := await self.read(answer):
            pieces.append(piece)
        return b"".join(pieces)

    def close(self) -> None:
        """Hang up; the next ``send`` connects again."""
        if self._ends is not None:
            self._ends[1].close()
            self._ends = self._answer = None

    async def _exchange(self, call: Call, patience_s: float | None = None) -> Answer:
        reader, writer = self._ends = await self._ready()
        address = self.address
        answer = self._answer = Answer()
        async with asyncio.timeout(patient(call, patience_s)):
            writer.write(encode(call, host=address.host, token=address.token))
            await writer.drain()
            while not answer.status:
                answer.feed(await reader.read(_PIECE))
        return answer

    async def _recv(self) -> bytes:
        if self._ends is None:
            raise OSError("the connection was closed")
        return await self._ends[0].read(_PIECE)

    async def _ready(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if self._ends is not None and not self._ends[0].at_eof():
            return self._ends
        self.close()
        if self._silent is not None:
            return await self._look_elsewhere(TimeoutError("it does not answer"))
        try:
            return await _connect(self.address)
        except OSError as error:
            return await self._look_elsewhere(error)

    async def _look_elsewhere(
        self, error: OSError
    ) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """Go round all servers there may be, as ``connection.Connection`` does."""
        silent, self._silent = self._silent, None
        places = [self._first, *elsewhere(self._first)]
        running = asyncio.get_running_loop()
        until = running.time() + (FOLLOW_S if has_others(self._first) else 0)
        while True:
            is_late = running.time() >= until
            for place in places:
                if is_same(place, silent) and not is_late:
                    continue
                try:
                    ends = await _connect(place)
                except OSError:
                    continue
                self.address = place
                return ends
            if is_late:
                raise nobody_there(self._first, error) from None
            await asyncio.sleep(PAUSE_S)


async def _connect(address: Address) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    async with asyncio.timeout(CONNECT_S):
        if address.kind == "unix":
            return await _connect_unix(address.where)
        if address.kind == "https":
            return await _connect_secured(address)
        return await asyncio.open_connection(address.where, address.port)


async def _connect_secured(
    address: Address,
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    import ssl

    from rota.client import tls

    secured = tls.context_for(address)
    try:
        ends = await asyncio.open_connection(address.where, address.port, ssl=secured)
    except ssl.SSLError as error:
        raise tls.refused(address, error) from None
    try:
        tls.check(address, ends[1].get_extra_info("ssl_object"))
    except tls.NotTrusted:
        ends[1].close()
        raise
    return ends


async def _connect_unix(path: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    if len(os.fsencode(path)) <= _PATH_MAX:
        return await asyncio.open_unix_connection(path)
    folder = os.open(os.path.dirname(path), os.O_PATH | os.O_DIRECTORY)
    try:
        short = f"/proc/self/fd/{folder}/{os.path.basename(path)}"
        return await asyncio.open_unix_connection(short)
    finally:
        os.close(folder)
