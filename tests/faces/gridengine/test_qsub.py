"""qsub: what it prints, what its jobs see."""

from __future__ import annotations

from pathlib import Path

from rota.client.http import Client
from tests.faces.gridengine.conftest import GridEngine

JOB = "#$ -N hello -cwd -j y\necho $1 $JOB_ID $SGE_TASK_ID $NSLOTS $JOB_NAME\n"


def test_a_script_with_arguments(ge: GridEngine, client: Client, tmp_path: Path) -> None:
    """Its output beside it, as Grid Engine names it."""
    (tmp_path / "job.sh").write_text(JOB)
    said = ge("qsub", "job.sh", "hi")
    job = int(said.out.split()[2])
    assert said.out == f'Your job {job} ("hello") has been submitted\n'
    assert client.wait(job, timeout_s=60).is_ok
    text = (tmp_path / f"hello.o{job}").read_text()
    assert text == f"hi {job} undefined 1 hello\n"


def test_arrays_and_commands(ge: GridEngine, client: Client) -> None:
    """-terse for programs; -sync y exits as the job."""
    said = ge("qsub", "-terse", "-h", "-t", "1-4:2", "-b", "y", "-cwd", "true")
    job, _, span = said.out.strip().partition(".")
    assert span == "1-4:2" and client.job(int(job)).tasks == 2
    said = ge("qsub", "-sync", "y", "-b", "y", "-cwd", "-j", "y", "false")
    assert said.code == 1


def test_refusals(ge: GridEngine) -> None:
    """With Grid Engine's exit codes."""
    said = ge("qsub", "nosuchfile")
    assert said.code == 14 and said.err.startswith(
        "Unable to run job: Job script nosuchfile"
    )
    assert ge("qsub", "-nosuch", "x").err == "qsub: Unknown option -nosuch\n"
    said = ge("qsub", "-pe", "smp", "999999", "-b", "y", "true")
    assert said.code == 1 and said.err.endswith("Exiting.\n")
