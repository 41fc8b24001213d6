"""The agent travels as one file and runs on the oldest Python it promises."""

from __future__ import annotations

import ast
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from rota.agent import bundle
from tests.agent.server import Node, until


def old_python() -> str | None:
    """Return a Python 3.9 of this machine, if there is one."""
    beside = Path(sys.base_prefix).parent.glob("3.9*/bin/python3.9")
    for python in [*map(str, beside), shutil.which("python3.9")]:
        if python and subprocess.run([python, "-V"], capture_output=True).returncode == 0:
            return python
    return None


def test_the_same_sources_give_the_same_bytes(tmp_path: Path) -> None:
    """Built twice, the file is the same; it holds what is imported and nothing else."""
    first, second = tmp_path / "a.pyz", tmp_path / "b.pyz"
    bundle.write(str(first))
    bundle.write(str(second))
    assert first.read_bytes() == second.read_bytes()
    names = zipfile.ZipFile(first).namelist()
    assert "rota/agent/shepherd.py" in names and "rota/core/template.py" in names
    for part in ("engine", "server", "store", "sched", "client", "faces"):
        assert not [name for name in names if name.startswith(f"rota/{part}")]


def test_it_imports_the_standard_library_only() -> None:
    """Nothing outside the standard library and the bundle itself."""
    known = set(sys.stdlib_module_names) | {"rota", "_queue", "_sha1"}
    for path in bundle.modules().values():
        for node in ast.walk(ast.parse(Path(path).read_text())):
            if isinstance(node, ast.Import):
                assert {alias.name.split(".")[0] for alias in node.names} <= known, path
            elif isinstance(node, ast.ImportFrom):
                assert (node.module or "").split(".")[0] in known, path


def test_every_module_is_for_python_3_9() -> None:
    """vermin finds nothing newer than 3.9 in any module of the bundle."""
    found = subprocess.run(
        [sys.executable, "-c", "import vermin; vermin.main()", "-t=3.9-", "--no-tips",
         "--violations", "--eval-annotations", *bundle.modules().values()],
        capture_output=True, text=True,
    )  # fmt: skip
    assert found.returncode == 0, found.stdout


@pytest.mark.parametrize("which", ["3.9", "this"])
def test_it_runs(tmp_path: Path, which: str) -> None:
    """One file, no installation: an agent, its shepherd, jobs, and kill -9 and all."""
    python = old_python() if which == "3.9" else sys.executable
    if python is None:
        pytest.skip("no Python 3.9 here")
    file = tmp_path / "rota-agent.pyz"
    bundle.write(str(file))
    here = Node(tmp_path, python=python, options=(), program=(str(file),))
    try:
        here.start()
        here.run(1, [[0, 1, None], [1, 1, None]], command="echo {task}; exit {task}")
        assert [here.finished(1, task)["exit"] for task in (0, 1)] == [0, 1]
        here.run(2, command="sleep 0.5; echo adopted", memory=100 << 20, time_ms=20_000)
        here.wait("started", 2)
        here.kill_agent()
        here.start()
        assert here.finished(2)["exit"] == 0
        assert here.output(2) == "adopted\n"
        hello = next(m for m in here.server.told if m["t"] == "hello")
        version = subprocess.run([python, "-V"], capture_output=True, text=True).stdout
        assert hello["facts"]["python"] in version
    finally:
        here.close()
    until(lambda: not here.shepherd_pids(), "it ends")
