"""submitit, as it comes from PyPI, believes that it talks to Slurm."""

from __future__ import annotations

import pytest

from tests.clients.conftest import Run

PROGRAM = """\
import os, submitit

def add(a, b):
    return a + b

def fail():
    raise ValueError("planned")

pool = submitit.AutoExecutor(folder="logs", cluster="slurm")
pool.update_parameters(timeout_min=5, slurm_mem="500M")
one, bad = pool.submit(add, 3, 4), pool.submit(fail)
many = pool.map_array(add, [1, 2], [10, 20])
print(one.result(), [job.result() for job in many], "planned" in str(bad.exception()))
print(all(job.job_id == f"{many[0].job_id[:-2]}_{i}" for i, job in enumerate(many)))
"""


@pytest.mark.real
@pytest.mark.slow
def test_jobs_arrays_and_failures(run: Run) -> None:
    """Values and exceptions come back."""
    done = run(PROGRAM)
    assert done.stdout == "7 [11, 22] True\nTrue\n", done.stderr
