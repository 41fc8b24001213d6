"""The event stream over HTTP: resume without gaps or doubles, summaries, bounds."""

from __future__ import annotations

import json
from typing import Any

from tests.server.running import Events, Node, Server


def ask(server: Server, verb: str, job: int) -> None:
    """Ask for a verb that must succeed."""
    server.good("POST", f"/jobs/{verb}", {"targets": [str(job)]})


def take(stream: Events, count: int) -> list[dict[str, Any]]:
    """Return the next *count* events."""
    rows = iter(stream)
    return [next(rows) for _ in range(count)]


def test_every_line_in_order_from_now_on(shared: Server) -> None:
    """As history has it, numbered."""
    stream = shared.events("")
    job = shared.submit()
    ask(shared, "hold", job)
    lines = take(stream, 2)
    stream.close()
    assert [line["event"] for line in lines] == ["moved", "moved"]
    assert lines[1]["id"] == lines[0]["id"] + 1
    history = shared.good("GET", f"/jobs/{job}/history")["history"]
    assert [line["data"] for line in lines] == history[:2]


def test_it_resumes_where_it_was(shared: Server) -> None:
    """By ``Last-Event-ID`` or ``since``: nothing lost, nothing twice."""
    since = shared.good("GET", "/jobs")["seq"]
    jobs = [shared.submit() for _ in range(5)]
    first = shared.events(f"since={since}")
    got = take(first, 2)
    first.close()
    again = shared.events("", {"Last-Event-ID": str(got[-1]["id"])})
    got += take(again, 3)
    again.close()
    assert [line["data"]["job"] for line in got] == jobs


def test_it_resumes_across_a_restart_of_the_server(server: Server) -> None:
    """The numbers are the store's."""
    job = server.submit()
    server.stop(9)
    server.start()
    ask(server, "hold", job)
    stream = server.events("since=0")
    assert [line["data"]["move"] for line in take(stream, 2)] == ["submit", "hold"]
    stream.close()


def test_long_ago_comes_from_the_store(server: Server) -> None:
    """More lines than memory keeps, all of them and in order."""
    count = 9000
    jobs = [{"argv": ["true"], "cwd": "/"}] * count
    server.good("POST", "/jobs", {"jobs": jobs})
    stream = server.events("since=0")
    lines = take(stream, count)
    stream.close()
    assert [line["id"] for line in lines] == list(range(1, count + 1))


def test_only_the_jobs_asked_for(shared: Server) -> None:
    """Others are passed over."""
    one, other = shared.submit(), shared.submit()
    stream = shared.events(f"jobs={one}")
    ask(shared, "hold", other)
    ask(shared, "hold", one)
    assert take(stream, 1)[0]["data"]["job"] == one
    stream.close()


def test_summaries_begin_with_the_present(shared: Server) -> None:
    """Who waits for a job needs no second question."""
    job = shared.submit(held=True)
    stream = shared.events(f"level=job&jobs={job}")
    (first,) = take(stream, 1)
    assert first["event"] == "job"
    assert first["data"]["state"] == "held"
    assert first["data"]["counts"] == {"held": 1}
    ask(shared, "kill", job)
    assert take(stream, 1)[0]["data"]["state"] == "cancelled"
    stream.close()


def test_summaries_of_a_busy_array_are_few_and_the_last_is_final(server: Server) -> None:
    """At most ten a second while it runs, and the end at once."""
    node = Node(server, cores=2)
    job = server.submit(array="0-1999")
    stream = server.events(f"level=job&jobs={job}")
    ended = 0
    while ended < 2000:
        attempts = node.runs(1)
        node.ends(*attempts)
        ended += len(attempts)
    rows = []
    for row in stream:
        rows.append(row)
        if row["data"]["state"] == "done":
            break
    stream.close()
    assert rows[-1]["data"]["counts"] == {"done": 2000}
    assert len(rows) < 200
    assert [row["id"] for row in rows] == sorted(row["id"] for row in rows)


def test_resuming_summaries_tells_all_that_changed_since(server: Server) -> None:
    """The number of an event promises that all before it was told."""
    jobs = [server.submit(held=True) for _ in range(3)]
    stream = server.events("level=job&since=0")
    got = take(stream, 3)
    stream.close()
    assert {row["data"]["id"] for row in got} == set(jobs)
    for job in jobs:
        ask(server, "kill", job)
    stream = server.events(f"level=job&since={got[0]['id']}")
    states = {row["data"]["id"]: row["data"]["state"] for row in take(stream, 3)}
    stream.close()
    assert states == dict.fromkeys(jobs, "cancelled")


def test_g22_a_reader_that_sleeps_holds_nobody_up(server: Server) -> None:
    """It has no queue of its own: it reads on later, from where it was."""
    sleeper = server.events("since=0")
    jobs = [{"argv": ["true"], "cwd": "/", "info": "x" * 500}] * 1000
    for _ in range(30):
        server.good("POST", "/jobs", {"jobs": jobs})
    lines = take(sleeper, 30_000)
    sleeper.close()
    assert [line["id"] for line in lines] == list(range(1, 30_001))


def test_bad_questions_are_refused_before_the_stream_begins(shared: Server) -> None:
    """With a status, as everything else."""
    for query, headers, status in (
        ("level=all", {}, 400),
        ("jobs=424242", {}, 404),
        ("", {"Last-Event-ID": "x"}, 400),
    ):
        got, body, _ = shared.raw("GET", f"/api/v1/events?{query}", headers=headers)
        assert got == status, json.loads(body)
