"""What people see of jobs of others: lists, streams, totals, output, files."""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest

from rota.core.account import Role, User
from rota.core.job import JobSpec
from rota.sched.rules import Rules
from rota.server.sight import NOTHING, may_list, may_read, narrowed
from rota.store.contract import JobQuery
from tests.server.crowd import ROLES, Crowd
from tests.server.running import Node, Server, finished, until

OF_A_JOB = (
    "", "/environment", "/tasks", "/tasks/0", "/history", "/errors", "/series", "/why",
    "/log", "/log?stream=stages", "/files",
)  # fmt: skip
AROUND = (
    "/jobs", "/jobs/ranges", "/jobs/groups", "/nodes", "/timeline", "/stat", "/users",
    "/gauges", "/licences", "/usage?by=user",
)  # fmt: skip
SECRET = "the-secret-words-of-ann"
BOB, OP = User("bob"), User("op", role=Role.OPERATOR)
HIDES = Rules(hides_jobs=True)


def test_g30_what_is_hidden_is_not_asked_of_the_store() -> None:
    """Neither by name of somebody else nor without one."""
    assert narrowed(Rules(), BOB, JobQuery()) == JobQuery()
    assert narrowed(HIDES, BOB, JobQuery()).users == ["bob"]
    assert narrowed(HIDES, BOB, JobQuery(users=["ann"])) is NOTHING
    assert narrowed(HIDES, OP, JobQuery(users=["ann"])).users == ["ann"]


def test_g30_operators_see_jobs_and_not_what_they_wrote() -> None:
    """Sharing shows both; a setting shows all output to all."""
    mine, shared = JobSpec(), JobSpec(share=("bob",))
    assert may_list(HIDES, OP, owner="ann", spec=mine)
    assert not may_list(HIDES, BOB, owner="ann", spec=mine)
    assert may_list(HIDES, BOB, owner="ann", spec=shared)
    assert not may_read(HIDES, OP, {"user": "ann", "spec": mine})
    assert may_read(HIDES, BOB, {"user": "ann", "spec": shared})
    assert may_read(Rules(shows_output=True), BOB, {"user": "ann", "spec": mine})


@pytest.fixture(scope="module")
def apart(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Crowd]:
    """A server where people see their own jobs only, with a node."""
    home = tmp_path_factory.mktemp("apart") / "home"
    home.mkdir()
    (home / "config.yaml").write_text(ROLES + "visible: {jobs: own}\n")
    with Server(home) as server:
        yield Crowd(server)


def failed(crowd: Crowd, who: str, **job: Any) -> int:
    """Return a job of *who* that ran, wrote SECRET and failed; its words are kept."""
    node = Node(crowd.server)
    job_id = crowd.submit(who, held=False, env={"A_TOKEN": SECRET}, **job)
    (a,) = node.runs(1)
    node.starts(a)
    words = {"code": 1, "said": SECRET}
    why = {"code": "exit_code", "text": "ended with exit code 1", "evidence": words}
    node.say({**finished(a, 1), "reason": why})
    until(lambda: crowd(who, "GET", f"/jobs/{job_id}")[1]["state"] == "failed")
    node.close()
    return job_id


def everything(crowd: Crowd, name: str, job: int) -> dict[str, tuple[int, str]]:
    """Return all that *name* is told about, and around, *job*."""
    paths = [f"/jobs/{job}{end}" for end in OF_A_JOB]
    paths += [f"/jobs?ids={job}&spec=1", *AROUND]
    found = {}
    for path in paths:
        status, told = crowd(name, "GET", path)
        found[path] = status, json.dumps(told) if isinstance(told, dict) else repr(told)
    return found


def test_g30_g31_what_a_job_wrote_is_its_owners(crowd: Crowd) -> None:
    """No view of it, list or history shows its words, or its command, to others."""
    job = failed(crowd, "ann", command=f"echo {SECRET}")
    for name in ("bob", "eve", "op"):
        for path, (_, text) in everything(crowd, name, job).items():
            assert SECRET not in text, (name, path)
    for end in ("/environment", "/errors", "/log", "/files"):
        status, told = crowd("bob", "GET", f"/jobs/{job}{end}")
        assert (status, "--share bob" in told["error"]) == (403, True)
    told = crowd("ann", "GET", f"/jobs/{job}")[1]
    assert told["reason"]["evidence"]["said"] == SECRET
    assert SECRET in told["spec"]["command"]
    assert SECRET not in json.dumps(crowd("ann", "GET", f"/jobs/{job}/environment")[1])


