"""Reading outputs over the wire: pieces, following, ends, and what is not there."""

from __future__ import annotations

import base64
import itertools
import os
from typing import Any

from rota.wire import agent as wire
from tests.agent.server import Node, until

jobs = itertools.count(1000)
requests = itertools.count(1)


def ask(node: Node, job: int, **more: Any) -> int:
    """Send a ``read`` and return its id."""
    number = next(requests)
    node.server.tell({"t": "read", "id": number, "a": [job, 0, 1], "stream": "stdout",
                      "offset": 0, "max": 1 << 20, "follow": False, **more})  # fmt: skip
    return number


def answer(node: Node, number: int) -> dict[str, Any]:
    """Return the answer to a ``read``, its bytes as ``bytes``."""
    found = node.server.until(
        lambda told: [m for m in told if m["t"] == "data" and m["id"] == number], "data"
    )
    return {**found[0], "bytes": base64.b64decode(found[0]["b64"])}


def test_the_whole_of_a_finished_job(shared: Node) -> None:
    """One piece, its size, and that it is all."""
    job = next(jobs)
    shared.run(job, command="echo out; echo err >&2")
    shared.finished(job)
    data = answer(shared, ask(shared, job))
    assert (data["bytes"], data["size"]) == (b"out\n", 4)
    assert (data["eof"], data["error"]) == (True, None)
    assert answer(shared, ask(shared, job, stream="stderr"))["bytes"] == b"err\n"
    data = answer(shared, ask(shared, job, offset=2, follow=True))
    assert (data["bytes"], data["offset"], data["eof"]) == (b"t\n", 2, True)
    data = answer(shared, ask(shared, job, offset=99))
    assert (data["bytes"], data["eof"]) == (b"", True)


def test_large_output_comes_in_pieces(shared: Node) -> None:
    """No piece is larger than agreed, and together they are the file."""
    job = next(jobs)
    shared.run(job, command="head -c 700000 /dev/urandom")
    shared.finished(job)
    got, eof = b"", False
    while not eof:
        data = answer(shared, ask(shared, job, offset=len(got), max=1 << 30))
        assert len(data["bytes"]) <= wire.PIECE_MAX
        got, eof = got + data["bytes"], data["eof"]
    assert got == (shared.home / f"out/{job}/0.1.out").read_bytes()


def test_follow_answers_when_there_is_more(shared: Node) -> None:
    """Nothing is answered before, each line soon after it is written, and the end."""
    job = next(jobs)
    fifo = shared.folder / f"fifo.{job}"
    os.mkfifo(fifo)
    shared.run(job, command=f"while read -r line; do echo $line; done < {fifo}")
    first = ask(shared, job, follow=True)
    with open(fifo, "w") as pen:
        shared.wait("started", job)
        assert not [m for m in shared.server.told if m["t"] == "data" and m["id"] == first]
        pen.write("one\n")
        pen.flush()
        data = answer(shared, first)
        assert (data["bytes"], data["eof"]) == (b"one\n", False)
        second = ask(shared, job, offset=4, follow=True)
        pen.write("two\n")
        pen.flush()
        assert answer(shared, second)["bytes"] == b"two\n"
        last = ask(shared, job, offset=8, follow=True)
    data = answer(shared, last)
    assert (data["bytes"], data["eof"]) == (b"", True)


def test_follow_of_what_has_not_started(shared: Node) -> None:
    """A task that waits in its strip is waited for."""
    job = next(jobs)
    shared.run(job, [[1, 1, None], [0, 1, None]], command="sleep 0.2; echo {task}")
    data = answer(shared, ask(shared, job, follow=True))
    assert data["bytes"] == b"0\n"


def test_running_without_follow(shared: Node) -> None:
    """What is there now, and that it is not all."""
    job = next(jobs)
    shared.run(job, command="echo now; sleep 600")
    until(lambda: shared.wrote(job) == "now\n", "now")
    data = answer(shared, ask(shared, job))
    assert (data["bytes"], data["eof"]) == (b"now\n", False)
    shared.kill(job, grace_ms=0)
    shared.finished(job)


def test_what_is_not_there(shared: Node) -> None:
    """A sentence with the path, and an end."""
    data = answer(shared, ask(shared, 999_999, follow=True))
    assert data["eof"] and "999999" in data["error"]


def test_unread_is_never_answered(shared: Node) -> None:
    """Who has gone gets nothing; others do."""
    job = next(jobs)
    shared.run(job, command="sleep 0.3; echo x")
    gone, here = ask(shared, job, follow=True), ask(shared, job, follow=True)
    shared.server.tell({"t": "unread", "id": gone})
    assert answer(shared, here)["bytes"] == b"x\n"
    shared.finished(job)
    assert not [m for m in shared.server.told if m["t"] == "data" and m["id"] == gone]


def test_outputs_named_by_the_job(shared: Node) -> None:
    """They are found through the link in our own place, even a device."""
    job = next(jobs)
    shared.run(job, command="echo there", output="there.txt", error="/dev/null")
    shared.finished(job)
    assert answer(shared, ask(shared, job))["bytes"] == b"there\n"
    data = answer(shared, ask(shared, job, stream="stderr"))
    assert data["bytes"] == b"" and data["eof"]


def test_g23_outputs_outlive_everything(own: Node) -> None:
    """Forgotten by the shepherd, read by a new agent."""
    own.run(1, command="echo kept")
    own.finished(1)
    own.kill_agent()
    own.start()
    assert answer(own, ask(own, 1))["bytes"] == b"kept\n"
