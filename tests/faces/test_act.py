"""``rota kill``, ``hold``, ``release``, ``rerun``: to all that was selected, or to none."""

from __future__ import annotations

import time
from argparse import ArgumentTypeError

import pytest

from rota.client.http import Client
from rota.faces.act import sentence, signal_name
from tests.faces.conftest import Rota


def held(client: Client, **keys: object) -> int:
    """Hand in a job that waits for its release."""
    return client.submit({"argv": ["true"], "cwd": "/", "held": True, **keys})[0].id


def until(client: Client, job: int, state: str) -> None:
    """Wait until *job* is in *state*: what was asked of it takes effect on its node."""
    if client.job(job).state == state:
        return
    for event in client.watch(jobs=[job], since=0, level="task"):
        if event is not None and client.job(job).state == state:
            return


def test_kill_waits_until_it_is_gone(rota: Rota, client: Client) -> None:
    """A stubborn one gets KILL after the grace (G16)."""
    text = "trap '' TERM; while :; do sleep 0.05; done"
    job = client.submit({"command": text, "cwd": "/"})[0].id
    until(client, job, "running")
    began = time.monotonic()
    said = rota("kill", str(job), "--grace", "200ms")

    assert (said.code, said.out) == (0, f"job {job} killed\n")
    assert time.monotonic() - began < 2.2
    assert client.job(job).state == "cancelled"


def test_kill_without_waiting(rota: Rota, client: Client) -> None:
    """It is on its way."""
    job = client.submit({"argv": ["sleep", "60"], "cwd": "/"})[0].id
    said = rota("kill", str(job), "--no-wait")

    assert said.out in (f"job {job} is being killed\n", f"job {job} killed\n")
    client.wait(job, timeout_s=30)


def test_hold_release_rerun(rota: Rota, client: Client) -> None:
    """By name; each says what it did."""
    job = held(client, name="turn")
    assert rota("release", "turn").out == f"job {job} released\n"
    client.wait(job, timeout_s=30)
    assert rota("rerun", "turn").out == f"job {job} queued\n"
    assert client.wait(job, timeout_s=30)["attempt"] == 2
    assert rota("hold", str(job)).code == 2


def test_suspend_resume_signal(rota: Rota, client: Client) -> None:
    """A running job stands still, goes on, and hears what it is sent."""
    command = "trap 'exit 9' USR1; while :; do sleep 0.05; done"
    job = client.submit({"command": command, "cwd": "/"})[0].id
    until(client, job, "running")
    assert rota("suspend", str(job)).out == f"job {job} is being suspended\n"
    until(client, job, "suspended")
    assert "suspended by" in rota("show", str(job)).out
    assert "since: 20" in rota("why", str(job)).out, "a date, as people read it"
    assert "cannot suspend" in rota("suspend", str(job)).err
    assert rota("resume", str(job)).out == f"job {job} is being resumed\n"
    until(client, job, "running")
    assert rota("signal", "-s", "sigusr1", str(job)).out == f"job {job} signalled\n"
    ended = client.wait(job, timeout_s=30)
    assert (ended.state, ended["exit_code"]) == ("failed", 9)


def test_signals_that_are_verbs_of_their_own() -> None:
    """The refusal names the verb."""
    for name, verb in (("KILL", "rota kill"), ("stop", "rota suspend"), ("x", "USR1")):
        with pytest.raises(ArgumentTypeError, match=verb):
            signal_name(name)
    assert signal_name("sigusr2") == "USR2"


def test_all_or_nothing(rota: Rota, client: Client) -> None:
    """One that cannot be held keeps the others as they are."""
    done = client.submit({"argv": ["true"], "cwd": "/"})[0].id
    client.wait(done, timeout_s=30)
    waits = held(client)
    said = rota("release", str(waits), str(done))

    assert said.code == 2
    assert f"job {done}" in said.err
    assert client.job(waits).state == "held"
    client.kill(waits)


def test_only_what_failed_is_rerun(rota: Rota, client: Client) -> None:
    """--failed picks the tasks; the others are left in peace."""
    text = "[ {task} != 1 ] || [ $ROTA_ATTEMPT = 2 ]"
    array = client.submit({"command": text, "cwd": "/", "array": "0-2"})[0].id
    client.wait(array, timeout_s=30)
    said = rota("rerun", str(array), "--failed")

    assert said.out == f"job {array}[1] queued\n"
    assert client.wait(array, timeout_s=30).is_ok
    assert [task["attempt"] for task in client.all_tasks(array)] == [1, 2, 1]


def test_json(rota: Rota, client: Client) -> None:
    """What was done to each target."""
    job = held(client)
    told = rota("kill", str(job), "--json").json

    assert (told["schema"], told["verb"]) == ("rota.asked/1", "kill")
    [row] = told["jobs"]
    assert (row["id"], row["task"], row["result"]) == (job, None, "killed")


@pytest.mark.parametrize("verb", ["kill", "hold", "release", "rerun"])
def test_nothing_selected_is_an_error(rota: Rota, verb: str) -> None:
    """Neither in words nor in effect."""
    assert rota(verb).code == 2
    assert rota(verb, "nosuch-*").code == 2
    assert rota(verb, "999999").code == 2


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ({"id": 12, "task": None, "result": "held", "tasks": 1}, "job 12 held"),
        ({"id": 12, "task": 7, "result": "killing"}, "job 12[7] is being killed"),
        ({"id": 12, "task": None, "result": "held", "tasks": 9}, "job 12 held (9 tasks)"),
    ],
)
def test_the_sentence(row: dict[str, object], told: str) -> None:
    """A line for each target."""
    assert sentence(row) == told


def test_many_targets_are_not_listed_one_by_one(rota: Rota, client: Client) -> None:
    """Twenty lines and a sum."""
    array = client.submit({"command": "true", "cwd": "/", "array": "0-29", "held": True})[
        0
    ].id
    lines = rota("kill", f"{array}[0-29]").lines

    assert (len(lines), lines[-1]) == (21, "… and 10 more, 30 in all")
