"""Leaving: without jobs an agent ends and takes its folder along; with jobs it stays."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from rota.agent.leaving import leave
from rota.client.http import Client
from tests.server.running import Server, until


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """A server without an agent of its own."""
    with Server(tmp_path / "home") as running:
        yield running


def agent(server: Server, scratch: Path, *words: str) -> subprocess.Popen[bytes]:
    """Start an agent whose home is in *scratch*."""
    scratch.mkdir(exist_ok=True)
    command = [
        sys.executable, "-m", "rota.agent", "--server", f"unix:{server.home}/rota.sock",
        "--token-file", str(server.home / "agent-token"), "--home", str(scratch / "node"),
        "--name", "n1", "--scratch", str(scratch), "--linger", "2s", *words,
    ]  # fmt: skip
    return subprocess.Popen(command)


def test_who_has_nothing_leaves_without_a_trace(server: Server, tmp_path: Path) -> None:
    """Who has a job stays; afterwards it may go."""
    scratch = tmp_path / "scratch"
    one = agent(server, scratch)
    gate = tmp_path / "go"
    job = server.submit(command=f"until [ -e {gate} ]; do sleep 0.05; done")
    server.until(job, "running")
    assert leave(str(scratch / "node"), timeout_ms=20_000) == 1
    assert one.poll() is None
    gate.touch()
    server.until(job, "done")

    def gone() -> bool:
        # The server forgets an attempt a moment after it has said that it is done.
        return leave(str(scratch / "node"), timeout_ms=20_000) == 0

    until(gone)
    assert one.wait(20) == 0
    assert not scratch.exists()
    assert leave(str(scratch / "node"), timeout_ms=1) == 0


def test_who_is_alone_for_long_leaves(server: Server, tmp_path: Path) -> None:
    """Its server has gone and nobody else asked; a second start wakes the first."""
    scratch = tmp_path / "scratch"
    one = agent(server, scratch, "--idle", "1s")
    with Client(home=str(server.home)) as client:
        until(lambda: any(node.state == "up" for node in client.nodes()))
    second = agent(server, scratch)
    assert second.wait(20) == 2
    assert one.poll() is None
    server.stop()
    assert one.wait(60) == 0
    assert not scratch.exists()
