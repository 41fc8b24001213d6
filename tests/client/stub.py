"""A server of bytes for protocol tests: it answers what it is told and notes what came.

with Stub(path, [ANSWER, DROP, …]) as stub: …      one entry for each request, in order
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Sequence
from pathlib import Path

OK = b'HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\n{"jobs": []}'
CLOSE = b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{}"
DROP = b""
"""Hang up without an answer."""


class Stub:
    """See the head of the file; after the last entry the last one is repeated."""

    def __init__(self, path: Path, answers: Sequence[bytes]) -> None:
        self.answers = list(answers)
        self.requests: list[bytes] = []
        self.connections = 0
        self._listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._listening.bind(str(path))
        self._listening.listen()
        self._open: list[socket.socket] = []
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self) -> Stub:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.hang_up()
        self._listening.close()

    def hang_up(self) -> None:
        """End the connections that are open, as a server does with idle ones."""
        while self._open:
            link = self._open.pop()
            link.shutdown(socket.SHUT_RDWR)
            link.close()

    def _serve(self) -> None:
        while True:
            try:
                link, _ = self._listening.accept()
            except OSError:
                return  # closed: the test is over
            self.connections += 1
            self._open.append(link)
            threading.Thread(target=self._talk, args=(link,), daemon=True).start()

    def _talk(self, link: socket.socket) -> None:
        held = b""
        while True:
            try:
                piece = link.recv(65536)
            except OSError:
                return  # hung up by the test
            if not piece:
                return
            held += piece
            while (request := _whole(held)) is not None:
                held = held[len(request) :]
                self.requests.append(request)
                answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
                if answer == DROP:
                    self._open.remove(link)
                    link.close()
                    return
                link.sendall(answer)


def _whole(held: bytes) -> bytes | None:
    head, found, _ = held.partition(b"\r\n\r\n")
    if not found:
        return None
    length = 0
    for row in head.split(b"\r\n"):
        name, _, value = row.partition(b":")
        if name.lower() == b"content-length":
            length = int(value)
    size = len(head) + 4 + length
    return held[:size] if len(held) >= size else None
