"""The line to the server: connect, be welcomed, beat, come back; for ever.

    down ── dial ──▶ open ── hello ──▶ welcomed ── beat, beat, … ──▶ down
      ▲                                                                │
      ╰──────────────── a pause that grows, with some chance in it ◀───╯

Every answered beat renews the leases, counted from when the beat was *sent*: what the
server counts from is later, so a lease never ends later here than there (G07).  With
several servers the next try goes to the next one: see ``servers``.
"""

from __future__ import annotations

import os
from collections import deque
from typing import Any, Callable, Deque, List, Mapping, Optional

from rota.agent.clock import boot_ms, note
from rota.agent.dial import dial
from rota.agent.reactor import Reactor, Timer
from rota.agent.servers import Servers
from rota.agent.websocket import WebSocket
from rota.core.errors import Malformed
from rota.wire import agent as wire

PAUSE_MS_MIN, PAUSE_MS_MAX = 100, 15_000
OPEN_MS_MAX = 15_000
"""So long a server may take to open the line and to say welcome."""

BEATS_MISSED_MAX = 3


class Link:
    """See the head of the file."""

    def __init__(
        self,
        reactor: Reactor,
        *,
        servers: Servers,
        token_file: Optional[str],
        on_open: Callable[[], None],
        on_welcome: Callable[[int], None],
        on_message: Callable[[wire.Message], None],
        on_down: Callable[[], None],
        on_renewed: Callable[[int], None],
        beat: Callable[[], wire.Message],
    ) -> None:
        """Make a link that is down.

        Shapes:
            on_open:    the server is there: send hello
            on_welcome: it wants us; gets boot_ms of our hello
            on_renewed: it still does; gets boot_ms of the beat that was answered
        """
        self._reactor = reactor
        self._servers = servers
        self._token_file = token_file
        self._on_open = on_open
        self._on_welcome = on_welcome
        self._on_message = on_message
        self._on_down = on_down
        self._on_renewed = on_renewed
        self._beat = beat
        self._socket: Optional[WebSocket] = None
        self._timer: Optional[Timer] = None
        self._failures = 0
        self._beat_ms = 0
        self._sent_at: Deque[int] = deque()
        self.is_welcomed = False

    def connect(self) -> None:
        """Try now; on failure again, later and later."""
        try:
            headers = self._headers()
            line = dial(self._servers.current)
        except (OSError, UnicodeDecodeError) as error:
            self._failed(str(error))
            return
        self._socket = WebSocket(
            line,
            self._reactor,
            request=(wire.PATH, headers),
            on_open=self._on_open,
            on_text=self._take,
            on_end=self._down,
        )
        self._wait(OPEN_MS_MAX, lambda: self.drop("no welcome in time"))

    def hurry(self) -> None:
        """Try now, if we wait for the next try: somebody knows that the server is there."""
        if self._socket is None:
            self._failures = 0
            self._wait(0, self.connect)

    def send_hello(self, hello: wire.Message) -> None:
        """Send *hello*; the welcome is counted from now."""
        self._sent_at.clear()
        self._sent_at.append(boot_ms())
        self._send_text(wire.encode([hello]).encode("utf-8", "surrogatepass"))

    def send(self, messages: List[wire.Message]) -> None:
        """Send *messages*, if the server has welcomed us."""
        if self.is_welcomed:
            self._send_text(wire.encode(messages).encode("utf-8", "surrogatepass"))

    def pass_on(self, frame: bytes) -> None:
        """Send *frame*, a list of messages in JSON, as it is, if we are welcome."""
        if self.is_welcomed:
            self._send_text(frame)

    def drop(self, why: str) -> None:
        """Hang up; the link comes back by itself."""
        if self._socket is not None:
            self._socket.close(why)

    def close(self) -> None:
        """Hang up for good."""
        self._on_down = lambda: None
        if self._timer is not None:
            self._timer.cancel()
        socket, self._socket = self._socket, None
        if socket is not None:
            socket.close("the agent ends", 1001)

    def _send_text(self, text: bytes) -> None:
        if self._socket is not None:
            self._socket.send(text)

    def _headers(self) -> Mapping[str, str]:
        if self._token_file is None:
            return {}
        with open(self._token_file, encoding="ascii") as source:
            return {"Authorization": f"Bearer {source.read().strip()}"}

    # ── what the server says ──────────────────────────────────────────────────────────

    def _take(self, text: bytes) -> None:
        try:
            messages, complaints = wire.checked(wire.decode(text), wire.FROM_SERVER)
        except Malformed as bad:
            self.drop(f"bad frame: {bad}")
            return
        for complaint in complaints:
            note(f"the server sent what makes no sense: {complaint}")
        for message in messages:
            kind = message["t"]
            if kind in ("beat", "welcome") and self._is_over(message):
                return
            if kind == "beat":
                self._answered()
            elif kind == "welcome":
                self._welcomed(message)
            elif kind == "refused":
                self._failures = max(self._failures, 6)
                self.drop(f"refused: {message['reason']['text']}")
            elif self.is_welcomed:
                self._on_message(message)

    def _is_over(self, message: Mapping[str, Any]) -> bool:
        """Whether *message* is of a leader that another has followed; then hang up."""
        epoch = message.get("epoch")
        if epoch is None:
            return False  # a server of the release before, which has no standby
        if self._servers.is_old(epoch):
            known = self._servers.epoch
            self.drop(f"its epoch {epoch} is over: we have spoken with {known}")
            return True
        self._servers.learn(epoch, message.get("servers"))
        return False

    def _welcomed(self, message: Mapping[str, Any]) -> None:
        note(f"connected to {self._servers.current}, server {message['server']}")
        self._failures = min(self._failures, 2)
        self._beat_ms = max(100, message["beat_ms"])
        self.is_welcomed = True
        sent_at = self._sent_at.popleft() if self._sent_at else boot_ms()
        self._wait(self._beat_ms, self._beat_now)
        self._on_welcome(sent_at)

    def _answered(self) -> None:
        # Only now: a server that lets us in and throws us out is not to be run down.
        self._failures = 0
        if self._sent_at:
            self._on_renewed(self._sent_at.popleft())

    def _beat_now(self) -> None:
        if len(self._sent_at) >= BEATS_MISSED_MAX:
            self.drop(f"{BEATS_MISSED_MAX} beats were not answered")
            return
        self._sent_at.append(boot_ms())
        self.send([self._beat()])
        self._wait(self._beat_ms, self._beat_now)

    # ── down, and up again ────────────────────────────────────────────────────────────

    def _down(self, why: str) -> None:
        was_welcomed = self.is_welcomed
        self.is_welcomed = False
        self._sent_at.clear()
        if self._socket is None:
            return
        self._socket = None
        if was_welcomed:
            note(f"line to {self._servers.current} is down: {why}")
            self._on_down()
        self._failed(why)

    def _failed(self, why: str) -> None:
        self._failures += 1
        if self._failures in (1, 5) or self._failures % 100 == 0:
            note(f"cannot reach {self._servers.current}: {why}; trying again and again")
        rounds = self._failures // len(self._servers.all)
        self._servers.next()
        longest = min(PAUSE_MS_MAX, PAUSE_MS_MIN * 2 ** min(max(rounds - 1, 0), 10))
        # A thousand agents of one server must not all come back in the same moment.
        self._wait(longest * (256 + os.urandom(1)[0]) // 512, self.connect)

    def _wait(self, millis: int, act: Callable[[], None]) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self._reactor.after(millis, act)
