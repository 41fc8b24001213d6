"""submitit, as it comes from PyPI, believes that it talks to Slurm."""

from __future__ import annotations

import pytest

from tests.clients.conftest import Run

PROGRAM = """\
import os
from rota_pool import pool

def add(a, b):
    return a + b

def fail():
    raise ValueError("planned")

one, bad = pool.submit(add, 3, 4), pool.submit(fail)
many = pool.map_array(add, [1, 2], [10, 20])
print(one.result(), [job.result() for job in many], "planned" in str(bad.exception()))
print(all(job.job_id == f"{many[0].job_id[:-2]}_{i}" for i, job in enumerate(many)))
"""


@pytest.mark.real
@pytest.mark.slow
def test_jobs_arrays_and_failures(run: Run) -> None:
    """Values and exceptions come back."""
    done = run("python", "-c", PROGRAM, page="submitit")
    assert done.stdout == "7 [11, 22] True\nTrue\n", done.stderr
