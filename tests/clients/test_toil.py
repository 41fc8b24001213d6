"""Toil: a workflow in Python, its jobs by Slurm's commands."""

from __future__ import annotations

import pytest

from tests.clients.conftest import Run


@pytest.mark.real
@pytest.mark.slow
def test_the_workflow_of_the_page(run: Run) -> None:
    """Children, and what follows on them."""
    words = "python squares.py ./store --batchSystem slurm --disableCaching"
    done = run(*words.split(), page="toil")
    assert done.stdout == "14\n", done.stderr
