"""Probes of licences: real commands, and everything that can go wrong with them."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from rota.core.licences import Reading
from rota.sched.licences import Metering
from rota.server.prober import read
from tests.server.running import Server, until


def ask(kind: str, what: str, **more: Any) -> Reading:
    """Return what the probe says."""
    return asyncio.run(read(Metering((kind, what), "abaqus", **more)))


LMSTAT = "Users of abaqus:  (Total of 5 licenses issued;  Total of 2 licenses in use)"


def test_a_command_is_read_as_its_kind_says(tmp_path: Path) -> None:
    """A number of its own, or the text of lmstat."""
    said = tmp_path / "said"
    said.write_text(LMSTAT)
    assert ask("command", "echo 7", gives="used").used == 7
    assert ask("lmstat", f"cat {said}").total == 5


@pytest.mark.parametrize(
    ("kind", "what", "told"),
    [
        ("command", "echo lost >&2; exit 3", "failed: exit code 3: lost"),
        ("command", "echo many", "printed 'many', not a number"),
        ("lmstat", "echo 'Users of x:  (Total of 5 licenses issued;  Total of 2 licenses "
                   "in use)'", "names no abaqus, but x"),
        ("rlmstat", "echo Error connecting", "names no abaqus, nor anything else"),
        ("url", "file:///etc/passwd", "is no http:// or https:// address"),
        ("url", "http://127.0.0.1:9/", "failed: "),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said(kind: str, what: str, told: str) -> None:
    """In a sentence that names it; nothing is raised."""
    assert told in ask(kind, what).error


def test_g22_one_that_hangs_is_ended_with_all_it_started(tmp_path: Path) -> None:
    """Its children too: a probe leaves nothing behind."""
    mark = tmp_path / "pid"
    command = f"sleep 1000 & echo $! > {mark}; wait"
    assert "said nothing for" in ask("command", command, timeout_ms=300).error
    pid = int(mark.read_text())
    stat = Path(f"/proc/{pid}/stat")
    until(lambda: not stat.exists() or ") Z " in stat.read_text())


def test_a_server_measures_and_shows_it(tmp_path: Path) -> None:
    """What the probe prints is on the list; when it fails, that is told there."""
    home, said = tmp_path / "home", tmp_path / "said"
    said.write_text(LMSTAT)
    home.mkdir(mode=0o700)
    (home / "config.yaml").write_text(
        f"licences: {{abaqus: {{count: 5, every: 100ms, probe: {{lmstat: cat {said}}}}}}}"
    )
    with Server(home) as server:

        def shown() -> Any:
            return server.call("GET", "/licences")[1]["licences"][0]

        until(lambda: shown()["foreign"] == 2 and shown()["free"] == 3)
        said.unlink()
        until(lambda: "its probe failed: exit code 1" in shown()["note"])
        assert shown()["free"] == 3
