"""What a connection may cost before anybody knows who it is."""

from __future__ import annotations

import asyncio
import os
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import pytest

from rota.server import guard, route
from rota.server.listen import Front
from tests.server.running import Server


async def echo(scope: Any, receive: Any, send: Any) -> None:
    """Answer 200."""
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"here"})


def exchange(path: str, sent: bytes) -> bytes:
    """Send *sent*, and return all that comes until the other end hangs up."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as link:
        link.settimeout(20)
        link.connect(path)
        found = b""
        # Who is cut off may still be sending, or have something to read.
        with suppress(ConnectionResetError, BrokenPipeError):
            link.sendall(sent)
            while piece := link.recv(65_536):
                found += piece
        return found


def served(tmp_path: Any, *requests: bytes) -> list[bytes]:
    """Return what each of *requests* is answered, sent at once by so many clients."""

    async def run() -> list[bytes]:
        front, path = Front(echo), str(tmp_path / str(len(requests)))
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listening:
            listening.bind(path)
            listening.listen()
            listening.setblocking(False)
            await front.open(listening)
            asking = [asyncio.to_thread(exchange, path, one) for one in requests]
            found = await asyncio.wait_for(asyncio.gather(*asking), 20)
            await front.close()
            return list(found)

    return asyncio.run(run())


WHOLE = b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"


def test_g34_a_head_that_trickles_in_is_cut_off(
    tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also the second one on a connection; others are answered meanwhile."""
    monkeypatch.setattr(guard, "HEAD_S", 0.3)
    again = WHOLE.replace(b"close", b"keep-alive") + b"GET / HTTP/1.1\r\nHo"
    slowly = b"GET / HTTP/1.1\r\nHo"
    silent, slow, second, whole = served(tmp_path, b"", slowly, again, WHOLE)
    assert (silent, slow) == (b"", b"")
    assert whole.startswith(b"HTTP/1.1 200 OK")
    assert second.count(b"200 OK") == 1


def test_g34_a_head_without_end_is_cut_off(tmp_path: Any) -> None:
    """It fills no memory."""
    long = b"GET / HTTP/1.1\r\n" + b"".join(b"X-%d: y\r\n" % n for n in range(200_000))
    assert served(tmp_path, long) == [b""]


def test_g34_nobody_gets_all_the_connections(
    tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of one origin so many are served at a time, and later ones again."""
    monkeypatch.setattr(guard, "FROM_ONE_MAX", 3)
    monkeypatch.setattr(guard, "HEAD_S", 0.5)
    answers = served(tmp_path, *[b"GET"] * 3, b"GET")
    assert answers == [b""] * 4
    assert b"here" in served(tmp_path, WHOLE)[0]
    assert f"uid {os.getuid()}" not in guard.Guarded.open


def test_g34_a_body_that_stops_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """The next piece has its time, however large the whole is."""
    monkeypatch.setattr(route, "BODY_S", 0.05)

    class Stuck:
        """A request of which one piece has come."""

        async def stream(self) -> Any:
            yield b"{"
            await asyncio.Event().wait()

    async def read() -> None:
        async for piece in route.in_time(Stuck()):  # type: ignore[arg-type]
            assert piece == b"{"

    with pytest.raises(Exception, match="nothing of the body came"):
        asyncio.run(read())


@contextmanager
def idlers(server: Server, count: int, begin: bytes) -> Iterator[None]:
    """While so many connections have sent *begin* and nothing more."""
    links = []
    for _ in range(count):
        link = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        link.connect(str(server.home / "rota.sock"))
        link.sendall(begin)
        links.append(link)
    yield
    for link in links:
        link.close()


def test_g34_hundreds_of_slow_requests_hold_nobody_up(shared: Server) -> None:
    """They cost a socket each and no more."""
    with idlers(shared, 300, b"POST /api/v1/jobs HTTP/1.1\r\nContent-Length: 9\r\n\r\n{"):
        for _ in range(20):
            began = time.monotonic()
            assert shared.call("GET", "/jobs")[0] == 200
            assert time.monotonic() - began < 10
