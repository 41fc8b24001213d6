"""Submitting: all or none, once for each key, refused with every complaint."""

from __future__ import annotations

import json
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.server.running import Server

TRUE = {"argv": ["true"], "cwd": "/"}


def test_many_jobs_are_one_request_and_one_answer(shared: Server) -> None:
    """In order, with how many tasks each has."""
    jobs = [{**TRUE, "name": "a"}, {**TRUE, "array": "1-7"}]
    told = shared.good("POST", "/jobs", {"jobs": jobs})["jobs"]
    assert [(j["name"], j["tasks"], j["existing"]) for j in told] == [
        ("a", 1, False),
        ("true", 7, False),
    ]
    assert told[1]["id"] == told[0]["id"] + 1


def test_g35_one_bad_job_refuses_all_with_every_complaint(shared: Server) -> None:
    """Nothing is taken, and nothing has to be found out one by one."""
    before = shared.good("GET", "/jobs")
    bad = [TRUE, {**TRUE, "memroy": "1GB", "cores": 0}, {"cwd": "/"}]
    status, told = shared.call("POST", "/jobs", {"jobs": bad})
    fields = {c["field"] for c in told["complaints"]}
    assert status == 400
    assert {"jobs[1].memroy", "jobs[1].cores"} <= fields
    assert any(f.startswith("jobs[2]") for f in fields)
    assert "did you mean `memory`" in json.dumps(told["complaints"])
    assert shared.good("GET", "/jobs") == before


def test_what_no_node_could_run_is_refused_with_the_nearest(server: Server) -> None:
    """Impossible is not unavailable."""
    from tests.server.running import Node, until

    Node(server, cores=2)
    until(lambda: server.good("GET", "/nodes")["nodes"])
    status, told = server.call("POST", "/jobs", {"jobs": [{**TRUE, "cores": 3}]})
    assert status == 400
    assert "2" in told["complaints"][0]["problem"] + told["complaints"][0]["remedy"]


@pytest.mark.parametrize("count", [1, 3])
def test_the_same_idempotency_key_gives_the_same_jobs(shared: Server, count: int) -> None:
    """A client may repeat what it is not sure about (G02)."""
    body = {"jobs": [TRUE] * count}
    headers = {"Idempotency-Key": f"once-{count}"}
    first = shared.call("POST", "/jobs", body, headers)[1]["jobs"]
    again = shared.call("POST", "/jobs", body, headers)[1]["jobs"]
    assert [j["id"] for j in again] == [j["id"] for j in first]
    assert [j["existing"] for j in again] == [True] * count


def test_a_key_is_good_after_the_job_ended_and_after_a_restart(server: Server) -> None:
    """The store remembers it for ever."""
    job = server.submit(key="nightly")
    server.good("POST", "/jobs/kill", {"targets": [str(job)]})
    assert server.job(job)["state"] == "cancelled"
    assert server.submit(key="nightly") == job
    server.stop(9)
    server.start()
    assert server.submit(key="nightly") == job


def test_the_same_key_from_many_at_once_makes_one_job(shared: Server) -> None:
    """Races are decided in one place."""

    def once(_: int) -> int:
        return shared.submit(key="race")

    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(once, range(24)))) == 1


@pytest.mark.parametrize("key", ["", "x" * 201, "tab\there"])
def test_a_key_that_is_none_is_refused(shared: Server, key: str) -> None:
    """Short and printable, or it will be mistyped one day."""
    status, told = shared.call("POST", "/jobs", {"jobs": [TRUE]}, {"Idempotency-Key": key})
    assert (status, told["complaints"][0]["field"]) == (400, "Idempotency-Key")


def test_a_dry_run_shows_every_value_and_where_it_is_from(shared: Server) -> None:
    """And does nothing."""
    seq = shared.good("GET", "")["seq"]
    body = {
        "jobs": [{**TRUE, "memory": "2GB"}],
        "defaults": {"priority": "high"},
        "sources": [{"memory": "--memory"}],
        "dry_run": True,
    }
    (told,) = shared.good("POST", "/jobs", body)["jobs"]
    assert told["resolved"]["memory"].startswith("2 G")
    assert told["sources"]["memory"] == "--memory"
    assert told["sources"]["priority"] == "defaults"
    assert told["sources"]["cores"] == "built-in"
    assert shared.good("GET", "")["seq"] == seq


def test_a_dependency_that_is_not_there_is_refused(shared: Server) -> None:
    """Waiting for ever is no answer."""
    status, told = shared.call(
        "POST", "/jobs", {"jobs": [{**TRUE, "after": ["ok:987654"]}]}
    )
    assert (status, told["complaints"][0]["field"]) == (400, "after")


def test_a_dependency_may_have_ended_long_ago(shared: Server) -> None:
    """The store knows how."""
    job = shared.submit()
    shared.good("POST", "/jobs/kill", {"targets": [str(job)]})
    late = shared.submit(after=[f"notok:{job}"])
    assert shared.job(late)["state"] == "queued"
    status, _ = shared.call("POST", "/jobs", {"jobs": [{**TRUE, "after": [f"ok:{job}"]}]})
    assert status == 400


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b'{"jobs": 3}', b'{"jobs":[{}],"joobs":1}', b"\xff", b"{" * 9999],
)
def test_what_is_no_submission_is_refused(shared: Server, body: bytes) -> None:
    """Before anything is looked at."""
    status, told = shared.call("POST", "/jobs", body)
    assert status == 400, told


def test_a_hundred_thousand_jobs_in_one_body(server: Server) -> None:
    """In a few seconds, and others are answered meanwhile."""
    jobs: list[Any] = [{**TRUE, "name": f"j{i}"} for i in range(100_000)]
    began = time.monotonic()
    told = server.good("POST", "/jobs", {"jobs": jobs})["jobs"]
    assert len(told) == 100_000
    assert time.monotonic() - began < 30
    assert server.good("GET", "")["counts"] == {"queued": 100_000}
