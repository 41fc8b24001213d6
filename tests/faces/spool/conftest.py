"""A drop folder, and a spooler in this process or in one of its own."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from rota.client.http import Client
from rota.faces.spool.folders import Folders
from rota.faces.spool.watch import Watch
from rota.formats.qm import Settings

WAIT_S = 60.0


class Drop:
    """The four folders below *root*, and one spooler of them."""

    def __init__(self, root: Path, client: Client) -> None:
        self.root, self.client = root, client
        self.queue, self.running = root / "QM_qJobs", root / "QM_Jobs"
        self.done, self.lost = root / "QM_dJobs", root / "QM_lost+found"
        self.said: list[str] = []
        self.settings = Settings()
        self.watch = self.spooler()

    def spooler(self) -> Watch:
        """Return a spooler as a new process would have it."""
        self.watch = Watch(
            self.client, Folders(str(self.root)), self.settings, settle_s=0.0,
            tell=self.said.append,
        )  # fmt: skip
        return self.watch

    def put(
        self, name: str, script: str, *, more: str = "", into: str = "QM_qJobs"
    ) -> Path:
        """Drop a job folder."""
        folder = self.root / into / name
        folder.mkdir()
        text = f"[QMOptions]\nscript : {script}\n{more}"
        (folder / "proc_config.cfg").write_text(text)
        return folder

    def until(self, met: Callable[[], object]) -> None:
        """Let the spooler look until something has come about."""
        end = time.monotonic() + WAIT_S
        while not met():
            assert time.monotonic() < end, self.said
            self.watch.look(time.monotonic())

    def names(self, folder: Path) -> set[str]:
        """Return what lies in one of the four."""
        return {path.name for path in folder.iterdir() if not path.name.startswith(".")}


@pytest.fixture
def drop(tmp_path: Path, client: Client) -> Drop:
    """Four empty folders."""
    return Drop(tmp_path, client)
