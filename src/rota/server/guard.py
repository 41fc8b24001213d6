"""What a connection may cost before anybody knows who it is: time, bytes, and numbers.

    connection ──▶ too many from there?  ──▶ cut
        head   ──▶ whole within HEAD_S?  at most HEAD_MAX bytes?  ──▶ cut
        body   ──▶ ``route.read_body``: of bounded size, no piece later than BODY_S

A request that trickles in holds a connection, and that for seconds; who opens more of them
than anybody needs is cut off, and others are served as before (G34).
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from typing import Any, ClassVar

from rota.server.auth import PeerProtocol

log = logging.getLogger("rota.guard")

HEAD_S = 20.0
HEAD_MAX = 128 << 10
FROM_ONE_MAX = 1500
"""Connections from one address, or of one user of this machine."""


class Guarded(PeerProtocol):
    """uvicorn's protocol within these bounds; see the head of the file."""

    open: ClassVar[Counter[str]] = Counter()

    def connection_made(self, transport: Any) -> None:
        """Count who connected, and give the first head its time."""
        super().connection_made(transport)
        self._head = 0
        self._late: asyncio.TimerHandle | None = None
        peer = self.app_state["peer"]
        self._origin = f"uid {peer.uid}" if peer else str((self.client or ("",))[0])
        self.open[self._origin] += 1
        if self.open[self._origin] > FROM_ONE_MAX:
            log.warning("too many connections from %s: this one is cut", self._origin)
            transport.abort()
        else:
            self._expect_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """Count it out."""
        self._let_go()
        super().connection_lost(exc)

    def handle_websocket_upgrade(self) -> None:
        """Count it out: an agent has shown its token by now, or is refused at once."""
        self._let_go()
        super().handle_websocket_upgrade()

    def data_received(self, data: bytes) -> None:
        """Take bytes; a head that does not end is cut off."""
        if self._late is not None:
            self._head += len(data)
        super().data_received(data)
        if self._late is not None and self._head > HEAD_MAX:
            log.warning("the head of a request from %s is too long", self._origin)
            self.transport.abort()

    def on_message_begin(self) -> None:
        """Another head begins."""
        super().on_message_begin()
        self._expect_head()

    def on_headers_complete(self) -> None:
        """The head is there."""
        self._has_head()
        super().on_headers_complete()

    def _expect_head(self) -> None:
        if self._late is None:
            self._head = 0
            self._late = asyncio.get_running_loop().call_later(HEAD_S, self._cut)

    def _has_head(self) -> None:
        if self._late is not None:
            self._late.cancel()
            self._late = None

    def _cut(self) -> None:
        log.warning("a request from %s did not come within %.0f s", self._origin, HEAD_S)
        self.transport.abort()

    def _let_go(self) -> None:
        self._has_head()
        self.open[self._origin] -= 1
        if self.open[self._origin] <= 0:
            del self.open[self._origin]
