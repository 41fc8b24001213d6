"""Slurm's commands called inside the test's own process, against a real server."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from rota.faces.slurm.entry import main
from tests.client.cluster import Cluster
from tests.faces.conftest import Said

Slurm = Callable[..., Said]


@pytest.fixture
def slurm(
    cluster: Cluster, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> Slurm:  # fmt: skip
    """Call ``slurm("squeue", "-h")`` in a folder of the test's own."""
    monkeypatch.chdir(tmp_path)

    def call(command: str, *words: str) -> Said:
        capsys.readouterr()
        code = main(command, words, home=str(cluster.home))
        said = capsys.readouterr()
        return Said(code, said.out, said.err)

    return call


@pytest.fixture
def submitted(slurm: Slurm) -> Callable[..., str]:
    """Hand in a job by sbatch; return its number."""

    def submit(*words: str) -> str:
        said = slurm("sbatch", "--parsable", *words)
        assert said.code == 0, said.err
        return said.out.strip()

    return submit
