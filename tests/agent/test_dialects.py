"""Variables that jobs of other systems expect."""

from __future__ import annotations

import pytest

from rota.agent.dialects import (
    Place,
    dialect_of,
    gridengine_task,
    raw_of,
    slurm,
    slurm_task,
)

NODES = [["n1", [0, 1], [3]], ["n2", [0, 1], []], ["n4", [5], []]]


def place(*, is_array: bool = False, **origin: str) -> Place:
    """Return a place on three nodes."""
    return Place(12, NODES, {"system": "slurm", **origin}, is_array)


def test_slurm_jobs_are_told_of_their_nodes() -> None:
    """In Slurm's own notation."""
    env = slurm(place(ntasks="5", cpus_per_task="1"))

    assert env["SLURM_JOB_NODELIST"] == "n[1-2,4]"
    assert env["SLURM_JOB_CPUS_PER_NODE"] == "2(x2),1"
    assert env["SLURM_TASKS_PER_NODE"] == "2(x2),1"
    assert env["SLURM_CPUS_ON_NODE"] == "2" and env["SLURM_JOB_GPUS"] == "3"


@pytest.mark.parametrize(("task", "raw"), [(7, "12"), (3, "1000000120000003")])
def test_the_last_task_carries_the_arrays_number(task: int, raw: str) -> None:
    """The others have numbers of their own."""
    env = slurm_task(place(is_array=True, array_last="7"), task, 2)

    assert env["SLURM_JOB_ID"] == raw and env["SLURM_ARRAY_JOB_ID"] == "12"
    assert env["SLURM_ARRAY_TASK_ID"] == str(task) and env["SLURM_RESTART_COUNT"] == "1"


def test_no_restart_count_at_first() -> None:
    """Programs ask whether it is there."""
    assert "SLURM_RESTART_COUNT" not in slurm_task(place(), 0, 1)
    assert raw_of(place(), 0) == 12


def test_grid_engines_word_for_no_array() -> None:
    """undefined."""
    assert gridengine_task(place(), 0, 1)["SGE_TASK_ID"] == "undefined"


def test_jobs_of_ours_see_nothing_more() -> None:
    """No system, no dialect."""
    assert dialect_of({}) is None and dialect_of({"system": "nobody"}) is None


def test_dirac_jobs_know_their_number_and_cores() -> None:
    """By the names that DIRAC's own wrapper gives them; tasks have no more."""
    there = place(system="dirac")
    dialect = dialect_of(there.origin)

    assert dialect is not None and dialect.of_task(there, 0, 1) == {}
    assert dialect.fixed(there) == {"JOBID": "12", "DIRAC_JOB_PROCESSORS": "5"}
