"""Kill, hold, release, rerun, edit: all targets or none, with the mind's own words."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.server.running import Node, Server, until


@pytest.fixture
def node(shared: Server) -> Iterator[Node]:
    """A node with plenty of cores, for the time of one test."""
    found = Node(shared, name="n1", cores=64)
    until(lambda: any(n["state"] == "up" for n in shared.good("GET", "/nodes")["nodes"]))
    yield found
    found.close()


def ask(server: Server, verb: str, *targets: object, **options: Any) -> Any:
    """Ask for a verb that must succeed; return its first row."""
    body = {"targets": [str(t) for t in targets], **options}
    return server.good("POST", f"/jobs/{verb}", body)["jobs"][0]


def test_hold_and_release(shared: Server) -> None:
    """A held job says who holds it."""
    job = shared.submit()
    assert ask(shared, "hold", job)["result"] == "held"
    view = shared.job(job)
    assert (view["state"], view["reason"]["code"]) == ("held", "held")
    assert ask(shared, "release", job)["result"] == "released"
    assert shared.job(job)["state"] == "queued"
    ask(shared, "kill", job)


def test_all_or_nothing(shared: Server) -> None:
    """One wrong target and no target is touched."""
    job = shared.submit()
    status, told = shared.call("POST", "/jobs/hold", {"targets": [str(job), "424242"]})
    assert (status, told["kind"]) == (404, "missing")
    assert shared.job(job)["state"] == "queued"
    ask(shared, "kill", job)
    status, told = shared.call("POST", "/jobs/hold", {"targets": [str(job)]})
    assert (status, told["kind"]) == (409, "conflict")


@pytest.mark.parametrize("word", ["", "12[", "-1", "12[a]", "all", "9" * 30])
def test_a_target_that_names_nothing_is_told(shared: Server, word: str) -> None:
    """With what would."""
    status, told = shared.call("POST", "/jobs/kill", {"targets": [word]})
    assert status == 400, told


def test_g16_kill_waits_until_the_tree_is_gone(shared: Server, node: Node) -> None:
    """``wait``: the answer comes with the end, not before."""
    job = shared.submit()
    (a,) = node.runs(1)
    node.starts(a)
    shared.until(job, "running")
    with ThreadPoolExecutor(1) as pool:
        told = pool.submit(ask, shared, "kill", job, wait=True)
        node.hear("kill")
        assert shared.job(job)["flags"] == ["killing"]
        assert not told.done()
        node.ends(a, code=143)
        assert told.result(20)["result"] == "killed"
    assert shared.job(job)["state"] == "cancelled"


def test_kill_of_a_task_leaves_the_others(shared: Server) -> None:
    """By its name, 12[7]."""
    job = shared.submit(array="0-9", held=True)
    assert ask(shared, "kill", f"{job}[7]", wait=True)["result"] == "killed"
    counts = shared.job(job)["array"]["counts"]
    assert counts == {"held": 9, "cancelled": 1}
    task = shared.good("GET", f"/jobs/{job}/tasks/7")
    assert (task["state"], task["task"]) == ("cancelled", 7)


def test_kill_does_not_wait_for_a_node_that_is_away(shared: Server) -> None:
    """It is remembered and carried out when the node is back (G16)."""
    node = Node(shared, name="away", cores=64, labels=["far"])
    until(lambda: any(n["name"] == "away" for n in shared.good("GET", "/nodes")["nodes"]))
    job = shared.submit(require=["far"])
    (a,) = node.runs(1)
    node.starts(a)
    shared.until(job, "running")
    node.close()
    until(lambda: shared.job(job)["flags"])
    assert ask(shared, "kill", job, wait=True)["result"] == "killing"
    back = Node(shared, name="away", cores=64, holds=[[*a, "running", 1]])
    assert back.hear("kill")["a"] == a
    back.ends(a, code=143)
    shared.until(job, "cancelled")
    back.close()


def test_rerun_opens_the_next_attempt(shared: Server, node: Node) -> None:
    """Terminal is final, except by an explicit rerun."""
    job = shared.submit()
    (a,) = node.runs(1)
    node.ends(a, code=1)
    shared.until(job, "failed")
    assert ask(shared, "rerun", job)["result"] == "queued"
    (b,) = node.runs(1)
    assert b == [job, 0, 2]
    node.ends(b)
    view = shared.until(job, "done")
    assert [x["n"] for x in view["attempts"]] == [1, 2]


def test_edit_changes_what_waits(shared: Server) -> None:
    """In the words of a job file; what is not named stays."""
    job = shared.submit(held=True, cores=2, memory="1GB", tags=["a"])
    change = {"memory": "2GB", "priority": "high", "time": "1h"}
    assert ask(shared, "edit", job, set=change)["result"] == "edited"
    view = shared.job(job)
    request = view["request"]
    assert (request["memory"], request["cores"], request["time"]) == (2 << 30, 2, 3600)
    assert (view["priority"], view["tags"], view["state"]) == (500, ["a"], "held")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"memroy": "1GB"}, "memroy"),
        ({"cores": 0}, "cores"),
        ({"key": "x"}, "key"),
        ({}, "set"),
    ],
)
def test_an_edit_that_makes_no_sense_changes_nothing(
    shared: Server, change: dict[str, Any], field: str
) -> None:
    """And says which key."""
    job = shared.submit(held=True)
    before = shared.job(job)
    body = {"targets": [str(job)], "set": change}
    status, told = shared.call("POST", "/jobs/edit", body)
    assert (status, told["complaints"][0]["field"]) == (400, field)
    assert shared.job(job) == before


def test_edit_takes_one_job_at_a_time(shared: Server) -> None:
    """Jobs differ; so do their edits."""
    one, two = shared.submit(held=True), shared.submit(held=True)
    body = {"targets": [str(one), str(two)], "set": {"priority": 1}}
    assert shared.call("POST", "/jobs/edit", body)[0] == 400
