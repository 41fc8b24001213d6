"""``rota up``: a server and an agent, in the background or before one's eyes."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from rota.faces.up import page_url
from tests.client.cluster import Cluster
from tests.faces.person import Person


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[Cluster]:
    """A home without a server; whatever is started there is stopped."""
    cluster = Cluster(tmp_path / "home")
    yield cluster
    cluster.rota("down", "--kill-jobs")


def test_detached_it_says_where_it_is(fresh: Cluster) -> None:
    """The frozen object; ready when the command returns."""
    done = fresh.rota(
        "up", "--detach", "--json", "--cores", "1", "--name", "n", "--label", "l"
    )
    told = json.loads(done.stdout)

    assert told["schema"] == "rota.up/1"
    assert told["url"] == f"unix:{fresh.home}/rota.sock"
    assert told["home"] == str(fresh.home)
    assert told["server_pid"] == fresh.status()["server_pid"]
    [node] = json.loads(fresh.rota("nodes", "--json").stdout)["nodes"]
    assert (node["name"], node["cores"], node["labels"][0]) == ("n", 1, "l")


def test_a_second_start_says_who_is_there(cluster: Cluster) -> None:
    """And changes nothing."""
    done = cluster.rota("up", "--detach")

    assert done.returncode == 2
    assert f"process {cluster.status()['server_pid']}" in done.stderr
    assert "rota down" in done.stderr


def test_in_the_foreground_ctrl_c_stops_it(fresh: Cluster) -> None:
    """It shows where it is and what goes on, and leaves nothing behind."""
    with Person(fresh, "up", "--cores", "1") as person:
        person.sees("cores in use")
        assert f"unix:{fresh.home}/rota.sock" in person.text
        person.presses("^C")
        assert person.is_left_with(0)
        assert "jobs that run go on" in person.text

    assert not (fresh.home / "server.json").exists()


def test_term_stops_it_as_well(fresh: Cluster) -> None:
    """A service manager's way to say Ctrl-C."""
    process = subprocess.Popen(
        fresh.command("up", "--json", "--cores", "1"), env=fresh.env, stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    pid = json.loads(process.stdout.readline())["server_pid"]
    process.terminate()
    process.communicate(timeout=30)

    assert not Path(f"/proc/{pid}").exists()
    assert not (fresh.home / "server.json").exists()


def test_what_prevents_a_start_is_told(fresh: Cluster) -> None:
    """Not a log's tail, but the sentence."""
    done = fresh.rota("up", "--detach", "--database", "oracle://x")

    assert (done.returncode, done.stdout) == (2, "")
    assert "there is no store for oracle" in done.stderr
    assert "Traceback" not in done.stderr


def test_wrong_values_are_refused_before_anything_starts(fresh: Cluster) -> None:
    """A size without unit, no cores at all."""
    for words in (["--memory", "8"], ["--cores", "0"]):
        assert fresh.rota("up", "--detach", *words).returncode == 2
    assert not fresh.home.exists()


def test_the_page_s_address_carries_the_token(tmp_path: Path) -> None:
    """For a person to click; a home without a token gives the bare address."""
    status = {"tcp": "http://127.0.0.1:7", "home": str(tmp_path)}
    assert page_url(status) == "http://127.0.0.1:7"
    (tmp_path / "token").write_text("secret")
    assert page_url(status) == "http://127.0.0.1:7/?token=secret"


def test_the_token_is_not_printed_into_a_pipe(fresh: Cluster) -> None:
    """A log is no place for it (G31); nor may others read the log."""
    done = fresh.rota("up", "--detach", "--cores", "1")
    token = (fresh.home / "token").read_text().strip()

    assert token not in done.stdout + done.stderr
    assert os.stat(fresh.home / "server.log").st_mode & 0o077 == 0
