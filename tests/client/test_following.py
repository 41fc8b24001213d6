"""Clients find the next leader: where one is gone, and where one hangs.

About rota.client.connection and rota.client.stream.
"""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from rota.client import connection
from rota.client.calls import info
from rota.client.connection import Connection
from rota.client.find import find
from rota.client.stream import Line

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"


class Place:
    """A socket at which nobody, somebody or somebody who hangs is found."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.asked = 0
        self._socket = socket.socket(socket.AF_UNIX)

    def listen(self) -> None:
        """Take connections, and let them wait."""
        self._socket.bind(str(self.path))
        self._socket.listen()

    def answer(self) -> None:
        """Answer whoever asks."""
        self.listen()
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                line, _ = self._socket.accept()
            except OSError:
                return
            while line.recv(65_536):
                self.asked += 1
                line.sendall(ANSWER)

    def close(self) -> None:
        """Be gone."""
        self._socket.close()
        self.path.unlink(missing_ok=True)


@pytest.fixture
def places(tmp_path: Path) -> Iterator[tuple[Place, Place]]:
    """Two places where a server may be."""
    found = Place(tmp_path / "a"), Place(tmp_path / "b")
    yield found
    for place in found:
        place.close()


def line_to(places: tuple[Place, Place]) -> Connection:
    """Return the connection of a client that knows both."""
    return Connection(find(",".join(f"unix:{place.path}" for place in places), env={}))


def test_where_nobody_is_the_next_is_asked(places: tuple[Place, Place]) -> None:
    """And asked again from then on."""
    places[1].answer()
    line = line_to(places)

    assert [line.send(info()).status for _ in range(2)] == [200, 200]
    assert str(line.address) == f"unix:{places[1].path}"


def test_one_that_hangs_is_left(
    places: tuple[Place, Place], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The kernel takes connections for it still; patience ends where there are others."""
    monkeypatch.setattr(connection, "PATIENCE_S", 0.1)
    places[0].listen()
    places[1].answer()

    assert line_to(places).send(info()).status == 200
    assert places[1].asked == 1


def test_nobody_leads_yet_is_waited_for(places: tuple[Place, Place]) -> None:
    """Who takes over needs a moment."""
    waker = threading.Timer(0.5, places[1].answer)
    waker.start()

    assert line_to(places).send(info()).status == 200
    waker.join()


def test_a_single_server_that_is_gone_is_told_at_once(
    places: tuple[Place, Place], monkeypatch: pytest.MonkeyPatch
) -> None:
    """There is nobody to wait for."""
    monkeypatch.setattr(connection, "PAUSE_S", 3600)
    line = Connection(find(f"unix:{places[0].path}", env={}))

    with pytest.raises(Exception, match="no server at unix:"):
        line.send(info())


def test_the_same_for_asyncio(
    places: tuple[Place, Place], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Hanging, and gone."""
    monkeypatch.setattr("rota.client.stream.PATIENCE_S", 0.1)
    places[0].listen()
    places[1].answer()

    async def ask() -> list[int]:
        address = find(",".join(f"unix:{place.path}" for place in places), env={})
        line = Line(address)
        first = (await line.send(info())).status
        line.close()
        places[0].close()
        again = (await Line(address).send(info())).status
        return [first, again]

    assert asyncio.run(ask()) == [200, 200]
