"""A queue moves to PostgreSQL and back; what runs meanwhile does not notice.

About rota.server.migrating and rota.store.places.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.real import postgres
from tests.server.running import until

pytestmark = pytest.mark.real


class Site:
    """A home, driven by the command ``rota`` alone."""

    def __init__(self, home: Path) -> None:
        self.home = home

    def rota(self, *words: str, code: int = 0) -> subprocess.CompletedProcess[str]:
        """Run a verb that has to end with *code*."""
        done = subprocess.run(
            [sys.executable, "-m", "rota", *words],
            env=os.environ | {"ROTA_HOME": str(self.home)},
            capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
        assert done.returncode == code, f"{words}: {done.stdout}{done.stderr}"
        return done

    def up(self, *words: str) -> None:
        """Start a server with an agent."""
        self.rota("up", "--detach", "--no-tcp", "--cores", "2", *words)

    def job(self, job: int) -> Any:
        """Return all that is known of *job*."""
        return json.loads(self.rota("show", "--json", str(job)).stdout)


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    """A home that is stopped afterwards, with all that runs in it."""
    found = Site(tmp_path / "home")
    yield found
    found.rota("down", "--kill-jobs")


@pytest.fixture
def url() -> Iterator[str]:
    """The address of an empty database."""
    with postgres.running().lent() as url:
        yield url


def test_there_and_back_with_a_job_that_runs(site: Site, url: str, tmp_path: Path) -> None:
    """One attempt, the exit code that it really had, the numbers go on."""
    done = tmp_path / "go"
    wait = f"while [ ! -e {done} ]; do sleep 0.05; done; exit 7"
    site.up()
    site.rota("submit", "--", "sh", "-c", wait)
    site.rota("submit", "--cores", "2", "--name", "later", "--", "true")
    assert until(lambda: site.job(1)["state"] == "running")
    refused = site.rota("migrate-store", "--to", url, code=2)
    assert "is held by a running server" in refused.stderr
    site.rota("down")

    there = json.loads(site.rota("migrate-store", "--json", "--to", url).stdout)
    assert there["tables"]["job"]["rows"] == 2
    left = site.rota("up", "--detach", "--no-tcp", code=2)
    assert "its queue was moved to postgresql://" in left.stderr
    site.up("--database", url)
    assert site.job(1)["state"] == "running"
    site.rota("down")

    back = json.loads(site.rota("migrate-store", "--json", "--from", url).stdout)
    assert back["tables"]["job"]["rows"] == 2
    assert (site.home / "rota.db.before-move-1").exists()
    site.up()
    done.touch()
    site.rota("wait", "1", "2", code=7)
    ended = site.job(1)
    assert (ended["attempt"], ended["exit_code"]) == (1, 7)
    assert site.job(2)["state"] == "done"


def test_a_move_that_is_killed_is_done_by_the_same_words(site: Site, url: str) -> None:
    """Wherever it was: never do two places open, never none for good."""
    site.up()
    site.rota("submit", "--", "true")
    site.rota("wait", "1")
    site.rota("down")
    words = [
        sys.executable, "-m", "rota.server.migrating", "--home", str(site.home),
        "--to", url,
    ]  # fmt: skip
    for instant in ("take", "say"):
        dying = subprocess.run(
            [sys.executable, "-m", "tests.stories.dying", instant, *words[3:]], check=False
        )
        assert dying.returncode == -signal.SIGKILL
        site.rota("up", "--detach", "--no-tcp", "--database", url, code=2)
    site.rota("migrate-store", "--to", url)
    site.up("--database", url)
    assert site.job(1)["state"] == "done"
