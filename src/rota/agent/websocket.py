"""A WebSocket client (RFC 6455), as much of it as an agent needs.

    WebSocket(…) ─ connect ─ GET … Upgrade ─ 101 ─▶ on_open ─ frames ─▶ on_text
                                  ╰─ anything else ─▶ on_end(why)

Text messages both ways, whole or in fragments; ping is answered, close is answered and
given.  What we send is masked, as a client must.  No extensions.  A secured line is sealed
and opened between the frames and the socket, so nothing else knows of it.
"""

from __future__ import annotations

import base64
import os
import socket
import struct
from typing import Callable, List, Mapping, Optional, Tuple

from rota.agent.dial import Line
from rota.agent.reactor import READ, WRITE, Reactor

try:
    # hashlib brings all of OpenSSL along: 3 MB on every node for one handshake.
    from _sha1 import sha1  # type: ignore[import-not-found]
except ImportError:
    from hashlib import sha1

MESSAGE_MAX = 64 << 20
UNSENT_MAX = 64 << 20
"""Bytes waiting for a server that does not read; then the connection is given up."""

_MAGIC = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
_HEAD_MAX = 64 << 10
_PIECE = 1 << 18
_CONTINUATION, _TEXT, _BINARY, _CLOSE, _PING, _PONG = 0, 1, 2, 8, 9, 10
_PROTOCOL_ERROR, _TOO_BIG = 1002, 1009


class BadAnswer(Exception):
    """The other side does not speak WebSocket, or not with us; the text says why."""


class WebSocket:
    """One connection, from the first packet to the last; *on_end* is called once."""

    def __init__(
        self,
        line: Line,
        reactor: Reactor,
        *,
        request: Tuple[str, Mapping[str, str]],
        on_open: Callable[[], None],
        on_text: Callable[[bytes], None],
        on_end: Callable[[str], None],
    ) -> None:
        """Ask for an upgrade on *line*, which is connected or about to be.

        Shapes:
            request: (path, further headers)
        """
        self._socket: Optional[socket.socket] = line.socket
        self._tls = line.tls
        self._reactor = reactor
        self._on_open = on_open
        self._on_text = on_text
        self._on_end = on_end
        self._key = base64.b64encode(os.urandom(16))
        self._in = bytearray()
        self._out = bytearray()
        self._parts: List[bytes] = []
        self.is_open = False
        self._put(_upgrade(line.host, request, self._key))
        reactor.watch(line.socket.fileno(), self._ready, READ | WRITE)

    def send(self, text: bytes) -> None:
        """Send *text* as one message."""
        self._send_frame(_TEXT, text)

    def close(self, why: str, code: int = 1000) -> None:
        """Say good-bye and hang up; *on_end* is told *why*."""
        if self._socket is None:
            return
        if self.is_open:
            self._send_frame(_CLOSE, struct.pack("!H", code) + why.encode()[:100])
        self._drop(why)

    def _drop(self, why: str) -> None:
        connection, self._socket = self._socket, None
        self.is_open = False
        if connection is not None:
            self._reactor.unwatch(connection.fileno())
            connection.close()
            self._on_end(why)

    # ── bytes ─────────────────────────────────────────────────────────────────────────

    def _ready(self, events: int) -> None:
        if self._socket is None:
            return
        if events & WRITE:
            self._flush()
        if events & ~WRITE:
            self._read()

    def _read(self) -> None:
        if self._socket is None:
            return
        try:
            piece = self._socket.recv(_PIECE)
        except BlockingIOError:
            return
        except OSError as error:
            self._drop(error.strerror or str(error))
            return
        if not piece:
            self._drop("the server has hung up")
            return
        try:
            self._in += piece if self._tls is None else self._opened(piece)
            self._understand()
        except BadAnswer as bad:
            self.close(str(bad), _PROTOCOL_ERROR)

    def _opened(self, piece: bytes) -> bytes:
        """Return what the sealed *piece* says; what the handshake answers goes out."""
        from rota.agent.tls import Untrusted

        assert self._tls is not None
        try:
            plain = self._tls.open(piece)
        except Untrusted as error:
            raise BadAnswer(str(error)) from None
        answer = self._tls.take()
        if answer:
            self._out += answer
            self._flush()
        return plain

    def _put(self, plain: bytes) -> None:
        self._out += plain if self._tls is None else self._tls.seal(plain)

    def _understand(self) -> None:
        if not self.is_open and not self._take_answer():
            return
        while self._socket is not None and self._take_frame():
            continue

    def _flush(self) -> None:
        if self._socket is None:
            return
        try:
            sent = self._socket.send(self._out) if self._out else 0
        except BlockingIOError:
            sent = 0
        except OSError as error:
            self._drop(error.strerror or str(error))
            return
        del self._out[:sent]
        events = READ | WRITE if self._out else READ
        self._reactor.watch(self._socket.fileno(), self._ready, events)

    # ── the upgrade ───────────────────────────────────────────────────────────────────

    def _take_answer(self) -> bool:
        end = self._in.find(b"\r\n\r\n")
        if end < 0:
            if len(self._in) > _HEAD_MAX:
                raise BadAnswer("its answer has no end")
            return False
        head, body = bytes(self._in[:end]), bytes(self._in[end + 4 : end + 204])
        status, _, rest = head.partition(b"\r\n")
        if b" 101 " not in status + b" ":
            raise BadAnswer(f"{_shown(status)}: {_shown(body)}")
        headers = {}
        for line in rest.split(b"\r\n"):
            name, _, value = line.partition(b":")
            headers[name.strip().lower()] = value.strip()
        digest = sha1(self._key + _MAGIC).digest()
        if headers.get(b"sec-websocket-accept") != base64.b64encode(digest):
            raise BadAnswer("its answer is not to our question")
        del self._in[: end + 4]
        self.is_open = True
        self._on_open()
        return True

    # ── frames ────────────────────────────────────────────────────────────────────────

    def _take_frame(self) -> bool:
        """Take one frame out of what was read; return whether there was a whole one."""
        found = _frame(self._in)
        if found is None:
            return False
        is_last, kind, payload = found
        if kind >= _CLOSE:
            self._take_control(kind, payload)
            return True
        if (kind == _CONTINUATION) != bool(self._parts):
            raise BadAnswer("a fragment without a beginning, or a beginning inside one")
        self._parts.append(payload)
        if sum(map(len, self._parts)) > MESSAGE_MAX:
            raise BadAnswer("a message longer than any of ours")
        if is_last:
            text = b"".join(self._parts)
            self._parts = []
            self._on_text(text)
        return True

    def _take_control(self, kind: int, payload: bytes) -> None:
        if kind == _PING:
            self._send_frame(_PONG, payload)
        elif kind == _CLOSE:
            self._send_frame(_CLOSE, payload[:2])
            self._drop(f"the server closed: {_shown(payload[2:]) or 'no reason given'}")

    def _send_frame(self, kind: int, payload: bytes) -> None:
        if self._socket is None:
            return
        was_empty = not self._out
        self._put(_masked_frame(kind, payload))
        if was_empty:
            self._flush()
        elif len(self._out) > UNSENT_MAX:
            self._drop("the server does not read")


