"""An agent of the release before works with a server of today, its jobs running on (G06).

``agent.pyz`` is that agent, as ``python -m rota.agent.bundle`` made it before leaders had
epochs; it is exchanged when a release is made.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.server.running import until
from tests.stories.test_migrate_store import Site

AGENT = Path(__file__).with_name("agent.pyz")


class Served(Site):
    """A home and the server of today that serves it."""

    def start(self) -> None:
        """Start it and wait until it answers."""
        words = ["-m", "rota.server", "--home", str(self.home), "--no-tcp"]
        with self.home.with_suffix(".log").open("ab") as log:
            self.server = subprocess.Popen([sys.executable, *words], stdout=log, stderr=log)
        until((self.home / "server.json").exists, timeout=60)

    def kill(self) -> None:
        """End it without a word."""
        self.server.kill()
        self.server.wait()
        (self.home / "server.json").unlink()


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Served]:
    """A server of today without an agent of today."""
    found = Served(tmp_path / "home")
    found.start()
    node = tmp_path / "node"
    words = [
        sys.executable, str(AGENT), "--server", f"unix:{found.home}/rota.sock",
        "--token-file", str(found.home / "agent-token"), "--home", str(node),
        "--cores", "2", "--name", "old",
    ]  # fmt: skip
    with (tmp_path / "agent.log").open("wb") as log:
        agent = subprocess.Popen(words, stdout=log, stderr=log, env=bare())
    yield found
    agent.kill()
    agent.wait()
    kill = [sys.executable, str(AGENT), "--home", str(node), "--kill-jobs"]
    subprocess.run(kill, check=True, env=bare())
    found.kill()


def bare() -> dict[str, str]:
    """Return an environment in which only what is in the file is found."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}


def test_G06_a_job_of_an_old_agent_runs_on_through_a_restart(
    site: Served, tmp_path: Path
) -> None:
    """Started, adopted after the server was killed, ended with its true code, logged."""
    go = tmp_path / "go"
    wait = f"echo begun; while [ ! -e {go} ]; do sleep 0.05; done; exit 9"
    site.rota("submit", "--", "sh", "-c", wait)
    assert until(lambda: site.job(1)["state"] == "running", timeout=60)
    site.kill()
    site.start()
    assert until(lambda: "up" in site.rota("nodes", "--json").stdout, timeout=60)
    go.touch()

    site.rota("wait", "1", code=9)
    ended = site.job(1)
    assert (ended["attempt"], ended["exit_code"]) == (1, 9)
    assert site.rota("log", "1").stdout == "begun\n"


def test_an_old_agent_can_be_told_to_end_a_job(site: Served) -> None:
    """Kill, and work after it."""
    site.rota("submit", "--", "sleep", "600")
    assert until(lambda: site.job(1)["state"] == "running", timeout=60)
    site.rota("kill", "1")
    assert site.job(1)["state"] == "cancelled"
    site.rota("run", "--", "true")
