"""Homes from outside: a lock is believed, a pid is not."""

from __future__ import annotations

import fcntl
import json
import subprocess
import sys
from pathlib import Path

from rota.faces.homes import is_served, status_of, stop
from tests.client.cluster import Cluster


def test_a_home_with_a_server(cluster: Cluster) -> None:
    """Its lock is held and its status can be read."""
    assert is_served(str(cluster.home))
    assert status_of(str(cluster.home))["home"] == str(cluster.home)


def test_leftovers_of_a_server_that_was_killed(tmp_path: Path) -> None:
    """Files say that a stranger is the server; nobody holds the lock: he is let alone."""
    stranger = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    try:
        (tmp_path / "server.lock").write_text(f"pid {stranger.pid} on here\n")
        (tmp_path / "server.json").write_text(json.dumps({"server_pid": stranger.pid}))

        assert not is_served(str(tmp_path))
        assert status_of(str(tmp_path)) == {}
        assert stop(str(tmp_path), wait_s=1)
        assert stranger.poll() is None
    finally:
        stranger.communicate(b"\n")


def test_no_home_at_all(tmp_path: Path) -> None:
    """Nobody serves what is not there."""
    assert not is_served(str(tmp_path / "none"))


def test_a_server_that_has_not_said_who_it_is_cannot_be_stopped(tmp_path: Path) -> None:
    """It is starting: whoever wants it gone is told that it is still there."""
    with open(tmp_path / "server.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)

        assert not stop(str(tmp_path), wait_s=0.1)