def _upgrade(host: str, request: Tuple[str, Mapping[str, str]], key: bytes) -> bytes:
    path, headers = request
    lines = [
        f"GET {path} HTTP/1.1",
        f"Host: {host}",
        "Upgrade: websocket",
        "Connection: Upgrade",
        f"Sec-WebSocket-Key: {key.decode()}",
        "Sec-WebSocket-Version: 13",
        *(f"{name}: {value}" for name, value in headers.items()),
    ]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1", "replace")


def _frame(data: bytearray) -> Optional[Tuple[bool, int, bytes]]:
    """Take the first frame out of *data*: (is it the last fragment, kind, payload)."""
    if len(data) < 2:
        return None
    first, second = data[0], data[1]
    if first & 0x70 or second & 0x80:
        raise BadAnswer("a frame with bits nobody agreed on")
    size, start = second & 0x7F, 2
    if size >= 126:
        width = 2 if size == 126 else 8
        if len(data) < 2 + width:
            return None
        size, start = int.from_bytes(data[2 : 2 + width], "big"), 2 + width
    if size > MESSAGE_MAX:
        raise BadAnswer("a frame longer than any of ours")
    if len(data) < start + size:
        return None
    payload = bytes(data[start : start + size])
    del data[: start + size]
    return bool(first & 0x80), first & 0x0F, payload


def _masked_frame(kind: int, payload: bytes) -> bytes:
    size = len(payload)
    if size < 126:
        head = struct.pack("!BB", 0x80 | kind, 0x80 | size)
    elif size < 65536:
        head = struct.pack("!BBH", 0x80 | kind, 0xFE, size)
    else:
        head = struct.pack("!BBQ", 0x80 | kind, 0xFF, size)
    key = os.urandom(4)
    return head + key + masked(payload, key)


def masked(payload: bytes, key: bytes) -> bytes:
    """Return *payload* with each byte xored with *key*'s, which has four."""
    size = len(payload)
    pattern = (key * (size // 4 + 1))[:size]
    mixed = int.from_bytes(payload, "little") ^ int.from_bytes(pattern, "little")
    return mixed.to_bytes(size, "little")


def _shown(text: bytes) -> str:
    shown = text.decode("utf-8", "replace").strip()
    return "".join(c if c.isprintable() else " " for c in shown)[:200]
