"""Batch systems for tests: a real Slurm and a real Grid Engine on loopback, in one folder.

with BatchSystems() as systems:     sbatch, qsub … are on the PATH
    systems.kill_slurm()            kill -9: its daemons, its pilots, what runs in them
    systems.boot_slurm()            its daemons again, from what they had on disk

The scripts in ``clusters`` start and stop them; they need root and the packages.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType

import pytest

from tests.real.sshd import children, kill

CLUSTERS = Path(__file__).parent / "clusters"
NEEDED = ("slurmctld", "slurmd", "munged", "qconf")
START_S = 120.0


class BatchSystems:
    """Slurm with two nodes of four cores, Grid Engine with eight slots."""

    def __init__(self) -> None:
        self._before = dict(os.environ)
        # Sockets want a short path.
        self.folder = Path(tempfile.mkdtemp(prefix="rota-"))

    def __enter__(self) -> BatchSystems:
        path = f"{os.environ['PATH']}:/usr/sbin:/sbin"
        lacking = [name for name in NEEDED if not shutil.which(name, path=path)]
        if lacking or os.getuid() != 0:
            why = f"packages of {', '.join(lacking)}" if lacking else "root"
            self._end()
            pytest.skip(f"a real Slurm and Grid Engine need {why}; see tools/packages.py")
        try:
            for name in ("slurm", "gridengine"):
                self._up(name)
        except BaseException:
            self._end()
            raise
        os.environ["PATH"] = f"{self.folder / 'gridengine' / 'bin'}:{path}"
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:  # fmt: skip
        self._end()

    def kill_slurm(self) -> None:
        """Kill all of Slurm and all that it started, as if its machines had lost power."""
        for pid in list(self._slurm()):
            for one in (pid, *_below(pid)):
                kill(one)

    def boot_slurm(self) -> None:
        """Start Slurm's daemons again; they take up what they had written down."""
        conf = os.environ["SLURM_CONF"]
        nodes = [["slurmd", "-N", name, "-f", conf] for name in ("n1", "n2")]
        # It would find out by itself what died there, minutes later: its operator says so.
        down = ["scontrol", "update", "NodeName=n1,n2", "State=DOWN", "Reason=power"]
        for words in (["slurmctld", "-f", conf], down, *nodes):
            subprocess.run(words, check=True, timeout=START_S)

    @contextlib.contextmanager
    def slurm_with(self, *lines: str) -> Iterator[None]:
        """Have Slurm go by *lines* of slurm.conf as well, for as long as this lasts."""
        conf = Path(os.environ["SLURM_CONF"])
        before = conf.read_text()
        read = ["scontrol", "reconfigure"]
        try:
            conf.write_text("\n".join([before.rstrip("\n"), *lines, ""]))
            subprocess.run(read, check=True, timeout=START_S)
            yield
        finally:
            conf.write_text(before)
            subprocess.run(read, check=True, timeout=START_S)

    def _slurm(self) -> Iterator[int]:
        """Yield the pids of its daemons: those that have this folder's files open."""
        for path in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                name = Path(os.readlink(path / "exe")).name
                if name.startswith("slurm") and self._is_ours(path):
                    yield int(path.name)

    def _is_ours(self, process: Path) -> bool:
        opened = (os.readlink(one) for one in (process / "fd").iterdir())
        return any(one.startswith(f"{self.folder}/") for one in opened)

    def _up(self, name: str) -> None:
        up = [f"{CLUSTERS}/{name}-up", "--dir", f"{self.folder}/{name}", "--no-install"]
        told = subprocess.run(up, text=True, capture_output=True, timeout=START_S)
        assert told.returncode == 0, told.stderr
        words = (line.removeprefix("export ") for line in told.stdout.splitlines())
        os.environ.update(word.partition("=")[::2] for word in words)

    def _end(self) -> None:
        for name in ("slurm", "gridengine"):
            down = [f"{CLUSTERS}/{name}-down", "--dir", f"{self.folder}/{name}", "--quiet"]
            subprocess.run(down, timeout=60, check=False)
        os.environ.clear()
        os.environ.update(self._before)
        shutil.rmtree(self.folder, ignore_errors=True)


def _below(pid: int) -> Iterator[int]:
    for child in children(pid):
        yield child
        yield from _below(child)
