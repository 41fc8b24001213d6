"""HTTP/1.1 as bytes: a request written, an answer read piece by piece, no socket here.

    encode(call) ──→ bytes            Answer.feed(bytes) ──→ status, headers, body, done
                                      Events.feed(bytes) ──→ [Event(name, data, id), …]

Both clients feed what their socket gave them.  It is written by hand because
``http.client`` alone costs more at start than all of ``rota submit`` may (docs/adr/0008).
"""

from __future__ import annotations

import json

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from rota.client.calls import Call

HEAD_MAX = 65_536
LINE_MAX = 1 << 20


class Garbled(Exception):
    """What came back is not HTTP: something else listens there."""


def encode(call: Call, *, host: str, token: str | None = None) -> bytes:
    """Return *call* as the bytes of a request to *host*."""
    body = b""
    lines = [f"{call.method} {call.target} HTTP/1.1", f"Host: {host}"]
    if token:
        lines.append(f"Authorization: Bearer {token}")
    lines.extend(f"{name}: {value}" for name, value in call.headers.items())
    if call.body is not None:
        body = json.dumps(call.body, separators=(",", ":")).encode()
        lines.append("Content-Type: application/json")
    elif call.data is not None:
        body = call.data
        lines.append("Content-Type: application/octet-stream")
    if call.method != "GET":
        lines.append(f"Content-Length: {len(body)}")
    if any("\n" in line or "\r" in line for line in lines):
        raise ValueError("a header of the request has a newline in it")
    return "\r\n".join([*lines, "", ""]).encode("utf-8", "surrogateescape") + body


class Answer:
    """An answer as it comes in.

    Shapes:
        status:  0 until the head is complete
        headers: {name in lower case: value}
        done:    the whole body has come
        reusable: the connection can take another request afterwards
    """

    def __init__(self) -> None:
        self.status = 0
        self.headers: dict[str, str] = {}
        self.done = False
        self._held = bytearray()
        self._body = bytearray()
        self._left: int | None = None  # bytes of the body, or chunk, still to come
        self._chunked = False

    @property
    def reusable(self) -> bool:
        """Whether the connection is still in step after this answer."""
        sized = self._chunked or "content-length" in self.headers or self.status == 204
        return self.done and sized and self.headers.get("connection") != "close"

    def feed(self, data: bytes) -> None:
        """Take what the socket gave; b"" says that the other side has hung up.

        Raises:
            Garbled: this is no HTTP, or it ended in the middle.
        """
        self._held += data
        while not self.status and self._read_head():
            pass
        if not self.status:
            if not data:
                raise Garbled("the connection ended before an answer came")
            return
        while self._read_body():
            pass
        if not data and not self.done:
            if self._chunked or self._left is not None:
                raise Garbled("the connection ended in the middle of an answer")
            self.done = True

    def take(self) -> bytes:
        """Return what has come of the body since the last time."""
        body = bytes(self._body)
        self._body.clear()
        return body

    def _read_head(self) -> bool:
        end = self._held.find(b"\r\n\r\n")
        if end < 0:
            if len(self._held) > HEAD_MAX or not b"HTTP/1.1 ".startswith(self._held[:9]):
                raise Garbled(f"not HTTP: {bytes(self._held[:40])!r}")
            return False
        first, *rows = self._held[:end].decode("latin-1").split("\r\n")
        del self._held[: end + 4]
        words = first.split(" ", 2)
        if len(words) < 2 or not words[0].startswith("HTTP/1.") or not words[1].isdigit():
            raise Garbled(f"not HTTP: {first[:40]!r}")
        self._head(int(words[1]), rows)
        return True

    def _head(self, status: int, rows: list[str]) -> None:
        if status < 200:
            return  # 100 Continue and its like announce the answer, they are none
        self.status = status
        for row in rows:
            name, _, value = row.partition(":")
            self.headers[name.strip().lower()] = value.strip()
        self._chunked = "chunked" in self.headers.get("transfer-encoding", "").lower()
        length = self.headers.get("content-length")
        if not self._chunked and length is not None:
            if not length.isdigit():
                raise Garbled(f"a length that is no number: {length[:40]!r}")
            self._left = int(length)
        self.done = status == 204 or self._left == 0

    def _read_body(self) -> bool:
        """Move what can be moved from held to body; return whether to look again."""
        if self.done or not self._held:
            return False
        if self._chunked and self._left is None:
            return self._read_chunk_size()
        part = self._held if self._left is None else self._held[: self._left]
        self._body += part
        del self._held[: len(part)]
        if self._left is not None:
            self._left -= len(part)
            if self._left == 0 and not self._chunked:
                self.done = True
            elif self._left == 0:
                return self._read_chunk_end()
        return bool(self._held)

    def _read_chunk_size(self) -> bool:
        line, found, _ = self._held.partition(b"\r\n")
        if not found:
            return False
        try:
            size = int(line.split(b";")[0], 16)
        except ValueError:
            raise Garbled(f"a chunk without a size: {bytes(line[:40])!r}") from None
        if size == 0:
            return self._read_trailer(len(line) + 2)
        del self._held[: len(line) + 2]
        self._left = size
        return True

    def _read_chunk_end(self) -> bool:
        # 0 stays in _left until the line end behind the chunk has come, too.
        if len(self._held) < 2:
            return False
        del self._held[:2]
        self._left = None
        return True

    def _read_trailer(self, start: int) -> bool:
        if self._held[start : start + 2] == b"\r\n":
            del self._held[: start + 2]
            self.done = True
        elif (end := self._held.find(b"\r\n\r\n", start)) >= 0:
            del self._held[: end + 4]
            self.done = True
        return False


class Event:
    """One event of a stream: its name, its data, already read from JSON, and its number."""

    __slots__ = ("data", "id", "name")

    def __init__(self, name: str, data: Any, id: int | None) -> None:
        self.name = name
        self.data = data
        self.id = id


class Events:
    """Server-sent events as they come in."""

    def __init__(self) -> None:
        self._held = b""
        self._fields: dict[str, str] = {}

    def feed(self, data: bytes) -> list[Event]:
        """Take what came; return the events that are complete now.

        Raises:
            Garbled: a line has no end, or an event's data is no JSON.
        """
        *lines, self._held = (self._held + data).split(b"\n")
        if len(self._held) > LINE_MAX:
            raise Garbled("a line of the event stream has no end")
        return [event for line in lines if (event := self._line(line.rstrip(b"\r")))]

    def _line(self, line: bytes) -> Event | None:
        if not line:
            return self._event()
        name, _, value = line.decode("utf-8", "replace").partition(":")
        value = value.removeprefix(" ")
        if name == "data" and "data" in self._fields:
            value = self._fields["data"] + "\n" + value
        if name:  # a line that begins with a colon is a comment: the stream is alive
            self._fields[name] = value
        return None

    def _event(self) -> Event | None:
        fields, self._fields = self._fields, {}
        if "data" not in fields:
            return None
        try:
            data = json.loads(fields["data"])
        except ValueError:
            raise Garbled(f"an event that is no JSON: {fields['data'][:40]!r}") from None
        number = fields.get("id", "")
        seq = int(number) if number.isdigit() else None
        return Event(fields.get("event", "message"), data, seq)
