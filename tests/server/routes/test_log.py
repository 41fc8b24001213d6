"""Reading what jobs wrote, over the agent's line, with an agent played by the test."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPResponse
from typing import Any

import pytest

from tests.server.running import Node, Server, until


@pytest.fixture
def node(server: Server) -> Iterator[Node]:
    """A node of the test's server."""
    found = Node(server)
    yield found
    found.close()


def running(server: Server, node: Node) -> list[int]:
    """Return an attempt that runs."""
    job = server.submit()
    (a,) = node.runs(1)
    node.starts(a)
    server.until(job, "running")
    return a


def get(server: Server, path: str) -> tuple[int, bytes, Any]:
    """Read a log to its end."""
    return server.raw("GET", f"/api/v1{path}")


def test_a_log_comes_raw_with_its_place_in_headers(server: Server, node: Node) -> None:
    """To the byte, whatever the bytes are."""
    a = running(server, node)
    text = bytes(range(256)) * 10
    with ThreadPoolExecutor(1) as pool:
        told = pool.submit(get, server, f"/jobs/{a[0]}/log?stream=stderr&offset=6")
        asked = node.serve(text, is_over=False)
        status, body, headers = told.result(20)
    assert (asked["a"], asked["stream"], asked["follow"]) == (a, "stderr", False)
    assert (status, body) == (200, text[6:])
    assert headers["content-type"] == "application/octet-stream"
    assert [headers[f"x-rota-{k}"] for k in ("attempt", "offset", "size")] == [
        "1",
        "6",
        "2560",
    ]


def test_a_long_log_comes_in_bounded_pieces(server: Server, node: Node) -> None:
    """The server never holds more than one of them."""
    a = running(server, node)
    text = b"line of output\n" * 40_000
    with ThreadPoolExecutor(1) as pool:
        told = pool.submit(get, server, f"/jobs/{a[0]}/log")
        for _ in range(3):
            assert node.serve(text, is_over=True)["max"] <= 256 << 10
        assert told.result(20)[1] == text


def test_the_last_bytes_and_no_more_than_asked_for(server: Server, node: Node) -> None:
    """A negative offset counts from the end."""
    a = running(server, node)
    with ThreadPoolExecutor(1) as pool:
        told = pool.submit(get, server, f"/jobs/{a[0]}/log?offset=-5&limit=3")
        node.serve(b"0123456789", is_over=True)
        node.serve(b"0123456789", is_over=True)
        _, body, headers = told.result(20)
    assert (body, headers["x-rota-offset"]) == (b"567", "5")


def test_following_goes_on_until_the_attempt_is_over(server: Server, node: Node) -> None:
    """Each piece as soon as it is there."""
    a = running(server, node)
    link = server.open()
    link.request("GET", f"/api/v1/jobs/{a[0]}/log?follow=1")
    node.serve(b"one\n", is_over=False)
    answer: HTTPResponse = link.getresponse()
    assert answer.readline() == b"one\n"
    asked = node.serve(b"one\ntwo\n", is_over=False)
    assert (asked["offset"], asked["follow"]) == (4, True)
    assert answer.readline() == b"two\n"
    node.serve(b"one\ntwo\n", is_over=True)
    assert answer.read() == b""


def test_following_a_job_that_waits_begins_when_it_does(server: Server) -> None:
    """``log -f`` right after ``submit``."""
    job = server.submit()
    link = server.open()
    link.request("GET", f"/api/v1/jobs/{job}/log?follow=1")
    node = Node(server)
    (a,) = node.runs(1)
    node.starts(a)
    node.serve(b"hello", is_over=True)
    assert link.getresponse().read() == b"hello"


def test_following_goes_on_when_the_agent_was_away_for_a_moment(
    server: Server, node: Node
) -> None:
    """Where it was: no byte is lost, none comes twice."""
    a = running(server, node)
    link = server.open()
    link.request("GET", f"/api/v1/jobs/{a[0]}/log?follow=1")
    node.serve(b"one\n", is_over=False)
    answer = link.getresponse()
    assert answer.readline() == b"one\n"
    node.hear("read")
    node.close()
    back = Node(server, holds=[[*a, "running", 5]])
    assert back.serve(b"one\ntwo\n", is_over=True)["offset"] == 4
    assert answer.read() == b"two\n"


def test_who_hangs_up_is_not_read_for_any_more(server: Server, node: Node) -> None:
    """The agent is told, so that nothing waits for nobody."""
    a = running(server, node)
    with socket.socket(socket.AF_UNIX) as line:
        line.connect(str(server.home / "rota.sock"))
        line.sendall(f"GET /api/v1/jobs/{a[0]}/log?follow=1 HTTP/1.1\r\n\r\n".encode())
        node.serve(b"x", is_over=False)
        asked = node.hear("read")
    assert node.hear("unread")["id"] == asked["id"]


def test_a_log_on_a_node_that_is_away_says_where_it_lies(
    server: Server, node: Node
) -> None:
    """503: ask again when it is back."""
    a = running(server, node)
    node.close()
    until(lambda: server.job(a[0])["flags"])
    status, body, _ = get(server, f"/jobs/{a[0]}/log")
    assert status == 503
    assert "node n1 is not connected" in json.loads(body)["error"]


def test_a_node_that_goes_away_while_it_is_read(server: Server, node: Node) -> None:
    """The reader is told at once, not after a timeout."""
    a = running(server, node)
    with ThreadPoolExecutor(1) as pool:
        told = pool.submit(get, server, f"/jobs/{a[0]}/log")
        node.hear("read")
        node.close()
        assert told.result(20)[0] == 503


def test_what_the_agent_cannot_read_is_told(server: Server, node: Node) -> None:
    """In its words."""
    a = running(server, node)
    with ThreadPoolExecutor(1) as pool:
        told = pool.submit(get, server, f"/jobs/{a[0]}/log")
        asked = node.hear("read")
        node.say(
            {"t": "data", "id": asked["id"], "offset": 0, "size": 0, "b64": "", "eof": True,
             "error": "its output file is gone"}
        )  # fmt: skip
        status, body, _ = told.result(20)
    assert (status, "its output file is gone" in body.decode()) == (404, True)


@pytest.mark.parametrize(
    ("query", "status", "words"),
    [
        ("", 404, "has not started yet"),
        ("?attempt=3", 404, "has no attempt 3"),
        ("?stream=both", 400, "stream"),
        ("?task=9", 404, "has no task 9"),
    ],
)
def test_a_log_that_is_not_there(
    server: Server, query: str, status: int, words: str
) -> None:
    """Says what is missing."""
    job = server.submit(held=True)
    got, body, _ = get(server, f"/jobs/{job}/log{query}")
    assert (got, words in body.decode()) == (status, True)
