"""./try and the environment it makes, from a copy of this repository without one."""

import os
import select
import shutil
import signal
import stat
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.examples.conftest import ROOT

NOT_COPIED = (".git", ".venv", "out", "try-out", "home-*", "*_cache", "__pycache__")
START_S = 120.0


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the repository in which nothing was ever run."""
    folder = tmp_path_factory.mktemp("clone") / "rota"
    shutil.copytree(ROOT, folder, ignore=shutil.ignore_patterns(*NOT_COPIED))
    return folder


@pytest.mark.slow
def test_from_a_fresh_clone_to_the_report(clone: Path) -> None:
    """One command makes the environment, runs 214 tasks, retries one, shows the report."""
    done = subprocess.run(
        ["./try"], cwd=clone, env=_env(), capture_output=True, text=True, timeout=600
    )

    assert done.returncode == 0, done.stdout + done.stderr
    assert ".venv with examples" in done.stdout
    assert "[**********] 213/213" in done.stdout
    assert "requeue" in done.stdout and "19#2  finish" in done.stdout
    assert "http://127.0.0.1:" in done.stdout
    report = clone / "examples" / "campaign" / "out" / "report.html"
    assert str(report) in done.stdout and report.stat().st_size > 200_000
    assert not (clone / "try-out" / "home" / "server.json").exists()


@pytest.mark.slow
def test_it_can_be_interrupted_and_run_again(clone: Path) -> None:
    """Ctrl-C in the middle stops the queue; the environment is not made a second time."""
    ready = clone / "try-out" / "home" / "server.json"
    with subprocess.Popen(
        ["./try"], cwd=clone, env=_env(), stdout=subprocess.PIPE, text=True,
        start_new_session=True,
    ) as trial:  # fmt: skip
        _until(ready.exists)
        os.killpg(trial.pid, signal.SIGINT)  # as a terminal does
        output, _ = trial.communicate(timeout=60)

    assert trial.returncode == 130
    assert "rota down" in output and ".venv with" not in output
    assert not ready.exists()


def test_an_old_python_is_refused_with_the_remedy(tmp_path: Path) -> None:
    """Who has no Python 3.11 reads what they have and what to install, not a traceback."""
    for name in ("sh", "dirname", "tail"):
        (tmp_path / name).symlink_to(shutil.which(name) or "")
    old = tmp_path / "python3"
    old.write_text('#!/bin/sh\ncase "$2" in *print*) echo 3.9.18;; *) exit 1;; esac\n')
    old.chmod(old.stat().st_mode | stat.S_IXUSR)

    done = subprocess.run(
        [ROOT / "try"], env={"PATH": str(tmp_path)}, capture_output=True, text=True
    )

    assert done.returncode == 125
    assert "needs Python 3.11 or newer, but python3 here is 3.9.18." in done.stderr
    assert "apt install" in done.stderr and "PYTHON=" in done.stderr


def _env() -> dict[str, str]:
    return {k: v for k, v in os.environ.items() if not k.startswith(("ROTA_", "PYTEST_"))}


def _until(holds: Callable[[], bool]) -> None:
    """Wait until *holds()*, at most START_S."""
    deadline = time.monotonic() + START_S
    while not holds():
        assert time.monotonic() < deadline, "the queue was not started"
        select.select([], [], [], 0.05)
