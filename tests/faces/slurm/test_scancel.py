"""scancel: what is ended, what is said."""

from __future__ import annotations

from collections.abc import Callable

from rota.client.http import Client
from tests.faces.slurm.conftest import Slurm

Submit = Callable[..., str]


def test_one_bad_id_does_not_keep_the_others(
    slurm: Slurm, submitted: Submit, client: Client
) -> None:
    """It is told, and the exit code is 1."""
    job = submitted("-H", "--wrap", "true")
    said = slurm("scancel", "notanumber", job)
    assert said.code == 1 and said.err == "scancel: error: Invalid job id notanumber\n"
    assert client.job(int(job)).state == "cancelled"


def test_what_is_not_there_is_no_error(slurm: Slurm) -> None:
    """Only -v tells."""
    assert slurm("scancel", "99999999") == (0, "", "")
    said = slurm("scancel", "-v", "99999999")
    assert said.err == (
        "scancel: Terminating job 99999999\n"
        "scancel: error: Kill job error on job id 99999999: Invalid job id specified\n"
    )


def test_tasks_and_names(slurm: Slurm, submitted: Submit, client: Client) -> None:
    """A task alone; all of a name in a state."""
    array = submitted("-H", "-a", "1-3", "-J", "sc-array", "--wrap", "true")
    assert slurm("scancel", f"{array}_2").code == 0
    assert client.job(int(array)).counts == {"held": 2, "cancelled": 1}
    assert slurm("scancel", "-t", "RUNNING", "-n", "sc-array").code == 0
    assert client.job(int(array)).counts["held"] == 2
    assert slurm("scancel", "--me", "-n", "sc-array").code == 0
    assert client.job(int(array)).state == "cancelled"


def test_nothing_named_is_an_error(slurm: Slurm) -> None:
    """Nothing is ever cancelled by accident."""
    assert slurm("scancel").err == "scancel: error: No job identification provided\n"
