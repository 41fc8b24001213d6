"""A job's terminal on this one: keys, screen, detaching, and how we leave."""

from __future__ import annotations

import os
import signal
import subprocess

import pytest

from rota.client.http import Client
from rota.faces.console import SIZE, Keys, size_here, with_terminal
from tests.client.cluster import Cluster
from tests.faces.person import Person


@pytest.mark.parametrize(
    ("typed", "passed", "is_off"),
    [
        ([b"ls\r"], b"ls\r", False),
        ([b"\x01d"], b"", True),
        ([b"x\x01", b"d"], b"x", True),
        ([b"\x01a"], b"\x01", False),
        ([b"\x01\x01"], b"\x01", False),
        ([b"\x01", b"z"], b"\x01z", False),
        ([b"d\x03\x04"], b"d\x03\x04", False),
    ],
)
def test_one_key_is_ours(typed: list[bytes], passed: bytes, is_off: bool) -> None:
    """Ctrl-A d detaches, in one piece or two; every other key is the job's."""
    keys = Keys()
    taken = [keys.take(piece) for piece in typed]

    assert b"".join(some for some, _ in taken) == passed
    assert taken[-1][1] is is_off


def test_a_job_on_a_terminal_is_not_run_again() -> None:
    """Unless it says so itself; and it may name its own size."""
    rows, columns = size_here()
    doc = with_terminal({"argv": ["sh"]})
    assert doc == {
        "argv": ["sh"], "terminal": f"{rows}x{columns}", "restartable": False
    }  # fmt: skip
    assert with_terminal({"terminal": "5x6"})["terminal"] == "5x6"
    assert SIZE == (24, 80)


def test_run_on_a_terminal(cluster: Cluster) -> None:
    """It talks, Ctrl-C is the program's, and its code is ours."""
    script = "trap 'echo caught; exit 9' INT; echo begun; while :; do sleep 0.05; done"
    with Person(cluster, "run", "--pty", "-c", script) as person:
        person.sees("begun")
        person.presses("^C")
        person.sees("caught")
        assert person.is_left_with(9)


def test_detach_and_come_back(cluster: Cluster, client: Client) -> None:
    """The program goes on; who comes back sees what was shown, and goes on typing."""
    script = "echo be''gun; read -r a; echo first $a; read -r b; echo second $b"
    with Person(cluster, "run", "--pty", "-c", script) as person:
        person.sees("begun")
        person.presses("one\r")
        person.sees("first one")
        person.presses("\x01d")
        person.sees("detached: job")
        assert person.is_left_with(0)
    job = client.jobs(limit=1).jobs[0]
    assert job.state == "running"

    with Person(cluster, "attach", str(job.id)) as person:
        person.sees("first one")
        person.presses("two\r")
        person.sees("second two")
        assert person.is_left_with(0)


def test_a_terminal_that_goes_away_leaves_the_job(cluster: Cluster, client: Client) -> None:
    """A closed window, or a broken ssh: the job waits for its person."""
    with Person(cluster, "shell", "--", "cat") as person:
        person.presses("hello\r")
        person.sees("hello\r\nhello")
    job = client.jobs(limit=1).jobs[0].id

    with Person(cluster, "attach", str(job)) as person:
        person.sees("hello\r\nhello")
        person.presses("\x04")
        assert person.is_left_with(0)


def test_a_pipe_is_typed_and_ended(cluster: Cluster) -> None:
    """Without a terminal of our own the program has one all the same."""
    done = subprocess.run(
        cluster.command("run", "-q", "--pty", "--", "sort"), env=cluster.env,
        input=b"b\na\n", capture_output=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.stdout.endswith(b"a\r\nb\r\n")
    assert done.returncode == 0


def test_term_ends_what_we_started(cluster: Cluster, client: Client) -> None:
    """As with any command that is told to go."""
    process = subprocess.Popen(
        cluster.command("run", "-q", "--pty", "-c", "echo begun; sleep 600"),
        env=cluster.env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stdout.readline() == b"begun\r\n"
    os.kill(process.pid, signal.SIGTERM)

    assert process.wait(30) == 143
    assert client.wait(client.jobs(limit=1).jobs[0].id).state == "cancelled"
