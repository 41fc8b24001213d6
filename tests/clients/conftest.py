"""An environment with the tools in it, and a server whose commands they find in PATH.

The tools are installed once, into .cache/clients: from PyPI, by uv, in seconds.
"""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.client.cluster import Cluster
from tests.clients import pages

ROOT = Path(__file__).resolve().parents[2]
TOOLS = (
    "submitit==1.5.4", "psij-python==0.9.11", "parsl==2026.10.26", "dask-jobqueue==0.9.0",
    "snakemake==9.27.1", "snakemake-executor-plugin-slurm==2.8.0",
    "snakemake-executor-plugin-cluster-generic==1.0.9", "toil[wdl]==9.6.0",
    "miniwdl-slurm==0.4.0",
)  # fmt: skip
INSTALL_S, RUN_S = 240.0, 120.0

Done = subprocess.CompletedProcess[str]
Run = Callable[..., Done]


@pytest.fixture(scope="session")
def tools() -> Path:
    """The folder of the tools' programs."""
    folder = ROOT / ".cache" / "clients"
    python, stamp = folder / "bin" / "python", folder / "tools"
    folder.mkdir(parents=True, exist_ok=True)
    with (folder.parent / "clients.lock").open("w") as lock:
        # The tests' other process waits for this one's installation.
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not stamp.is_file() or stamp.read_text() != " ".join(TOOLS):
            _call(sys.executable, "-m", "venv", str(folder))
            _call(str(python), "-m", "pip", "install", "-q", "uv")
            _call(
                str(folder / "bin" / "uv"), "pip", "install", "-q",
                "--python", str(python), *TOOLS,
            )  # fmt: skip
            stamp.write_text(" ".join(TOOLS))
    return folder / "bin"


def _call(*words: str) -> None:
    done = subprocess.run(
        words, capture_output=True, text=True, check=False, timeout=INSTALL_S
    )
    if done.returncode:
        last = " ".join(done.stderr.strip().splitlines()[-1:])
        pytest.skip(f"the tools cannot be installed from PyPI: {' '.join(words)}: {last}")


@pytest.fixture(scope="session")
def site() -> Iterator[Cluster]:
    """A server of four cores, and its commands in ``home/bin``.

    Its path is short: Parsl's workers make Unix sockets in their job's TMPDIR.
    """
    with (
        tempfile.TemporaryDirectory(prefix="rota-", dir="/tmp") as folder,
        Cluster(Path(folder) / "home", "--cores", "4", "--name", "node1") as site,
    ):
        assert site.rota("shims", str(site.home / "bin")).returncode == 0
        yield site


@pytest.fixture
def call(site: Cluster, tmp_path: Path) -> Run:
    """Run a command with our commands in PATH, in a folder of its own."""
    return _runner(site, tmp_path, f"{site.home / 'bin'}:{os.environ['PATH']}")


@pytest.fixture
def run(tools: Path, site: Cluster, tmp_path: Path) -> Run:
    """Run a command with the tools and our commands in PATH.

    ``run("python", "-c", text, page="parsl")`` has the files of that page in its folder.
    """
    return _runner(site, tmp_path, f"{site.home / 'bin'}:{tools}:{os.environ['PATH']}")


def _runner(site: Cluster, folder: Path, path: str) -> Run:
    def runs(*words: str, page: str = "", **variables: str) -> Done:
        if page:
            pages.copy(page, folder)
        env = {**site.env, "PATH": path, "HOME": str(folder)}
        env.pop("PYTHONPATH", None)
        return subprocess.run(
            words, capture_output=True, text=True, check=False, timeout=RUN_S,
            cwd=folder, env={**env, **variables},
        )  # fmt: skip

    return runs


def until(holds: Callable[[], object]) -> None:
    """Look until *holds*; what never comes is told after ``RUN_S``."""
    end = time.monotonic() + RUN_S
    while not holds():
        assert time.monotonic() < end, f"never came: {holds}"
        time.sleep(0.05)
