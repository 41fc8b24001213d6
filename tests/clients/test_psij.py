"""PSI/J: its own executor for Slurm on our commands, and ours."""

from __future__ import annotations

import pytest

from tests.clients.conftest import ROOT, Run

PROGRAM = """\
import datetime, psij
pool = psij.JobExecutor.get_instance("{name}")
pool.config.initial_queue_polling_delay = pool.config.queue_polling_interval = 1
spec = lambda n: psij.JobSpec("/bin/sh", ["-c", f"echo hi; exit {{n}}"], stdout_path="out")
jobs = [psij.Job(spec(n)) for n in (0, 3)]
for job in jobs:
    pool.submit(job)
ended = [job.wait(timeout=datetime.timedelta(seconds=90)) for job in jobs]
print([(status.state.name, status.exit_code) for status in ended])
print(open("out").read().strip())
"""
OURS = {"PYTHONPATH": str(ROOT / "src")}


@pytest.mark.real
@pytest.mark.slow
@pytest.mark.parametrize("name", ["slurm", "rota"])
def test_jobs_end_as_they_did(run: Run, name: str) -> None:
    """States and exit codes; "rota" needs no commands in PATH."""
    program = PROGRAM.format(name=name)
    done = run("python", "-c", program, **(OURS if name == "rota" else {}))
    assert done.stdout == "[('COMPLETED', 0), ('FAILED', 3)]\nhi\n", done.stderr


@pytest.mark.real
@pytest.mark.slow
def test_the_file_to_copy_runs(run: Run) -> None:
    """PSI/J finds our executor by its descriptor."""
    done = run("python", "date.py", page="psij", **OURS)
    assert done.stdout.strip() == "COMPLETED", done.stderr
