"""Snakemake with its plug-ins for Slurm and for any system."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.clients.conftest import Run

WORKFLOW = """\
rule all:
    input: expand("{n}.square", n=[2, 3])
rule square:
    output: "{n}.square"
    threads: 2
    shell: "echo $(({wildcards.n} * {wildcards.n})) > {output}"
"""
FAILING = """\
rule all:
    output: "never"
    shell: "exit 3"
"""


@pytest.mark.real
@pytest.mark.slow
@pytest.mark.parametrize("profile", ["slurm", "generic"])
def test_a_workflow(run: Run, tmp_path: Path, profile: str) -> None:
    """Each profile of the page runs rules as jobs of two cores."""
    (tmp_path / "Snakefile").write_text(WORKFLOW)
    done = run("snakemake", "--profile", profile, page="snakemake")
    assert done.returncode == 0, done.stderr
    assert [(tmp_path / f"{n}.square").read_text() for n in (2, 3)] == ["4\n", "9\n"]


@pytest.mark.real
@pytest.mark.slow
def test_a_failure_is_told(run: Run, tmp_path: Path) -> None:
    """The workflow fails by its job, and names it."""
    (tmp_path / "Snakefile").write_text(FAILING)
    done = run("snakemake", "--profile", "generic", page="snakemake")
    assert done.returncode == 1 and "external_jobid" in done.stderr
