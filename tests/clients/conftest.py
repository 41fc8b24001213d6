"""An interpreter with the tools in it, and a server whose commands they find in PATH.

The tools are installed once, into .cache/clients: from PyPI, by pip.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.client.cluster import Cluster

ROOT = Path(__file__).resolve().parents[2]
TOOLS = ("submitit==1.5.4", "psij-python==0.9.11")
INSTALL_S, RUN_S = 240.0, 120.0

Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture(scope="session")
def tools() -> Path:
    """The interpreter that has the tools."""
    folder = ROOT / ".cache" / "clients"
    python, stamp = folder / "bin" / "python", folder / "tools"
    if not stamp.is_file() or stamp.read_text() != " ".join(TOOLS):
        subprocess.run(
            [sys.executable, "-m", "venv", folder], check=True, timeout=INSTALL_S
        )
        done = subprocess.run(
            [python, "-m", "pip", "install", "-q", *TOOLS],
            capture_output=True, text=True, check=False, timeout=INSTALL_S,
        )  # fmt: skip
        if done.returncode:
            last = done.stderr.strip().splitlines()[-1:]
            pytest.skip(f"pip cannot install {', '.join(TOOLS)}: {' '.join(last)}")
        stamp.write_text(" ".join(TOOLS))
    return python


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """A server of two cores, and its commands in ``home/bin``."""
    with Cluster(tmp_path_factory.mktemp("clients") / "home") as site:
        assert site.rota("shims", str(site.home / "bin")).returncode == 0
        yield site


@pytest.fixture
def run(tools: Path, site: Cluster, tmp_path: Path) -> Run:
    """Run a program in the tools' interpreter, in a folder of its own."""
    env = {**site.env, "PATH": f"{site.home / 'bin'}:{os.environ['PATH']}"}
    env.pop("PYTHONPATH", None)

    def in_tools(text: str, path: str = "") -> subprocess.CompletedProcess[str]:
        (tmp_path / "program.py").write_text(text)
        variables = {**env, "PYTHONPATH": path} if path else env
        return subprocess.run(
            [tools, "program.py"], capture_output=True, text=True, check=False,
            timeout=RUN_S, cwd=tmp_path, env=variables,
        )  # fmt: skip

    return in_tools
