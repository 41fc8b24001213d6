"""Sending input: what was not taken is sent again, and another attempt is noticed."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from rota.client.calls import Call
from rota.client.filing import FileVerbs
from rota.client.sending import PIECE_MAX, Restarted, Sender
from rota.core.errors import Unreachable


class Reader(FileVerbs):
    """What a node does with pieces; *room* bytes at a time, and sometimes it is away."""

    def __init__(self, *, room: int = 1 << 30, away: int = 0) -> None:
        self.read = b""
        self.ended = False
        self.attempt = 1
        self._room = room
        self._away = away

    def ask(self, call: Call) -> dict[str, Any]:
        body = call.body
        assert isinstance(body, dict)
        if self._away:
            self._away -= 1
            raise Unreachable("away")
        if body["offset"] <= len(self.read):
            data = base64.b64decode(body["data"])[len(self.read) - body["offset"] :]
            self.read += data[: self._room]
            self.ended = self.ended or body["end"]
        return {"attempt": self.attempt, "at": len(self.read)}


def test_every_byte_in_order() -> None:
    """In pieces, however little is taken at a time."""
    data = bytes(range(256)) * 1000
    reader = Reader(room=PIECE_MAX // 3)
    assert Sender(reader, 1).send(data) == 1
    assert (reader.read, reader.ended) == (data, False)
    assert Sender(reader, 1).ready() == 1


def test_the_end_is_sent_with_the_last_piece() -> None:
    """Or alone."""
    reader = Reader()
    Sender(reader, 1).send(b"x", end=True)
    alone = Reader()
    Sender(alone, 1).send(b"", end=True)
    assert reader.ended and alone.ended


def test_who_is_away_for_a_moment_is_asked_again() -> None:
    """But not for ever."""
    reader = Reader(away=1)
    Sender(reader, 1).send(b"x")
    assert reader.read == b"x"
    with pytest.raises(Unreachable):
        Sender(Reader(away=2), 1, away_s=0).send(b"x")


def test_another_attempt_has_read_nothing() -> None:
    """Only the caller knows whether it can begin again."""
    reader = Reader()
    sender = Sender(reader, 1)
    sender.send(b"abc")
    reader.read, reader.attempt = b"", 2
    with pytest.raises(Restarted):
        sender.send(b"def")
    sender.begin()
    assert sender.send(b"abcdef") == 2
    assert reader.read == b"abcdef"
