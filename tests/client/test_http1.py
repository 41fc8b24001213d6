"""HTTP as bytes: the same answer however the network cuts it."""

from __future__ import annotations

import json
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rota.client.calls import Call
from rota.client.http1 import Answer, Event, Events, Garbled, encode

SIZED = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX-Rota-Attempt: 2\r\n\r\nhello"
CHUNKED = (
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    b"3\r\nhel\r\n2;ext=1\r\nlo\r\n0\r\nTrailer: x\r\n\r\n"
)
CONTINUED = b"HTTP/1.1 100 Continue\r\n\r\n" + SIZED
STREAM = (
    b': hello\n\nid: 7\nevent: job\ndata: {"id": 12}\n\n'
    b"id: 8\r\ndata: [1,\r\ndata: 2]\r\n\r\nevent: nothing\n\n"
)


def fed(raw: bytes, cuts: list[int]) -> tuple[Answer, bytes]:
    """Feed *raw* in pieces that end at *cuts*."""
    answer, body = Answer(), b""
    edges = sorted({0, len(raw), *(cut % (len(raw) + 1) for cut in cuts)})
    for low, high in pairwise(edges):
        answer.feed(raw[low:high])
        body += answer.take()
    return answer, body


@pytest.mark.parametrize("raw", [SIZED, CHUNKED, CONTINUED])
@given(cuts=st.lists(st.integers(0, 400), max_size=20))
def test_an_answer_is_the_same_however_it_is_cut(raw: bytes, cuts: list[int]) -> None:
    """Pieces of a network have nothing to do with pieces of a message."""
    answer, body = fed(raw, cuts)

    assert (answer.status, body, answer.done, answer.reusable) == (
        200,
        b"hello",
        True,
        True,
    )


def test_headers_are_found_whatever_their_case() -> None:
    """HTTP's header names have no case."""
    answer, _ = fed(SIZED, [])

    assert answer.headers["x-rota-attempt"] == "2"


def test_an_answer_without_a_length_lasts_until_the_end_and_ends_the_connection() -> None:
    """Old servers end a body by hanging up; there is nothing to send after that."""
    answer = Answer()
    answer.feed(b"HTTP/1.1 200 OK\r\n\r\nabc")
    answer.feed(b"")

    assert (answer.take(), answer.done, answer.reusable) == (b"abc", True, False)


def test_no_content_is_over_with_its_head() -> None:
    """204 has no body, not even an empty one."""
    answer, body = fed(b"HTTP/1.1 204 No Content\r\n\r\n", [])

    assert (answer.done, body) == (True, b"")


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"SSH-2.0-OpenSSH_9.2\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhel",
        b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nnot hex\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhe",
        b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 20_000,
        b"HTTP/1.1 abc\r\n\r\n",
    ],
)
def test_what_is_no_http_or_breaks_off_is_garbled(raw: bytes) -> None:
    """Something else listening there, or dying in the middle, is told, not guessed at."""
    answer = Answer()
    with pytest.raises(Garbled):
        answer.feed(raw)
        answer.feed(b"")


@given(st.binary(max_size=200))
def test_no_bytes_make_it_crash(raw: bytes) -> None:
    """Whatever comes, it is an answer or it is garbled."""
    answer = Answer()
    try:
        answer.feed(raw)
        answer.feed(b"")
    except Garbled as error:
        assert str(error)
    else:
        assert answer.status


def test_a_request_says_host_token_and_length() -> None:
    """A request is complete in one piece."""
    call = Call("POST", "/jobs", body={"a": "ö"}, headers={"Idempotency-Key": "k"})
    raw = encode(call, host="localhost:1", token="secret")
    head, _, body = raw.partition(b"\r\n\r\n")

    assert head.split(b"\r\n") == [
        b"POST /api/v1/jobs HTTP/1.1",
        b"Host: localhost:1",
        b"Authorization: Bearer secret",
        b"Idempotency-Key: k",
        b"Content-Type: application/json",
        b"Content-Length: %d" % len(body),
    ]
    assert json.loads(body) == {"a": "ö"}


def test_a_newline_in_a_header_is_not_sent() -> None:
    """A key must not be able to add headers of its own (G32)."""
    call = Call("POST", "/jobs", body={}, headers={"Idempotency-Key": "k\r\nHost: evil"})

    with pytest.raises(ValueError, match="newline"):
        encode(call, host="localhost")


@given(cuts=st.lists(st.integers(0, len(STREAM)), max_size=20))
def test_events_are_the_same_however_they_are_cut(cuts: list[int]) -> None:
    """Comments, several data lines, both line ends; an event without data is none."""
    stream, found = Events(), []
    edges = sorted({0, len(STREAM), *cuts})
    for low, high in pairwise(edges):
        found += stream.feed(STREAM[low:high])

    told = [(event.name, event.data, event.id) for event in found]
    assert told == [("job", {"id": 12}, 7), ("message", [1, 2], 8)]


@pytest.mark.parametrize("raw", [b"data: {\n\n", b"x" * (1 << 21)])
def test_a_stream_that_is_none_is_garbled(raw: bytes) -> None:
    """Data that is no JSON, a line without an end."""
    with pytest.raises(Garbled):
        Events().feed(raw)


def test_an_event_without_a_number_has_none() -> None:
    """Only the server's own numbers are something to resume from."""
    [event] = Events().feed(b"id: x\ndata: 1\n\n")

    assert isinstance(event, Event)
    assert event.id is None
