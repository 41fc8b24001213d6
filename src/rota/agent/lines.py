"""JSON lines over a local socket: how the agent and its shepherds talk.

    agent ── {"t":"attach"} ──▶ shepherd        a line that begins with "{" is for us
          ◀── [{"t":"finished",…},…] ──         one with "[" is a frame for the server,
                                                passed on without being read

Paths of sockets may be longer than the 107 bytes the kernel takes: they are reached
through a descriptor of their folder.
"""

from __future__ import annotations

import json
import os
import socket
from typing import Any, Callable, Mapping, Optional

from rota.agent.reactor import READ, WRITE, Reactor

UNSENT_MAX = 32 << 20
"""Bytes waiting for a reader that does not read; then it is hung up on."""

LINE_MAX = 32 << 20
_PIECE = 1 << 18

_dumps = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


class Lines:
    """One end of a connection; *on_line* gets each line, *on_end* the end, once."""

    def __init__(
        self,
        connection: socket.socket,
        reactor: Reactor,
        *,
        on_line: Callable[["Lines", bytes], None],
        on_end: Callable[["Lines"], None],
    ) -> None:
        connection.setblocking(False)
        self._socket: Optional[socket.socket] = connection
        self._reactor = reactor
        self._on_line = on_line
        self._on_end = on_end
        self._in = b""
        self._out = bytearray()
        reactor.watch(connection.fileno(), self._ready)

    @property
    def is_open(self) -> bool:
        """Can anything still be sent?"""
        return self._socket is not None

    def send(self, message: Mapping[str, Any]) -> None:
        """Send *message* as one line."""
        self.send_text(_dumps(message))

    def send_text(self, text: str) -> None:
        """Send *text*, which holds no line break, as one line."""
        if self._socket is None:
            return
        was_empty = not self._out
        self._out += text.encode("utf-8", "surrogatepass")
        self._out += b"\n"
        if was_empty:
            self._flush()
        elif len(self._out) > UNSENT_MAX:
            self.close()

    def close(self) -> None:
        """Hang up, and tell *on_end*."""
        connection, self._socket = self._socket, None
        if connection is not None:
            self._reactor.unwatch(connection.fileno())
            connection.close()
            self._on_end(self)

    def _ready(self, events: int) -> None:
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
        except OSError:
            piece = b""
        if not piece or len(self._in) > LINE_MAX:
            self.close()
            return
        *lines, self._in = (self._in + piece).split(b"\n")
        for line in lines:
            self._on_line(self, line)

    def _flush(self) -> None:
        if self._socket is None:
            return
        try:
            sent = self._socket.send(self._out)
        except BlockingIOError:
            sent = 0
        except OSError:
            self.close()
            return
        del self._out[:sent]
        events = READ | WRITE if self._out else READ
        self._reactor.watch(self._socket.fileno(), self._ready, events)


def listen(folder: str, name: str = "sock") -> socket.socket:
    """Return a socket that listens at *name* in *folder*; only its owner may connect."""
    path = os.path.join(folder, name)
    if os.path.lexists(path):
        os.unlink(path)
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    at = os.open(folder, os.O_DIRECTORY | os.O_RDONLY)
    try:
        listener.bind(f"/proc/self/fd/{at}/{name}")
        os.chmod(path, 0o600)
        listener.listen(16)
    finally:
        os.close(at)
    listener.setblocking(False)
    return listener


def connect(path: str) -> socket.socket:
    """Return a socket connected to that at *path*.

    Raises:
        OSError: nobody listens there.
    """
    folder, name = os.path.split(os.path.abspath(path))
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        at = os.open(folder, os.O_DIRECTORY | os.O_RDONLY)
        try:
            connection.connect(f"/proc/self/fd/{at}/{name}")
        finally:
            os.close(at)
    except OSError:
        connection.close()
        raise
    return connection
