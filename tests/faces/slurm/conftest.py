"""Slurm's commands called inside the test's own process, against a real server."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest

from tests.faces.conftest import Foreign, Said

Slurm = Callable[..., Said]


@pytest.fixture
def slurm(foreign: Foreign) -> Slurm:
    """Call ``slurm("squeue", "-h")`` in a folder of the test's own."""
    return partial(foreign, "slurm")


@pytest.fixture
def submitted(slurm: Slurm) -> Callable[..., str]:
    """Hand in a job by sbatch; return its number."""

    def submit(*words: str) -> str:
        said = slurm("sbatch", "--parsable", *words)
        assert said.code == 0, said.err
        return said.out.strip()

    return submit
