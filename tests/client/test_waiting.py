"""Waiting: told, not asking; through a restart of the server, too."""

from __future__ import annotations

import pytest

from rota.client.http import Client
from rota.client.http1 import Event
from rota.client.views import Page
from rota.client.waiting import Waited, chunks, wait_for, waited
from rota.core.errors import Missing
from tests.client.cluster import Cluster


def page(**states: str) -> Page:
    """Return a page of jobs: page(_12="running")."""
    rows = [{"id": int(n[1:]), "task": None, "state": s} for n, s in states.items()]
    return Page({"jobs": rows, "next": None, "seq": 1})


def test_what_is_over_is_not_waited_for() -> None:
    """A look and the events after it tell who is left."""
    known = Waited([12, 13, 12])
    known.look(page(_12="done", _13="running"))
    assert known.left == [13]

    assert known.hear(
        Event("job", {"id": 13, "state": "failed", "counts": {"failed": 1}}, 2)
    )
    assert known.left == []
    assert known.counts[13] == {"failed": 1}


def test_events_of_others_are_not_ours() -> None:
    """A stream of all jobs is listened to when many are waited for."""
    known = Waited([12])
    known.look(page(_12="running"))

    assert not known.hear(Event("job", {"id": 99, "state": "done"}, 2))
    assert not known.hear(Event("message", [1], 3))
    assert known.left == [12]


def test_ids_go_in_pieces() -> None:
    """A request has a bounded length."""
    assert [list(some) for some in chunks([1, 2, 3], 2)] == [[1, 2], [3]]


def test_a_job_that_is_not_there_is_missing(client: Client) -> None:
    """And not waited for in silence."""
    with pytest.raises(Missing, match="999999"):
        wait_for(client, [999_999])


def test_jobs_are_waited_for_to_their_end(client: Client) -> None:
    """One that runs for a moment and one that waits for it."""
    first = client.submit({"argv": ["sleep", "0.3"], "cwd": "/"})[0].id
    second = client.submit({"argv": ["true"], "cwd": "/", "after": f"ok:{first}"})[0].id
    views = wait_for(client, [first, second], timeout_s=30)

    assert [views[job].state for job in (first, second)] == ["done", "done"]


def test_time_can_run_out_first(client: Client) -> None:
    """The job is left alone."""
    job = client.submit({"argv": ["sleep", "30"], "cwd": "/"})[0].id
    with pytest.raises(TimeoutError, match="1 of 1"):
        wait_for(client, [job], timeout_s=0.1)

    assert not client.job(job).is_final
    client.kill(job)


def test_many_jobs_share_one_stream(client: Client) -> None:
    """More than can be named in one request."""
    docs = [{"argv": ["true"], "cwd": "/", "name": f"n{i}"} for i in range(150)]
    jobs = [job.id for job in client.submit(*docs)]
    views = wait_for(client, jobs, timeout_s=60)

    assert {view.state for view in views.values()} == {"done"}


def test_waiting_outlives_the_server(cluster: Cluster) -> None:
    """The server is stopped and started in between; the wait goes on and ends well."""
    told: list[str] = []
    with Client(home=str(cluster.home)) as client:
        job = client.submit({"argv": ["sleep", "1.5"], "cwd": "/"})[0].id
        steps = waited(client, [job], away=told.append)
        next(steps)
        assert cluster.rota("down").returncode == 0
        while not told:
            next(steps)
        assert cluster.rota("up", "--detach", *cluster.words).returncode == 0
        for known in steps:
            last = known

        assert last.state[job] == "done"
    assert "server at" in told[0]
    assert told[-1] == ""
