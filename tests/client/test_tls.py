"""A secured socket as a connection uses it."""

from __future__ import annotations

import _socket as sockets
import socket
import threading
from pathlib import Path

import pytest

from rota.client.find import parse_address
from rota.client.tls import NotTrusted, secure
from rota.core.errors import Malformed
from rota.core.pin import with_pin
from rota.server.tls import own_certificate


def test_an_idle_line_can_be_asked_whether_it_lives(tmp_path: Path) -> None:
    """While the server keeps it: nothing to read; after that: the end."""
    made = own_certificate(tmp_path, hosts=["localhost"], at=1_800_000_000_000)
    ours, theirs = socket.socketpair()
    say, said = threading.Event(), threading.Event()

    def serve() -> None:
        with made.context().wrap_socket(theirs, server_side=True) as line:
            line.sendall(line.recv(10).upper())
            say.wait(20)
        said.set()

    threading.Thread(target=serve).start()
    address = parse_address(with_pin("https://localhost:1", made.pin))
    ours.settimeout(20)
    line = secure(ours, address)
    line.sendall(b"hello")
    assert line.recv(100) == b"HELLO"
    line.settimeout(0)
    with pytest.raises(BlockingIOError):
        line.recv(1, sockets.MSG_PEEK)
    say.set()
    assert said.wait(20)
    assert line.recv(1, sockets.MSG_PEEK) == b""
    line.close()


def test_a_line_to_somebody_else_is_closed(tmp_path: Path) -> None:
    """Before a word of ours is on it."""
    made = own_certificate(tmp_path, hosts=["localhost"], at=1_800_000_000_000)
    ours, theirs = socket.socketpair()
    heard: list[bytes] = []

    def serve() -> None:
        with made.context().wrap_socket(theirs, server_side=True) as line:
            heard.append(line.recv(10))

    serving = threading.Thread(target=serve)
    serving.start()
    with pytest.raises(NotTrusted):
        secure(ours, parse_address(f"https://localhost:1#sha256={'0' * 64}"))
    serving.join(20)
    assert heard == [b""]


def test_a_garbled_fingerprint_is_no_address() -> None:
    """It is not taken for none."""
    with pytest.raises(Malformed, match="is no fingerprint"):
        parse_address("https://box:1#sha256=12")
