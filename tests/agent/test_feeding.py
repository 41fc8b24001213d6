"""Input of running attempts: every byte once, bounded, and it outlives the agent."""

from __future__ import annotations

import base64
import os
from collections.abc import Iterator
from typing import Any

import pytest

from rota.agent.feeding import CLOSED, HELD_MAX, NOT_HERE, UNREAD, Feeds
from rota.agent.reactor import Reactor
from tests.agent.server import Node

REF = (1, 0, 1)
PIPE_MAX = 64 << 10
"""Bytes that the pipe itself holds."""


class Fed:
    """One open feed, its reading end, and what was answered."""

    def __init__(self, reactor: Reactor) -> None:
        self.reactor = reactor
        self.feeds = Feeds(reactor)
        self.reads = self.feeds.open(REF)
        self.answers: list[Any] = []

    def take(self, data: bytes, *, offset: int = 0, sender: str = "a", **more: Any) -> Any:
        """Take a piece; return the last answer there is."""
        text = base64.b64encode(data).decode()
        message = {"sender": sender, "offset": offset, "b64": text, **more}
        self.feeds.take(REF, message, self.answers.append)
        return self.answers[-1] if self.answers else None

    def read(self, size: int) -> bytes:
        """Read *size* bytes, turning the loop as they come."""
        found = b""
        while len(found) < size:
            found += os.read(self.reads, size - len(found))
            self.reactor.post(lambda: None)
            self.reactor.turn()
        return found


@pytest.fixture
def fed() -> Iterator[Fed]:
    """An open feed."""
    reactor = Reactor()
    one = Fed(reactor)
    yield one
    one.feeds.close(REF)
    reactor.close()


def test_what_is_sent_twice_is_read_once(fed: Fed) -> None:
    """A sender whose answer was lost sends again."""
    assert fed.take(b"abc") == {"at": 3}
    assert fed.take(b"abcde") == {"at": 5}
    assert fed.take(b"de", offset=3) == {"at": 5}
    assert fed.take(b"X", sender="b") == {"at": 1}
    assert fed.read(6) == b"abcdeX"


def test_a_sender_that_is_ahead_hears_where_it_is(fed: Fed) -> None:
    """It spoke to an attempt before this one: nothing is taken."""
    assert fed.take(b"late", offset=100) == {"at": 0}
    fed.take(b"now", sender="b")
    assert fed.read(3) == b"now"


def test_the_end_comes_after_all_that_was_held(fed: Fed) -> None:
    """And comes once; more is refused."""
    size = PIPE_MAX * 2
    fed.take(b"x" * size, end=True)
    assert fed.take(b"x" * size, end=True) == {"at": size}
    assert fed.take(b"y", offset=size) == {"error": CLOSED}
    assert fed.read(size) == b"x" * size
    assert os.read(fed.reads, 1) == b""


def test_who_sends_more_than_is_read_waits(fed: Fed) -> None:
    """What is held here is bounded; the answer comes when there is room."""
    size = HELD_MAX + PIPE_MAX
    assert fed.take(b"x" * size) == {"at": size}
    fed.answers.clear()
    assert fed.take(b"yz", offset=size) is None
    assert fed.take(b"yz", offset=size) is None
    assert fed.read(size + 2) == b"x" * size + b"yz"
    assert fed.answers == [{"at": size + 2}]


def test_a_job_that_has_closed_its_input_is_not_written_to(fed: Fed) -> None:
    """Who sends is told."""
    os.close(fed.reads)
    fed.take(b"x")
    assert fed.take(b"y", offset=1) == {"error": UNREAD}
    fed.reads = fed.feeds.open(REF)


def test_nobody_is_fed_who_is_not_there(fed: Fed) -> None:
    """Those who wait for room hear of the end as well."""
    fed.take(b"x" * (HELD_MAX + PIPE_MAX))
    fed.answers.clear()
    fed.take(b"y", offset=HELD_MAX + PIPE_MAX)
    fed.feeds.close(REF)
    assert fed.answers == [{"error": NOT_HERE}]
    assert fed.take(b"z") == {"error": NOT_HERE}


def test_what_is_no_base64_is_refused(fed: Fed) -> None:
    """The rest of the feed is not harmed."""
    message = {"sender": "a", "offset": 0, "b64": "?"}
    fed.feeds.take(REF, message, fed.answers.append)
    assert "base64" in fed.answers[-1]["error"]
    assert fed.take(b"ok") == {"at": 2}


def _feed(node: Node, job: int, data: bytes, *, offset: int, number: int) -> Any:
    text = base64.b64encode(data).decode()
    node.server.tell(
        {"t": "feed", "id": number, "a": [job, 0, 1], "sender": "somebody",
         "offset": offset, "b64": text, "end": False}
    )  # fmt: skip
    return node.server.until(
        lambda told: [m for m in told if m["t"] == "fed" and m["id"] == number], "fed"
    )[0]


def test_the_agent_may_be_killed_in_between(own: Node) -> None:
    """The shepherd holds the pipe: nothing is lost, and the end is not taken for one."""
    job = next(own.jobs)
    own.run(job, stdin="open", command="read a; read b; echo $a $b")
    own.wait("started", job)
    assert _feed(own, job, b"one\n", offset=0, number=1)["at"] == 4
    own.kill_agent()
    own.start()
    # The answer to the first might have been lost: it is sent again, and read once.
    assert _feed(own, job, b"one\ntwo\n", offset=0, number=2)["at"] == 8
    assert own.finished(job)["reason"]["code"] == "ok"
    assert own.output(job) == "one two\n"
    assert _feed(own, job, b"x", offset=8, number=3)["error"] == NOT_HERE


def test_children_do_not_hold_the_pipe(shared: Node) -> None:
    """Another attempt that starts meanwhile has no end of it."""
    job, other = next(shared.jobs), next(shared.jobs)
    shared.run(job, stdin="open", command="exec cat")
    shared.wait("started", job)
    shared.run(other, argv=["ls", "-l", "/proc/self/fd"])
    shared.finished(other)
    assert "pipe" not in shared.output(other)
    shared.kill(job, grace_ms=0)
    shared.finished(job)
