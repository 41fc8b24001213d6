"""``POST /jobs/ID/send``, with an agent played by the test."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.server.running import Node, Server

PIECE = {"sender": "0123456789", "data": "aGk=", "offset": 5}


@pytest.fixture
def node(server: Server) -> Iterator[Node]:
    """A node of the test's server."""
    found = Node(server)
    yield found
    found.close()


def running(server: Server, node: Node, **keys: Any) -> list[int]:
    """Return an attempt that runs."""
    job = server.submit(**keys)
    (a,) = node.runs(1)
    node.starts(a)
    server.until(job, "running")
    return a


def test_a_piece_goes_to_the_node_as_it_is(server: Server, node: Node) -> None:
    """What the node says of it is the answer."""
    a = running(server, node, stdin="open")
    with ThreadPoolExecutor(1) as pool:
        told = pool.submit(server.call, "POST", f"/jobs/{a[0]}/send", PIECE)
        asked = node.hear("feed")
        assert (asked["a"], asked["b64"], asked["offset"]) == (a, "aGk=", 5)
        node.say({"t": "fed", "id": asked["id"], "at": 7})
        assert told.result(20) == (200, {"attempt": 1, "at": 7})


def test_why_a_node_does_not_take_it(server: Server, node: Node) -> None:
    """A conflict with what the job is, said to whoever sent."""
    a = running(server, node, stdin="open")
    with ThreadPoolExecutor(1) as pool:
        told = pool.submit(server.call, "POST", f"/jobs/{a[0]}/send", PIECE)
        node.say({"t": "fed", "id": node.hear("feed")["id"], "error": "it is closed"})
        status, answer = told.result(20)
    assert status == 409
    assert "it is closed" in str(answer)


def test_who_does_not_read_is_not_asked(server: Server, node: Node) -> None:
    """And who does not run yet neither, unless it is waited for."""
    a = running(server, node)
    status, answer = server.call("POST", f"/jobs/{a[0]}/send", PIECE)
    assert (status, "--stdin open" in str(answer)) == (409, True)
    typed = server.submit(terminal="24x80", hold=True)
    status, answer = server.call("POST", f"/jobs/{typed}/send", PIECE)
    assert (status, "rota attach" in str(answer)) == (409, True)
    waiting = server.submit(stdin="open", hold=True)
    status, answer = server.call("POST", f"/jobs/{waiting}/send", PIECE)
    assert (status, "it is held" in str(answer)) == (409, True)


def test_a_piece_is_bounded(server: Server) -> None:
    """A request is no way to have the server hold much."""
    piece = {**PIECE, "data": "aGk=" * 40_000}
    assert server.call("POST", "/jobs/1/send", piece)[0] == 400
