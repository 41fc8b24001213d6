"""Two servers, one database: who waits takes over, who was deposed stops (G26).

About rota.server.leader.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from rota.core.errors import Refused, Unreachable
from rota.server.home import Home
from rota.server.leader import lead
from rota.server.peers import Peers, card_of
from tests.real import postgres
from tests.server.running import until


async def waited(folder: Path, database: str) -> object:
    """Wait to lead *database* from a home in *folder*."""
    home = Home(folder)
    peers = Peers(card_of(home, None, None), home)
    return await lead(database, asyncio.Event(), home=home, peers=peers)


def test_no_store_for_such_an_address(tmp_path: Path) -> None:
    """The sentence says which there are."""
    with pytest.raises(Refused, match="no store for mysql: in this version; give postgre"):
        asyncio.run(waited(tmp_path, "mysql://x/y"))


def test_a_database_that_is_not_there_is_told(tmp_path: Path) -> None:
    """Before anything is opened."""
    pytest.importorskip("psycopg")
    with pytest.raises(Unreachable, match="does not answer"):
        asyncio.run(waited(tmp_path, "postgresql:///x?host=/nowhere"))


class Server:
    """A server of its own home on the shared database."""

    def __init__(self, home: Path, url: str, *words: str) -> None:
        self.home = home
        self.log = home.with_suffix(".log")
        self._words = [
            sys.executable, "-m", "rota.server", "--home", str(home), "--no-tcp",
            "--database", url, "--log", str(self.log), *words,
        ]  # fmt: skip
        self.start()

    def start(self) -> None:
        """Start it; it may lead or wait."""
        self.process = subprocess.Popen(
            self._words, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
        )

    def leads(self) -> bool:
        """Whether it is ready."""
        return (self.home / "server.json").exists() and self.process.poll() is None

    def says(self, what: str) -> bool:
        """Whether its log has *what*."""
        return self.log.exists() and what in self.log.read_text("utf-8")

    def rota(self, *words: str) -> Any:
        """Run a verb against it; return what it printed, as JSON."""
        env = os.environ | {"ROTA_HOME": str(self.home)}
        done = subprocess.run(
            [sys.executable, "-m", "rota", words[0], "--json", *words[1:]],
            env=env, capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def kill(self) -> None:
        """End it without a word."""
        self.process.kill()
        self.process.wait(timeout=20)


@pytest.fixture
def url() -> Iterator[str]:
    """The address of an empty database."""
    with postgres.running().lent() as url:
        yield url


@pytest.fixture
def pair(tmp_path: Path, url: str) -> Iterator[tuple[Server, Server]]:
    """A server that leads, and one that waits."""
    first = Server(tmp_path / "first", url)
    assert until(first.leads)
    second = Server(tmp_path / "second", url)
    assert until(lambda: second.says("standing by"))
    yield first, second
    for server in (first, second):
        if server.process.poll() is None:
            server.process.send_signal(signal.SIGCONT)
            server.kill()
        assert server.process.stderr is not None
        server.process.stderr.close()


@pytest.mark.real
def test_g26_a_standby_takes_over_when_the_leader_is_killed(
    pair: tuple[Server, Server],
) -> None:
    """What was promised is there, numbers go on, the killed one waits when started anew."""
    first, second = pair
    (job,) = first.rota("submit", "--", "true")["jobs"]
    first.kill()
    assert until(second.leads)

    found = second.rota("ls", "--all")["jobs"]
    assert [row["id"] for row in found] == [job["id"]]
    assert second.rota("submit", "--", "true")["jobs"][0]["id"] == job["id"] + 1


@pytest.mark.real
def test_g26_a_leader_that_hangs_is_deposed_and_stops_when_it_wakes(
    pair: tuple[Server, Server],
) -> None:
    """It finds that another leads, writes nothing, and says so."""
    first, second = pair
    first.process.send_signal(signal.SIGSTOP)
    assert until(second.leads, timeout=30)
    second.rota("submit", "--", "true")
    first.process.send_signal(signal.SIGCONT)
    _, told = first.process.communicate(timeout=30)

    assert first.process.returncode == 125
    assert "another server leads the database" in told


@pytest.mark.real
def test_a_database_that_restarts_stops_promises_not_the_server(
    tmp_path: Path, url: str
) -> None:
    """New work is refused with the reason, and taken again when it is back."""
    server = Server(tmp_path / "home", url)
    assert until(server.leads)
    server.rota("submit", "--", "true")
    postgres.running().stop("immediate")
    env = os.environ | {"ROTA_HOME": str(server.home)}
    words = [sys.executable, "-m", "rota", "ls"]
    refused = subprocess.run(words, env=env, capture_output=True, text=True, check=False)
    postgres.running().start()

    assert refused.returncode == 125
    assert "does not answer" in refused.stderr
    again = [sys.executable, "-m", "rota", "submit", "--", "true"]
    assert until(lambda: subprocess.run(again, env=env, check=False).returncode == 0)
    assert len(server.rota("ls", "--all")["jobs"]) == 2
    server.kill()
    assert server.process.stderr is not None
    server.process.stderr.close()


@pytest.fixture
def agent(pair: tuple[Server, Server], tmp_path: Path) -> Iterator[Path]:
    """The home of an agent that was told of the first server alone."""
    home = tmp_path / "node"
    words = ["--server", f"unix:{pair[0].home}/rota.sock", "--home", str(home),
             "--token-file", str(pair[0].home / "agent-token")]  # fmt: skip
    with (tmp_path / "agent.log").open("w") as log:
        agent = subprocess.Popen(
            [sys.executable, "-m", "rota.agent", *words, "--cores", "2", "--name", "n"],
            stdout=log, stderr=log,
        )  # fmt: skip
    yield home
    agent.kill()
    agent.wait()
    kill = [sys.executable, "-m", "rota.agent", "--home", str(home), "--kill-jobs"]
    subprocess.run(kill, check=True)


@pytest.mark.real
def test_clients_and_agents_follow_by_themselves(
    pair: tuple[Server, Server], agent: Path, tmp_path: Path
) -> None:
    """They knew of the first alone; the job that ran is the same attempt, to its end."""
    first, second = pair
    go = tmp_path / "go"
    wait = f"while [ ! -e {go} ]; do sleep 0.05; done; exit 5"
    first.rota("submit", "--", "sh", "-c", wait)
    assert until(lambda: first.rota("show", "1")["state"] == "running")
    assert until(lambda: str(second.home) in _text(agent / "servers.json"))
    assert until(lambda: str(second.home) in _text(first.home / "servers.json"))
    first.kill()

    assert first.rota("show", "1")["state"] == "running"
    assert second.leads()
    assert until(lambda: first.rota("nodes")["nodes"][0]["state"] == "up", timeout=30)
    go.touch()
    assert until(lambda: second.rota("show", "1")["state"] == "failed")
    ended = second.rota("show", "1")
    assert (ended["attempt"], ended["exit_code"]) == (1, 5)


def _text(path: Path) -> str:
    return path.read_text("utf-8") if path.exists() else ""
