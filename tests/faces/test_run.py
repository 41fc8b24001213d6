"""``rota run``: a job's output and code pass through; Ctrl-C leaves or ends it."""

from __future__ import annotations

import signal
import subprocess

from rota.client.http import Client
from tests.client.cluster import Cluster
from tests.faces.person import Person

STUBBORN = 'trap "echo bye; exit 9" TERM; echo begun; while :; do sleep 0.05; done'


def started(cluster: Cluster, *words: str) -> subprocess.Popen[str]:
    """Start ``rota run`` with *words* and wait for its job's first line."""
    process = subprocess.Popen(
        cluster.command("run", *words), env=cluster.env, text=True,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stdout.readline() == "begun\n"
    return process


def test_output_and_code_are_the_job_s(cluster: Cluster) -> None:
    """To the byte, each stream to its own."""
    done = cluster.rota("run", "-q", "-c", "printf 'a\\nb'; echo err >&2; exit 3")

    assert (done.stdout, done.stderr, done.returncode) == ("a\nb", "err\n", 3)


def test_it_says_which_job_and_how_it_failed(cluster: Cluster, client: Client) -> None:
    """On stderr, so that a pipe gets the output alone."""
    done = cluster.rota("run", "--", "false")
    job = client.jobs(limit=1).jobs[0].id

    assert done.stdout == ""
    assert done.stderr.splitlines()[0] == f"job {job}"
    assert f"job {job} (false) failed" in done.stderr


def test_codes_that_are_not_the_job_s_own(cluster: Cluster) -> None:
    """127 not found, 124 time limit, 128 + N signal, 126 not executable."""
    for words, code in (
        (["--", "no-such-command"], 127),
        (["--", "/etc/passwd"], 126),
        (["--time", "300ms", "--", "sleep", "60"], 124),
        (["-c", "kill -9 $$"], 137),
    ):
        assert cluster.rota("run", *words).returncode == code, words


def test_every_attempt_is_shown(cluster: Cluster) -> None:
    """A retried job writes again; its last code counts."""
    script = 'echo try $ROTA_ATTEMPT; [ "$ROTA_ATTEMPT" = 2 ]'
    done = cluster.rota("run", "-q", "--retries", "1", "-c", script)

    assert (done.stdout, done.returncode) == ("try 1\ntry 2\n", 0)


def test_many_tasks_are_not_for_run(cluster: Cluster) -> None:
    """Whose output would it show?"""
    done = cluster.rota("run", "--array", "0-3", "--", "true")

    assert done.returncode == 2
    assert "rota submit --wait" in done.stderr


def test_json_answers_instead_of_streaming(cluster: Cluster) -> None:
    """One document, and the job's code."""
    import json

    done = cluster.rota("run", "--json", "-c", "echo hi; exit 4")
    told = json.loads(done.stdout)

    assert (told["schema"], told["exit_code"], done.returncode) == ("rota.ran/1", 4, 4)


def test_ctrl_c_once_leaves_the_job_alone(cluster: Cluster, client: Client) -> None:
    """And says how to come back to it."""
    with Person(cluster, "run", "-c", STUBBORN) as person:
        person.sees("begun")
        person.presses("^C")
        person.sees("Ctrl-C again ends job")
        assert person.is_left_with(130)
        job = client.jobs(limit=1).jobs[0].id
        assert f"rota log -f {job}" in person.text

    assert client.job(job).state == "running"
    client.kill(job)


def test_ctrl_c_twice_ends_the_job(cluster: Cluster, client: Client) -> None:
    """Its last words are still shown."""
    with Person(cluster, "run", "-c", STUBBORN) as person:
        person.sees("begun")
        person.presses("^C")
        person.sees("Ctrl-C again ends job")
        person.presses("^C")
        assert person.is_left_with(130)

    assert client.jobs(limit=1).jobs[0].state == "cancelled"


def test_without_a_terminal_a_signal_ends_the_job(cluster: Cluster, client: Client) -> None:
    """Whoever started us wants it over: INT and TERM alike."""
    for number, code in ((signal.SIGINT, 130), (signal.SIGTERM, 143)):
        process = started(cluster, "-c", STUBBORN)
        process.send_signal(number)
        _, said = process.communicate(timeout=30)

        assert process.returncode == code, said
        assert client.jobs(limit=1).jobs[0].state == "cancelled"


def test_a_closed_pipe_ends_the_job(cluster: Cluster, client: Client) -> None:
    """As ``yes | head`` ends yes."""
    process = started(cluster, "-c", "echo begun; exec yes")
    assert process.stdout is not None
    process.stdout.close()

    assert process.wait(timeout=30) == 141
    assert client.jobs(limit=1).jobs[0].state == "cancelled"
    assert process.stderr is not None
    process.stderr.close()


def test_a_job_that_waits_says_why(cluster: Cluster, client: Client) -> None:
    """After a moment, once."""
    client.drain("node1", why="test")
    try:
        with Person(cluster, "run", "--", "true") as person:
            person.sees("drained")
            client.undrain("node1")
            assert person.is_left_with(0)
    finally:
        client.undrain("node1")
