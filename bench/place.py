"""A Rota of the bench's own: server, agent and home, begun and ended with ``with``.

    with Place(cores=2) as place:
        place.client.submit(...)

The home is in bench/out, so that what is synced goes to a disk and not to a tmpfs.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import meter
from floor import OUT

from rota.client.http import Client

BIN = Path(sys.executable).parent
ROTA = str(BIN / "rota")
START_S = 60.0
JOB: dict[str, Any] = {
    "argv": ["/bin/true"],
    "cwd": "/",
    "env": {"PATH": "/usr/bin:/bin"},
}
"""The job of every figure: nothing, really run, its output captured."""
SIGNS = {
    "server": "-m rota.server",
    "agent": "-m rota.agent",
    "shepherd": "rota.agent.fold",
}
"""What tells a process by its command line, which names the home as well."""


class Place:
    """See the head of the file."""

    def __init__(self, *, cores: int) -> None:
        OUT.mkdir(exist_ok=True)
        meter.adopt_orphans()
        self.home = tempfile.mkdtemp(prefix="home-", dir=OUT)
        self.env = {k: v for k, v in os.environ.items() if not k.startswith("ROTA_")}
        self.env["ROTA_HOME"] = self.home
        # Without compiled files every start would compile: no user's command does.
        self.env.pop("PYTHONDONTWRITEBYTECODE", None)
        self._cores = cores

    def __enter__(self) -> Self:
        try:
            self.rota("up", "--detach", "--cores", str(self._cores))
            self.client = Client(home=self.home)
            meter.until(self._is_ready, limit_s=START_S, what="a node that is up")
        except BaseException:
            self._leave()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.client.close()
        self._leave()

    def pids(self) -> dict[str, int]:
        """Return {what it is: pid} of the processes that belong to this Rota."""
        commands = {pid: meter.command_of(pid) for pid in meter.descendants()}
        return {
            name: pid
            for name, sign in SIGNS.items()
            for pid, words in commands.items()
            if sign in words and self.home in words
        }

    def rota(self, *words: str) -> str:
        """Run ``rota`` with *words* for this home; return what it printed."""
        done = subprocess.run(
            [ROTA, *words], env=self.env, capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise RuntimeError(f"rota {' '.join(words)}: {done.returncode}\n{done.stderr}")
        return done.stdout

    def _is_ready(self) -> bool:
        return any(node["state"] == "up" for node in self.client.nodes())

    def _leave(self) -> None:
        subprocess.run(
            [ROTA, "down", "--kill-jobs"], env=self.env, capture_output=True, check=False
        )
        shutil.rmtree(self.home, ignore_errors=True)
