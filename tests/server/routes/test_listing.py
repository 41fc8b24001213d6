"""Looking: pages, filters, tasks of large arrays, history, why."""

from __future__ import annotations

from typing import Any

import pytest

from tests.server.running import Node, Server


def test_pages_are_whole_and_without_doubles(shared: Server) -> None:
    """By the cursor of the page before, newest first."""
    made = [shared.submit(tags=["paged"]) for _ in range(7)]
    seen: list[int] = []
    cursor = ""
    while True:
        page = shared.good("GET", f"/jobs?tag=paged&limit=3{cursor}")
        seen += [view["id"] for view in page["jobs"]]
        if page["next"] is None:
            break
        cursor = f"&cursor={page['next']}"
    assert seen == sorted(made, reverse=True)


def test_filters_hold_all_at_once(shared: Server) -> None:
    """State, name glob, queue, tag, user, since, ids."""
    job = shared.submit(name="fit-a", tags=["x"], queue="long", held=True)
    shared.submit(name="fit-b", tags=["x"])
    user = shared.good("GET", "")["user"]
    query = f"state=held&name=fit-*&tag=x&queue=long&user={user}&since=1h&live=1"
    assert [v["id"] for v in shared.good("GET", f"/jobs?{query}")["jobs"]] == [job]
    assert shared.good("GET", f"/jobs?{query}&user=nobody-else")["jobs"]
    assert shared.good("GET", f"/jobs?ids={job},999999")["jobs"][0]["id"] == job


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("limit=0", "limit"), ("limit=1001", "limit"), ("limit=x", "limit"),
        ("state=runing", "state"), ("cursor=abc", "cursor"), ("since=12", "since"),
        ("since=2024-01-01T00:00:00", "since"), ("colour=red", "colour"),
    ],
)  # fmt: skip
def test_a_query_that_makes_no_sense_names_the_parameter(
    shared: Server, query: str, field: str
) -> None:
    """And the remedy."""
    status, told = shared.call("GET", f"/jobs?{query}")
    assert (status, told["complaints"][0]["field"]) == (400, field)


def test_every_complaint_about_a_query_at_once(shared: Server) -> None:
    """Not one after the other."""
    told = shared.call("GET", "/jobs?limit=x&cursor=y&limti=3")[1]
    assert {c["field"] for c in told["complaints"]} == {"limit", "cursor", "limti"}
    assert "did you mean limit?" in str(told)


def test_a_million_waiting_tasks_cost_what_a_page_costs(shared: Server) -> None:
    """One row until a task is placed; any page of them is at hand."""
    job = shared.submit(array="0-999999", held=True)
    page = shared.good("GET", f"/jobs/{job}/tasks?cursor=777777&limit=2")
    assert [t["task"] for t in page["tasks"]] == [777778, 777779]
    assert page["next"] == "777779"
    view = shared.job(job)
    assert view["array"] == {
        "indexes": "0-999999", "limit": None, "tasks": 1_000_000,
        "counts": {"held": 1_000_000}, "waiting": "0-999999",
    }  # fmt: skip
    assert view["progress"]["percent"] == 0


def test_tasks_by_state_and_a_task_that_is_not_there(shared: Server) -> None:
    """Asked of the store, said in words."""
    job = shared.submit(array="3,5,8", held=True)
    shared.good("POST", "/jobs/kill", {"targets": [f"{job}[5]"]})
    page = shared.good("GET", f"/jobs/{job}/tasks?state=held")
    assert [t["task"] for t in page["tasks"]] == [3, 8]
    status, told = shared.call("GET", f"/jobs/{job}/tasks/4")
    assert (status, told["error"]) == (404, f"job {job} has no task 4; it has 3,5,8")


def test_a_plain_job_is_its_task_0(shared: Server) -> None:
    """Shown without an index, as users know it."""
    job = shared.submit()
    task = shared.good("GET", f"/jobs/{job}/tasks/0")
    assert (task["id"], task["task"]) == (job, None)


