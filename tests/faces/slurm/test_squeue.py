"""squeue: which jobs, which exit code."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.faces.slurm.conftest import Slurm

Submit = Callable[..., str]


def test_states_names_and_ids(slurm: Slurm, submitted: Submit) -> None:
    """Conditions hold together."""
    job = submitted("-H", "-J", "sq-held", "--wrap", "true")
    array = submitted("-H", "-J", "sq-array", "-a", "2-3", "--wrap", "true")

    line = slurm("squeue", "-h", "-j", job, "-o", "%i %t %T %r %j")
    assert line.out == f"{job} PD PENDING JobHeldUser sq-held\n"
    assert (
        slurm("squeue", "-h", "--me", "-n", "sq-array", "-o", "%i").out
        == f"{array}_[2-3]\n"
    )
    assert slurm("squeue", "-hr", "-j", array, "-o", "%i %K").out == (
        f"{array}_2 2\n{array}_3 3\n"
    )
    assert slurm("squeue", "-h", "-t", "R,CG", "-j", f"{job},{array}").out == ""
    assert slurm("squeue", "-h", "-u", "nobody").out == ""
    slurm("scancel", job, array)
    assert slurm("squeue", "-h", "-j", job).out == ""
    assert slurm("squeue", "-h", "-t", "ca", "-j", job, "-o", "%T").out == "CANCELLED\n"


def test_an_unknown_job_alone_is_an_error(slurm: Slurm) -> None:
    """With others it is not there, and that is all."""
    said = slurm("squeue", "-j", "99999999")
    assert (said.code, said.out) == (1, "")
    assert said.err == "slurm_load_jobs error: Invalid job id specified\n"
    said = slurm("squeue", "-h", "-j", "99999998,99999999")
    assert (said.code, said.out, said.err) == (0, "", "")


def test_wrong_usage(slurm: Slurm) -> None:
    """In getopt's words; a state that is none is told with those there are."""
    said = slurm("squeue", "--nosuch")
    assert said.code == 1 and said.err.startswith("squeue: unrecognized option")
    assert "Invalid job state specified: NOPE" in slurm("squeue", "-t", "NOPE").err
    assert slurm("squeue", "-O", "nosuch").code == 1
    assert slurm("squeue", "-j", "x").code == 1


def test_the_environment_may_say_the_format(
    slurm: Slurm,
    submitted: Submit,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """SQUEUE_FORMAT."""
    job = submitted("-H", "--wrap", "true")
    monkeypatch.setenv("SQUEUE_FORMAT", "<%i>")
    assert slurm("squeue", "-h", "-j", job).out == f"<{job}>\n"


def test_json(slurm: Slurm, submitted: Submit) -> None:
    """One document."""
    job = submitted("-H", "--wrap", "true")
    assert slurm("squeue", "--json", "-j", job).json["jobs"][0]["job_id"] == int(job)
