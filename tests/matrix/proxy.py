"""A link that can be broken: TCP from here to there, in a thread of its own.

open ──▶ hold (bytes wait)   slow (each piece late)   deaf (one way)   cut (refused)
     ──▶ garble (one byte of the next piece is another)
"""

from __future__ import annotations

import asyncio
import threading
from types import TracebackType
from typing import Self

PIECE = 1 << 16
SLOW_S = 0.05
FLIP = 0x20


class Proxy:
    """``with`` opens it; ``mode`` may be changed at any time, by ``set``."""

    def __init__(self, target: tuple[str, int]) -> None:
        self.target = target
        self.mode = "open"
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._links: set[asyncio.StreamWriter] = set()
        self._changed = asyncio.Event()
        self._server: asyncio.Server | None = None
        self.port = 0

    def __enter__(self) -> Self:
        self._thread.start()
        opened = asyncio.run_coroutine_threadsafe(
            asyncio.start_server(self._accept, "127.0.0.1", 0), self._loop
        )
        self._server = opened.result(10)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:  # fmt: skip
        self.set("cut")
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)

    def set(self, mode: str) -> None:
        """Behave so from now on; "cut" also ends what is open."""
        asyncio.run_coroutine_threadsafe(self._set(mode), self._loop).result(10)

    async def _set(self, mode: str) -> None:
        self.mode = mode
        self._changed.set()
        self._changed = asyncio.Event()
        if mode == "cut":
            for link in list(self._links):
                link.transport.abort()

    async def _close(self) -> None:
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    async def _accept(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self._links.add(writer)
        try:
            if self.mode == "cut":
                writer.transport.abort()
                return
            there = await asyncio.open_connection(*self.target)
            self._links.add(there[1])
            await asyncio.gather(
                self._carry(reader, there[1], "up"), self._carry(there[0], writer, "down")
            )
            self._links.discard(there[1])
        except (OSError, asyncio.CancelledError):
            writer.transport.abort()  # the server is away: as if nobody listened here
        finally:
            self._links.discard(writer)

    async def _carry(
        self, source: asyncio.StreamReader, to: asyncio.StreamWriter, way: str
    ) -> None:
        while piece := await source.read(PIECE):
            while self.mode in ("hold", f"deaf {way}"):
                await self._changed.wait()
            if self.mode == "slow":
                await asyncio.sleep(SLOW_S)
            if self.mode == "garble" and way == "down":
                piece = bytes([piece[0] ^ FLIP, *piece[1:]])
                self.mode = "open"
            to.write(piece)
            await to.drain()
        to.close()