def test_history_in_order_by_pages(shared: Server) -> None:
    """Who did what, when, and from where to where."""
    job = shared.submit()
    for verb in ("hold", "release", "kill"):
        shared.good("POST", f"/jobs/{verb}", {"targets": [str(job)]})
    lines: list[Any] = []
    cursor = ""
    while cursor is not None:
        page = shared.good("GET", f"/jobs/{job}/history?limit=2{cursor}")
        lines += page["history"]
        cursor = page["next"] and f"&cursor={page['next']}"
    assert [line["seq"] for line in lines] == sorted(line["seq"] for line in lines)
    assert lines[0]["move"] == "submit"
    assert lines[-1]["after"] == "cancelled"


def test_why_says_a_sentence(server: Server) -> None:
    """The same reason everywhere; for a task too."""
    job = server.submit(array="0-3")
    told = server.good("GET", f"/jobs/{job}/why?task=2")
    assert told["reason"] == {"code": "no_node", "text": "no node is connected"}
    assert told["text"] == f"job {job}[2] is queued: no node is connected"
    assert server.job(job)["reason"]["code"] == "no_node"


def test_the_environment_of_a_job_is_shown_nowhere(shared: Server) -> None:
    """Secrets live there (G31)."""
    job = shared.submit(env={"PASSWORD": "hunter2"})
    for path in (f"/jobs/{job}", "/jobs", f"/jobs/{job}/history", f"/jobs/{job}/tasks/0"):
        assert "hunter2" not in str(shared.good("GET", path))


def test_series_of_a_task_that_never_ran_is_missing(shared: Server) -> None:
    """Not an empty list: there is no such attempt."""
    job = shared.submit(held=True)
    status, told = shared.call("GET", f"/jobs/{job}/series")
    assert status == 404
    assert "has not started yet" in told["error"]


def test_the_failed_are_found(server: Server) -> None:
    """A job with one failed task is one of them."""
    node = Node(server)
    job = server.submit(array="0-1")
    good, bad = node.runs(2)
    node.ends(bad, code=1)
    node.ends(good)
    server.until(job, "failed")
    fine = server.submit()
    node.ends(*node.runs(1))
    server.until(fine, "done")
    assert [v["id"] for v in server.good("GET", "/jobs?failed=1")["jobs"]] == [job]
    tasks = server.good("GET", f"/jobs/{job}/tasks?failed=1")["tasks"]
    assert [(t["task"], t["exit_code"]) for t in tasks] == [(bad[1], 1)]


def test_ids_come_as_ranges_and_counts_as_groups(server: Server) -> None:
    """Of exactly what is asked for, newest first."""
    for at in range(6):
        server.submit(name="a" if at < 4 else "b", held=at != 2)
    assert server.good("GET", "/jobs/ranges")["ranges"] == [[6, 1]]
    held = server.good("GET", "/jobs/ranges?state=held")
    assert (held["ranges"], held["jobs"]) == ([[6, 4], [2, 1]], 5)
    assert server.good("GET", "/jobs/ranges?name=c")["ranges"] == []
    groups = server.good("GET", "/jobs/groups?by=name")["groups"]
    assert groups == [
        {"key": "a", "jobs": 4, "states": {"held": 3, "queued": 1}},
        {"key": "b", "jobs": 2, "states": {"held": 2}},
    ]
    states = server.good("GET", "/jobs/groups?by=state&name=b")["groups"]
    assert [one["key"] for one in states] == ["held"]
    status, told = server.call("GET", "/jobs/groups?by=colour")
    assert (status, told["complaints"][0]["field"]) == (400, "by")


def test_an_array_that_waits_task_by_task_is_shown(shared: Server) -> None:
    """In lists and by itself, like any other."""
    first = shared.submit(array="0-3", held=True)
    second = shared.submit(array="0-3", after=f"ok:{first}[*]")
    listed = shared.good("GET", f"/jobs?ids={second}")["jobs"][0]
    assert listed["array"]["waiting"] == shared.job(second)["array"]["waiting"] == "0-3"
    assert shared.good("GET", f"/jobs/{second}/why")["state"] == "held"


def test_g31_an_environment_is_shown_without_its_secrets(shared: Server) -> None:
    """And only by a route of its own: lists and job views have none of it."""
    job = shared.submit(env={"CASE": "base", "API_TOKEN": "hunter2"}, held=True)
    told = shared.good("GET", f"/jobs/{job}/environment")
    assert told["env"] == {"API_TOKEN": "•••", "CASE": "base"}
    assert "hunter2" not in str([shared.job(job), told])
