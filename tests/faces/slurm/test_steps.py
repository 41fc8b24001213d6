"""Steps: the processes that srun starts."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from rota.faces.slurm import steps


def step(*argv: str, **options: object) -> subprocess.CompletedProcess[str]:
    """Run a step as a process of its own, as a job's script does."""
    command = [sys.executable, steps.__file__, json.dumps(options), *argv]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)


def test_each_task_knows_its_number() -> None:
    """And each line says whose it is."""
    done = step("sh", "-c", "echo $SLURM_PROCID of $SLURM_NTASKS", ntasks=2, label=True)
    assert sorted(done.stdout.splitlines()) == ["0: 0 of 2", "1: 1 of 2"]


@pytest.mark.parametrize(
    ("command", "code", "told"),
    [
        ("exit 7", 7, "task 0: Exited with exit code 7"),
        ("kill -9 $$", 137, "task 0: Killed"),
    ],
)
def test_the_exit_code_is_the_highest(command: str, code: int, told: str) -> None:
    """128 + signal when one was killed; which task it was is said."""
    done = step("sh", "-c", command)
    assert done.returncode == code and told in done.stderr


def test_what_is_not_there() -> None:
    """Slurm's sentence, and 2."""
    done = step("/no/such/command")
    assert done.returncode == 2
    assert "execve(): /no/such/command: No such file or directory" in done.stderr


def test_outputs_and_input(tmp_path: Path) -> None:
    """A file for each task; input goes to the first alone."""
    done = step("cat", ntasks=2, output=str(tmp_path / "o-%t"), input="hi")
    assert done.returncode == 0
    assert (tmp_path / "o-0").read_text() == "hi" and (tmp_path / "o-1").read_text() == ""
