"""The WebSocket client against a real server library, and against raw bytes."""

from __future__ import annotations

import base64
import hashlib
import socket
import struct
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from websockets.sync.server import Server, ServerConnection, serve

from rota.agent.dial import check, dial
from rota.agent.reactor import Reactor
from rota.agent.websocket import MESSAGE_MAX, WebSocket, masked


class Client:
    """A WebSocket and what happened to it."""

    def __init__(self, url: str, headers: dict[str, str] | None = None) -> None:
        self.reactor = Reactor()
        self.texts: list[bytes] = []
        self.ends: list[str] = []
        self.opened: list[int] = []
        line = dial(url)
        self.socket = WebSocket(
            line,
            self.reactor,
            request=("/x", headers or {}),
            on_open=lambda: self.opened.append(1),
            on_text=self.texts.append,
            on_end=self.ends.append,
        )

    def until(self, seen: list[Any], count: int = 1) -> None:
        """Turn until *seen* has *count* entries."""
        late: list[int] = []
        timer = self.reactor.after(10_000, lambda: late.append(1))
        while len(seen) < count:
            self.reactor.turn()
            assert not late, f"never came; ended: {self.ends}"
        timer.cancel()

    def close(self) -> None:
        """Let go of everything."""
        self.socket.close("over")
        self.reactor.close()


@pytest.fixture
def echo() -> Iterator[Server]:
    """A server of the library that sends back what it gets, in the way it is asked to."""

    def serve_one(line: ServerConnection) -> None:
        for text in line:
            if text == "fragments":
                line.send(iter(["one ", "", "two ", "three"]))
            elif text == "ping":
                line.ping("are you there").wait(10)
                line.send("pong came")
            elif text == "close":
                line.close(4001, "go away")
            else:
                line.send(text)

    server = serve(serve_one, "127.0.0.1", 0, max_size=None)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    thread.join(10)


@pytest.fixture
def client(echo: Server) -> Iterator[Client]:
    """A client connected to the echo."""
    host, port = echo.socket.getsockname()[:2]
    one = Client(f"http://{host}:{port}")
    one.until(one.opened)
    yield one
    one.close()


@pytest.mark.parametrize("size", [0, 1, 125, 126, 127, 65535, 65536, 3_000_000])
def test_every_length_there_and_back(client: Client, size: int) -> None:
    """All three ways to write a length, both ways, whole."""
    text = (b"abcdefg" * (size // 7 + 1))[:size]
    client.socket.send(text)
    client.until(client.texts)
    assert client.texts == [text]


def test_many_in_order(client: Client) -> None:
    """Frames that arrive together or in pieces come out one by one."""
    for number in range(500):
        client.socket.send(str(number).encode() * 50)
    client.until(client.texts, 500)
    assert client.texts == [str(number).encode() * 50 for number in range(500)]


def test_fragments_and_ping(client: Client) -> None:
    """Fragments become one message; a ping is answered."""
    client.socket.send(b"fragments")
    client.until(client.texts)
    client.socket.send(b"ping")
    client.until(client.texts, 2)
    assert client.texts == [b"one two three", b"pong came"]


def test_close_says_why(client: Client) -> None:
    """The server's reason reaches who listens, once."""
    client.socket.send(b"close")
    client.until(client.ends)
    assert client.ends == ["the server closed: go away"]


@given(st.binary(max_size=300), st.binary(min_size=4, max_size=4))
def test_masking_twice_is_nothing(payload: bytes, key: bytes) -> None:
    """The mask is an exclusive or, byte by byte."""
    mixed = masked(payload, key)
    assert mixed == bytes(b ^ key[i % 4] for i, b in enumerate(payload))
    assert masked(mixed, key) == payload


# ── who does not keep to the protocol ─────────────────────────────────────────────────


def raw_server(answer: Any) -> tuple[str, threading.Thread]:
    """Return the url of a server that accepts once and does *answer*(socket, request)."""
    listener = socket.create_server(("127.0.0.1", 0))

    def run() -> None:
        line, _ = listener.accept()
        with line, listener:
            request = b""
            while b"\r\n\r\n" not in request:
                request += line.recv(4096)
            answer(line, request)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    host, port = listener.getsockname()
    return f"http://{host}:{port}", thread


def accepted(request: bytes) -> bytes:
    """Return the right answer to *request*."""
    key = next(
        line.split(b": ")[1] for line in request.split(b"\r\n") if b"WebSocket-Key" in line
    )
    digest = hashlib.sha1(key + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11").digest()
    accept = base64.b64encode(digest).decode()
    return (
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Sec-WebSocket-Accept: {accept}\r\n\r\n"
    ).encode()


def ended_by(answer: Any, **headers: str) -> str:
    """Return why a client ended whose server does *answer*."""
    url, thread = raw_server(answer)
    client = Client(url, headers)
    client.until(client.ends)
    client.close()
    thread.join(10)
    return client.ends[0]


def test_a_refusal_is_shown() -> None:
    """Status and sentence of a server that does not want us, without its escape codes."""
    why = ended_by(
        lambda line, _: line.sendall(
            b"HTTP/1.1 401 Unauthorized\r\n\r\nwrong \x1b[31mtoken"
        )
    )
    assert why == "HTTP/1.1 401 Unauthorized: wrong  [31mtoken"


def test_the_token_is_sent() -> None:
    """Headers reach the server."""
    seen: list[bytes] = []
    ended_by(lambda _, request: seen.append(request), Authorization="Bearer secret")
    assert b"\r\nAuthorization: Bearer secret\r\n" in seen[0]


@pytest.mark.parametrize(
    ("frames", "why"),
    [
        (b"", "hung up"),
        (b"\xf1\x00", "bits nobody agreed on"),
        (b"\x81\x80", "bits nobody agreed on"),
        (b"\x80\x01x", "fragment without a beginning"),
        (b"\x01\x01x\x81\x01y", "a beginning inside one"),
        (b"\x81\x7f" + struct.pack("!Q", MESSAGE_MAX + 1), "longer than any of ours"),
    ],
)
def test_bad_frames_end_the_connection(frames: bytes, why: str) -> None:
    """Whatever comes, the client says why and lets go."""
    assert why in ended_by(lambda line, request: line.sendall(accepted(request) + frames))


@given(st.binary(max_size=60))
def test_no_bytes_break_the_client(junk: bytes) -> None:
    """Any bytes after the upgrade end well: understood, or refused with a reason."""
    why = ended_by(lambda line, request: line.sendall(accepted(request) + junk))
    assert why


def test_an_answer_to_another_question() -> None:
    """A cache in between is found out by the key."""
    why = ended_by(
        lambda line, _: line.sendall(
            b"HTTP/1.1 101 Switching\r\nSec-WebSocket-Accept: x\r\n\r\n"
        )
    )
    assert why == "its answer is not to our question"


@pytest.mark.parametrize(
    "url",
    ["", "unix:", "unix:x", "http://", "http://h", "ftp://h:1", "http://h:0", "https://h",
     "http://h:99999", "https://h:1#sha256=12"],
)  # fmt: skip
def test_addresses_that_are_none(url: str) -> None:
    """The sentence says what is allowed."""
    with pytest.raises(
        ValueError, match=r"neither unix:/path nor http://host:port|no fingerprint"
    ):
        check(url)


def test_nobody_there(tmp_path: Any) -> None:
    """A closed port ends with the kernel's word; so does a missing socket."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    client = Client(f"http://127.0.0.1:{port}")
    client.until(client.ends)
    assert client.ends[0] == "Connection refused"
    client.close()
    with pytest.raises(FileNotFoundError):
        dial(f"unix:{tmp_path}/nothing")
