"""srun, inside a job and outside."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.client.cluster import Cluster
from tests.faces.slurm.conftest import Slurm


def srun(
    cluster: Cluster, *words: str, text: str | None = None, **env: str
) -> subprocess.CompletedProcess[str]:
    """Run srun as a process of its own."""
    home = str(cluster.home)
    code = (
        f"from rota.faces.foreign import process; process('slurm', 'srun', home={home!r})"
    )
    return subprocess.run(
        [sys.executable, "-c", code, *words], input=text, capture_output=True, text=True,
        check=False, timeout=60, env={**cluster.env, **env},
    )  # fmt: skip


def test_outside_a_job_it_is_one(cluster: Cluster, tmp_path: Path) -> None:
    """Its output here, its exit code ours; input goes with it."""
    done = srun(
        cluster, "-D", str(tmp_path), "sh", "-c", "cat; pwd; exit 7", text="hello\n"
    )
    assert done.stdout == f"hello\n{tmp_path}\n" and done.returncode == 7
    assert "srun: error: node1: task 0: Exited with exit code 7" in done.stderr


def test_inside_a_job_it_is_a_step(cluster: Cluster) -> None:
    """No larger than the job."""
    env = {"SLURM_JOB_ID": "5", "SLURM_CPUS_ON_NODE": "2", "SLURM_NTASKS": "2"}
    done = srun(cluster, "-l", "sh", "-c", "echo $SLURM_STEP_NUM_TASKS", **env)
    assert sorted(done.stdout.splitlines()) == ["0: 2", "1: 2"]
    done = srun(cluster, "-n", "3", "true", **env)
    assert done.returncode == 1 and done.stderr == (
        "srun: error: Unable to create step for job 5:"
        " More processors requested than permitted\n"
    )
    done = srun(cluster, "-n", "3", "true", **env, SLURM_JOB_NUM_NODES="2")
    assert done.returncode == 1 and "from inside it only" in done.stderr


def test_a_step_knows_its_job_without_slurms_variables(cluster: Cluster) -> None:
    """Clients take them away, all but the job's number."""
    env = {"SLURM_JOB_ID": "5", "ROTA_CORES": "2"}
    done = srun(cluster, "-n1", "--cpus-per-task=2", "echo", "hi", **env)
    assert done.stdout == "hi\n", done.stderr


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        ([], 1, "srun: error: No command given to execute."),
        (["--nosuch", "true"], 255, "srun: unrecognized option '--nosuch'"),
        (["-t", "x", "true"], 255, "srun: error: Invalid --time specification"),
    ],
)
def test_wrong_usage(slurm: Slurm, words: list[str], code: int, told: str) -> None:
    """Slurm's words."""
    said = slurm("srun", *words)
    assert said.code == code and said.err.startswith(told)
