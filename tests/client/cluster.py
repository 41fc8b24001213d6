"""A real server with its local agent, as ``rota up`` starts them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

START_S = 60.0


class Cluster:
    """``with`` starts it and stops it, its jobs too."""

    def __init__(self, home: Path, *words: str) -> None:
        self.home = home
        self.words = words or ("--cores", "2", "--name", "node1")
        self.env = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith("ROTA_")
        }
        self.env["ROTA_HOME"] = str(home)

    def __enter__(self) -> Cluster:
        done = self.rota("up", "--detach", *self.words)
        assert done.returncode == 0, done.stderr
        return self

    def __exit__(self, *_: object) -> None:
        self.rota("down", "--kill-jobs")

    def command(self, *words: str) -> list[str]:
        """Return the command line of ``rota`` with *words*."""
        code = "import sys; from rota.faces.main import main; sys.exit(main())"
        return [sys.executable, "-c", code, *words]

    def rota(
        self, *words: str, text: str = "", cwd: Path | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run ``rota`` as a process of its own, *text* as its standard input."""
        return subprocess.run(
            self.command(*words), env=self.env, input=text, capture_output=True, text=True,
            timeout=START_S, check=False, cwd=cwd,
        )  # fmt: skip

    def status(self) -> dict[str, Any]:
        """Return what the server wrote about itself."""
        found: dict[str, Any] = json.loads((self.home / "server.json").read_text())
        return found
