"""Parsl: workers in jobs of Slurm's, by its SlurmProvider."""

from __future__ import annotations

import pytest

from tests.clients.conftest import Run

PROGRAM = """\
import os, parsl
from rota_config import config

@parsl.python_app
def square(n):
    import os
    return n * n, "SLURM_JOB_ID" in os.environ

@parsl.bash_app
def hello(stdout="hello"):
    return "echo hello"

@parsl.python_app
def fail():
    raise ValueError("planned")

if __name__ == "__main__":
    with parsl.load(config):
        print([one.result() for one in [square(n) for n in range(3)]])
        print(hello().result(), open("hello").read().strip(), fail().exception())
"""


@pytest.mark.real
@pytest.mark.slow
def test_apps_run_in_jobs(run: Run) -> None:
    """Python, shell, and an exception that comes back."""
    done = run("python", "-c", PROGRAM, page="parsl")
    told = "[(0, True), (1, True), (4, True)]\n0 hello planned\n"
    assert done.stdout == told, done.stderr
