"""``rota wait``: until they are over, with the code of the worst."""

from __future__ import annotations

from rota.client.http import Client
from rota.client.views import Job
from rota.faces.wait import verdict
from tests.client.cluster import Cluster
from tests.faces.conftest import Rota
from tests.faces.person import Person


def submit(client: Client, command: str, **keys: object) -> int:
    """Hand in *command*; return the job's number."""
    return client.submit({"command": command, "cwd": "/", **keys})[0].id


def test_the_worst_code_counts(rota: Rota, client: Client) -> None:
    """0 only when all ended well; the others are told."""
    good, bad = (
        submit(client, "sleep 0.2", name="good"),
        submit(client, "exit 3", name="bad"),
    )
    said = rota("wait", str(good), str(bad))

    assert (said.code, said.out) == (3, "")
    assert f"job {bad} (bad) failed" in said.err
    assert rota("wait", str(good)).code == 0


def test_tasks_of_an_array_count_too(rota: Rota, client: Client) -> None:
    """An array is as bad as its worst task."""
    array = submit(client, "exit {task}", array="0-4")

    assert rota("wait", str(array)).code == 4


def test_single_tasks_are_waited_for(rota: Rota, client: Client) -> None:
    """Although the rest of their array goes on."""
    array = submit(client, "[ {task} = 0 ] || sleep 60", array="0-1")

    assert rota("wait", f"{array}[0]").code == 0
    assert not client.job(array).is_final
    client.kill(array)


def test_time_can_run_out_first(rota: Rota, client: Client) -> None:
    """124, and nothing is stopped."""
    job = submit(client, "sleep 60")
    said = rota("wait", str(job), "--timeout", "100ms")

    assert said.code == 124
    assert "the time is up; 1 job goes on" in said.err
    assert client.job(job).state in ("placed", "running")
    client.kill(job)


def test_names_mean_what_is_not_over_else_the_last(rota: Rota, client: Client) -> None:
    """``rota wait train`` is for the train that is on its way."""
    submit(client, "exit 1", name="train")
    client.wait(client.jobs(limit=1).jobs[0].id, timeout_s=30)
    submit(client, "sleep 0.2", name="train")

    assert rota("wait", "train").code == 0
    assert rota("wait", "train").code == 0


def test_nothing_to_wait_for(rota: Rota, client: Client) -> None:
    """All over is what was wanted; a name that nobody has is not."""
    # The server is shared: what other tests left behind would be waited for.
    left = [job.id for job in client.jobs(live=True, limit=1000).jobs]
    if left:
        client.kill(*left, grace_ms=0)
    assert rota("wait", "all").code == 0
    assert rota("wait", "nosuch").code == 2
    assert rota("wait", "999999").code == 2


def test_json_and_quiet(rota: Rota, client: Client) -> None:
    """One document, or nothing at all."""
    job = submit(client, "exit 2")
    told = rota("wait", str(job), "--json").json
    assert (told["schema"], told["exit_code"], told["in_time"]) == (
        "rota.waited/1",
        2,
        True,
    )
    said = rota("wait", str(job), "--quiet")
    assert (said.code, said.out, said.err) == (2, "", "")


def test_a_person_sees_a_bar(cluster: Cluster, client: Client) -> None:
    """That fills as tasks end; then the verdict."""
    array = submit(client, "sleep 0.1", array="0-9", name="[red]bar")
    with Person(cluster, "wait", str(array)) as person:
        person.sees("10/10")
        assert person.is_left_with(0)

        assert f"{array} [red]bar" in person.text
        assert f"job {array} ([red]bar) done" in person.text


def test_a_person_sees_a_single_job_s_own_progress(
    cluster: Cluster, client: Client
) -> None:
    """What it says of itself."""
    text = "for i in 1 2 3 4 5 6; do echo $i / 6; sleep 0.5; done"
    job = submit(client, text)
    with Person(cluster, "wait", str(job)) as person:
        person.sees("/6 ")
        client.kill(job)
        person.is_left_with(143)


def test_the_verdict() -> None:
    """Who, how, how long, why."""
    view = {
        "id": 12, "task": 7, "name": "a\nb", "state": "failed",
        "started_at": "2026-03-01T12:00:00.000Z", "ended_at": "2026-03-01T12:01:05.000Z",
        "reason": {"code": "exit_code", "text": "ended with exit code 3"},
    }  # fmt: skip

    assert verdict(Job(view)) == "job 12[7] (a\\nb) failed in 1m05s: ended with exit code 3"


def test_nobody_waits_in_vain_for_a_dependency_that_failed(
    rota: Rota, client: Client
) -> None:
    """It says so and exits with 2; the job is still there, to be released or killed."""
    first = submit(client, "exit 3")
    second = submit(client, "true", after=[f"ok:{first}"])

    said = rota("wait", str(second))

    assert said.code == 2 and "would be waited for in vain" in said.err
    assert f"job {first} failed" in said.err and f"rota release {second}" in said.err
    assert rota("release", str(second)).code == 0
    assert rota("wait", str(second)).code == 0
