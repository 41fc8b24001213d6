"""sacct and sstat."""

from __future__ import annotations

import pytest

from tests.faces.slurm.conftest import Slurm


@pytest.fixture(scope="module")
def done() -> list[str]:
    """The number of a job that ended with 3, once there is one."""
    return []


@pytest.fixture
def job(slurm: Slurm, done: list[str]) -> str:
    """Its number."""
    if not done:
        words = ("--parsable", "--wait", "-J", "sacct-it", "-o", "/dev/null")
        done.append(slurm("sbatch", *words, "--wrap", "exit 3").out.strip())
    return done[0]


def test_the_usual_table(slurm: Slurm, job: str) -> None:
    """A line for the job, one for its script."""
    lines = slurm("sacct", "-j", job).lines
    assert lines[0] == (
        "JobID           JobName  Partition    Account  AllocCPUS      State ExitCode "
    )
    assert lines[1].startswith("------------ ---------- ")
    assert lines[2].split()[0] == job and lines[2].split()[-2:] == ["FAILED", "3:0"]
    assert lines[3].startswith(f"{job}.batch")


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (["-n", "-X", "-P", "-o", "jobid,state,exitcode"], "{job}|FAILED|3:0\n"),
        (["-n", "-X", "-p", "-o", "JobID,State"], "{job}|FAILED|\n"),
        (["-n", "-X", "-o", "state%-12,exitcode"], "FAILED            3:0 \n"),
        (["-n", "-X", "-P", "--delimiter", "^", "-o", "JobID,State"], "{job}^FAILED\n"),
    ],
)
def test_columns(slurm: Slurm, job: str, words: list[str], line: str) -> None:
    """Parsable or in widths."""
    assert slurm("sacct", "-j", job, *words).out == line.format(job=job)


def test_by_name_and_time(slurm: Slurm, job: str) -> None:
    """As Snakemake asks."""
    words = ("-X", "-n", "-P", "--name", "sacct-it", "-o", "JobIDRaw,State")
    assert slurm("sacct", *words, "-S", "now-1hour", "-E", "now").out == f"{job}|FAILED\n"
    assert slurm("sacct", *words, "-S", "now+1hour").out == ""
    assert slurm("sacct", *words, "-s", "CD").out == ""
    assert slurm("sacct", "-X", "-n", "-P", "--name", "nosuch").out == ""


def test_unknown_jobs_and_fields(slurm: Slurm) -> None:
    """Of a job an empty answer, of a field Slurm's sentence."""
    assert slurm("sacct", "-n", "-j", "99999999") == (0, "", "")
    said = slurm("sacct", "-o", "nosuch")
    assert (said.code, said.err) == (1, 'sacct: error: Invalid field requested: "nosuch"\n')
    assert len(" ".join(slurm("sacct", "-e").lines).split()) == 109


def test_sstat_shows_steps_of_what_runs(slurm: Slurm, job: str) -> None:
    """What has ended is not there."""
    words = ("-a", "-n", "-P", "-o", "JobID,MaxRSS,AveCPU", "-j")
    assert slurm("sstat", *words, job).out == ""