def test_g30_what_is_shared_is_seen_and_not_touched(crowd: Crowd) -> None:
    """By those it names; others' verbs are refused as before."""
    job = failed(crowd, "ann", share=["bob"])
    assert crowd("bob", "GET", f"/jobs/{job}/errors")[0] == 200
    assert crowd("bob", "GET", f"/jobs/{job}")[1]["spec"]["share"] == ["bob"]
    assert crowd("carl", "GET", f"/jobs/{job}/errors")[0] == 403
    for verb in ("rerun", "kill", "hold"):
        assert crowd("bob", "POST", f"/jobs/{verb}", {"targets": [str(job)]})[0] in (
            403,
            409,
        )
    body = {"b64": "", "eof": True}
    assert crowd("bob", "POST", f"/jobs/{job}/input", body)[0] == 403


def test_g30_jobs_of_others_can_be_as_if_not_there(apart: Crowd) -> None:
    """In no list, no total by name, no stream; by its number it is missing."""
    job = failed(apart, "ann", name="anns-own-name", tags=["t"])
    apart.submit("bob")
    for path, (status, text) in everything(apart, "bob", job).items():
        assert "anns-own-name" not in text, path
        assert '"ann"' not in text, path
        if path.startswith(f"/jobs/{job}"):
            assert (status, f"there is no job {job}" in text) == (404, True), path
    assert job not in [
        one["id"] for one in apart("bob", "GET", "/jobs?user=ann")[1]["jobs"]
    ]
    for verb in ("kill", "rerun", "hold"):
        status, told = apart("bob", "POST", f"/jobs/{verb}", {"targets": [str(job)]})
        assert (status, "there is no job" in told["error"]) == (404, True), verb
    assert apart("op", "GET", f"/jobs/{job}")[0] == 200
    assert apart("bob", "GET", f"/events?jobs={job}")[0] == 404


def test_g30_a_stream_tells_of_ones_own_jobs_only(apart: Crowd) -> None:
    """From the ring and from the store alike."""
    theirs, own = apart.submit("ann"), apart.submit("bob")
    assert told_of(apart, "bob", "since=0", until_job=own) == {own} | of(apart, "bob")
    last = apart.submit("bob")
    assert theirs not in told_of(apart, "bob", "since=0&level=job", until_job=last)


def of(crowd: Crowd, name: str) -> set[int]:
    """Return the ids of all jobs that *name* lists."""
    return {one["id"] for one in crowd(name, "GET", "/jobs?limit=1000")[1]["jobs"]}


def told_of(crowd: Crowd, name: str, query: str, *, until_job: int) -> set[int]:
    """Return the jobs that a stream of *name* tells of, up to *until_job*."""
    where = urlsplit(crowd.server.facts()["tcp"]).netloc
    link = http.client.HTTPConnection(where, timeout=20)
    head = {"Authorization": f"Bearer {crowd.token(name)}"}
    link.request("GET", f"/api/v1/events?{query}", headers=head)
    answer = link.getresponse()
    found: set[int] = set()
    while until_job not in found:
        name_, _, value = answer.readline().decode().partition(": ")
        if name_ == "data":
            row = json.loads(value)
            found.add(row.get("job", row.get("id")))
    answer.close()
    link.close()
    return found


def test_g30_an_operator_moves_jobs_and_does_not_rewrite_them(crowd: Crowd) -> None:
    """When and where it runs; not what, nor who is told."""
    job = crowd.submit("ann")

    def edit(who: str, **change: Any) -> tuple[int, Any]:
        return crowd(who, "POST", "/jobs/edit", {"targets": [str(job)], "set": change})

    assert edit("op", priority=5)[0] == 200
    changes: list[dict[str, Any]] = [
        {"argv": ["id"]}, {"env": {"A": "b"}}, {"share": ["op"]}, {"notify": "x@y.z"},
    ]  # fmt: skip
    for change in changes:
        status, told = edit("op", **change)
        assert (status, "belongs to ann" in told["error"]) == (403, True), change
    assert edit("bob", priority=5)[0] == 403
    assert edit("chief", share=["op"])[0] == 200


def test_g30_of_what_one_waits_for_one_sees_what_is_listed(apart: Crowd) -> None:
    """Of a job of somebody else its number alone, and nothing of what it waits for."""
    root = apart.submit("ann", name="hers")
    middle = apart.submit("ann", name="also-hers", after=[f"ok:{root}"])
    last = apart.submit("ann", after=[f"ok:{middle}"], share=["bob"])
    seen = {}
    for who in ("ann", "bob"):
        links = apart(who, "GET", f"/jobs/{last}/why")[1]["chain"]["links"]
        seen[who] = [(one["job"], one["name"], one["state"]) for one in links]
    assert seen["ann"] == [(middle, "also-hers", "held"), (root, "hers", "held")]
    assert seen["bob"] == [(middle, "", "unknown")]
