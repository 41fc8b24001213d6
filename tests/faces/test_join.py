"""rota join: a second home becomes a node; what is refused; back after rota down."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.client.cluster import Cluster


@pytest.fixture(scope="module")
def head(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """A server that other machines could reach."""
    home = tmp_path_factory.mktemp("head") / "home"
    with Cluster(home, "--listen", "0.0.0.0:0") as cluster:
        yield cluster


class Other:
    """Another home: as good as another machine."""

    def __init__(self, head: Cluster, home: Path) -> None:
        self.head, self.home = head, home

    def rota(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Call ``rota`` there."""
        env = {**self.head.env, "ROTA_HOME": str(self.home)}
        return subprocess.run(
            self.head.command(*words), env=env, capture_output=True, text=True, timeout=60,
            check=False,
        )  # fmt: skip


@pytest.fixture
def other(head: Cluster, tmp_path: Path) -> Iterator[Other]:
    """A home that has joined nothing yet; its agents end with the test."""
    one = Other(head, tmp_path / "other")
    yield one
    one.rota("down", "--kill-jobs")


def invited(head: Cluster, *words: str) -> list[str]:
    """Return the line that ``rota invite`` prints, without ``rota``."""
    return head.rota("invite", *words).stdout.split()[1:]


def test_one_line_makes_a_node(head: Cluster, other: Other) -> None:
    """It offers the invitation's labels and its own; jobs go there; down ends it."""
    done = other.rota(*invited(head, "--labels", "far"), "--detach", "--name", "n2")
    assert done.returncode == 0, done.stderr
    assert "node    n2" in done.stdout
    ran = head.rota("run", "--require", "far", "--", "sh", "-c", "echo $ROTA_NODELIST")
    assert ran.stdout == "n2\n"
    left = other.rota("down")
    assert "has left; rota join brings it back" in left.stdout
    back = other.rota("join", "--detach")
    assert back.returncode == 0, back.stderr
    again = head.rota("run", "--require", "far", "--", "echo", "back")
    assert again.stdout == "back\n"


def test_what_cannot_be_is_said(head: Cluster, other: Other) -> None:
    """No token yet, half a token, a token twice, a name that is taken."""
    assert "has joined no server yet" in other.rota("join").stderr
    line = invited(head)
    cut = other.rota("join", line[1][:60])
    assert (cut.returncode, "not whole" in cut.stderr) == (2, True)
    taken = other.rota(*line, "--detach", "--name", os.uname().nodename)
    assert "choose another name (--name)" in taken.stderr
    assert other.rota(*line, "--detach", "--name", "n3").returncode == 0
    twice = other.rota(*line, "--detach", "--name", "n4")
    assert "used already" in twice.stderr
    assert not (other.home / "joined" / "n4").exists()


def test_who_cannot_be_reached_is_named(head: Cluster, other: Other) -> None:
    """With each address that was tried, and another way."""
    done = other.rota(*invited(head, "--address", "127.0.0.1:1"))
    assert done.returncode == 125
    assert "127.0.0.1:1: nothing listens there" in done.stderr
    assert "rota invite --address" in done.stderr
