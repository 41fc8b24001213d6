"""The client against a real server: every verb once, errors as what they are."""

from __future__ import annotations

import pytest

from rota.client.http import Client, refusal
from rota.core.errors import Conflict, Full, Malformed, Missing, RotaError
from tests.client.cluster import Cluster


def done(client: Client, **keys: object) -> int:
    """Submit a job, wait for its end, return its number."""
    job = client.submit({"cwd": "/", **keys})[0].id
    client.wait(job, timeout_s=30)
    return job


def test_the_server_says_who_it_is(client: Client, cluster: Cluster) -> None:
    """And where, so that people can check whom they talk to."""
    assert client.info()["home"] == str(cluster.home)
    assert client.address == f"unix:{cluster.home}/rota.sock"


def test_a_job_from_submit_to_its_output(client: Client) -> None:
    """Submit, wait, look, read, ask why, look back."""
    job = done(client, command="echo out; echo err >&2; exit 3", name="talk")
    view = client.job(job)

    assert (view.state, view["exit_code"], view.exit_code) == ("failed", 3, 3)
    assert b"".join(client.log(job)) == b"out\n"
    assert b"".join(client.log(job, stream="stderr")) == b"err\n"
    assert client.log(job).attempt == 1
    assert client.why(job)["reason"]["code"] == "exit_code"
    assert [row["after"] for row in client.history(job)["history"]][-1] == "failed"
    assert client.series(job)["attempt"] == 1


def test_a_log_is_followed_while_it_grows(client: Client) -> None:
    """The first line comes before the job is over."""
    job = client.submit({"command": "echo 1; sleep 0.5; echo 2", "cwd": "/"})[0].id
    pieces = iter(client.log(job, follow=True))

    assert next(pieces) == b"1\n"
    assert not client.job(job).is_final
    assert b"".join(pieces) == b"2\n"


def test_pages_are_turned(client: Client) -> None:
    """All jobs and tasks, whatever the size of a page."""
    docs = [{"argv": ["true"], "cwd": "/", "tags": ["paged"], "held": True}] * 5
    jobs = [job.id for job in client.submit(*docs)]
    found = [job.id for job in client.all_jobs(tag=["paged"], live=True, limit=2)]
    client.kill(*jobs)

    assert found == jobs[::-1]


def test_tasks_of_an_array_are_listed_in_order(client: Client) -> None:
    """Over several pages."""
    job = done(client, command="exit {task}", array="0-4")
    tasks = list(client.all_tasks(job, limit=2))

    assert [task.task for task in tasks] == [0, 1, 2, 3, 4]
    assert [task.exit_code for task in tasks] == [0, 1, 2, 3, 4]
    assert [task.task for task in client.all_tasks(job, failed=True)] == [1, 2, 3, 4]
    assert client.job(job, 3)["exit_code"] == 3


def test_held_jobs_are_released_edited_killed_and_rerun(client: Client) -> None:
    """The verbs that change something."""
    job = client.submit({"argv": ["true"], "cwd": "/", "held": True})[0].id
    client.edit(job, set={"priority": 7})
    assert client.job(job)["priority"] == 7
    client.release(job)
    assert client.wait(job, timeout_s=30).is_ok
    client.rerun(job)
    assert client.wait(job, timeout_s=30)["attempt"] == 2

    job = client.submit({"argv": ["sleep", "60"], "cwd": "/"})[0].id
    assert client.kill(job)[0]["result"] == "killed"
    with pytest.raises(Conflict, match="cannot hold"):
        client.hold(job)


def test_the_same_key_gives_the_same_job(client: Client) -> None:
    """Whether it is the job's own or the whole submission's (G02)."""
    doc = {"argv": ["true"], "cwd": "/"}
    first = client.submit(doc, key="nightly")[0]
    second = client.submit(doc, key="nightly")[0]

    assert (first.existing, second.existing) == (False, True)
    assert first.id == second.id
    assert first.tasks == 1


def test_a_dry_run_hands_in_nothing(client: Client) -> None:
    """It tells each value and its source."""
    before = client.jobs(limit=1).jobs[0].id
    [row] = client.explain({"argv": ["true"], "cores": 2}, sources=[{"cores": "--cores"}])

    assert row["sources"]["cores"] == "--cores"
    assert client.jobs(limit=1).jobs[0].id == before


def test_nodes_are_drained_with_a_reason_and_opened(client: Client) -> None:
    """The reason is there for everybody to read."""
    client.drain("node1", why="new disk")
    [node] = client.nodes()
    assert (node.name, node.state) == ("node1", "drained")
    assert "new disk" in node["reason"]["text"]
    client.undrain("node1")
    assert client.nodes()[0].state == "up"


def test_totals_and_queues(client: Client) -> None:
    """How much there is and how much is in use."""
    assert client.stat()["cores"] == 2
    assert [queue["name"] for queue in client.queues()["queues"]] == ["default"]


def test_events_tell_what_happens_from_a_line_on(client: Client) -> None:
    """Resuming needs nothing but the number of the last line."""
    seq = client.info()["seq"]
    job = done(client, argv=["true"])
    moves = []
    for event in client.events(jobs=[job], since=seq):
        moves.append(event.data["after"])
        if moves[-1] == "done":
            break

    assert moves == ["queued", "placed", "running", "done"]


def test_everything_wrong_is_told_at_once(client: Client) -> None:
    """Each with its field and its remedy."""
    with pytest.raises(Malformed) as caught:
        client.submit({"argv": ["x"], "memroy": "1GB", "cores": 0})

    assert [c.field for c in caught.value.complaints] == ["memroy", "cores"]
    assert "did you mean `memory`?" in str(caught.value)


def test_what_is_not_there_is_missing(client: Client) -> None:
    """Jobs, tasks, logs."""
    for ask in (client.job, client.why, client.log):
        with pytest.raises(Missing, match="no job 999999"):
            ask(999_999)


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (507, b'{"kind": "full", "error": "no space", "complaints": []}', Full),
        (500, b"<html>oops</html>", RotaError),
        (404, b"", Missing),
        (418, b"[]", RotaError),
    ],
)
def test_an_error_is_what_its_body_or_its_status_says(
    status: int, body: bytes, kind: type[RotaError]
) -> None:
    """Even when a proxy in between answered."""
    assert type(refusal(status, body)) is kind
    assert refusal(status, body).sentence


def test_the_sdk_is_found_where_one_looks() -> None:
    """``from rota.client import Client``, and its twin; nothing else by accident."""
    import rota.client
    from rota.client.aio import AsyncClient

    assert rota.client.Client is Client
    assert rota.client.AsyncClient is AsyncClient
    assert not hasattr(rota.client, "Cleint")
