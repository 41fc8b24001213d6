"""scontrol update: what cannot be changed is said."""

from __future__ import annotations

import pytest

from tests.faces.slurm.conftest import Slurm


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["jobid=1", "gres=gpu:1"], "Update of this parameter is not supported: gres\n"),
        (["name=x"], "No valid entity in update command\n"),
        (["jobid=1", "timelimit=soon"], "scontrol: error: 'soon' is no time such as"),
        (["nodename=node1", "state=x"], "Invalid input: state=x\n"),
        (["nodename=nosuch", "state=resume"], "Invalid node name specified\n"),
    ],
)
def test_refusals(slurm: Slurm, words: list[str], told: str) -> None:
    """Each with a sentence."""
    said = slurm("scontrol", "update", *words)
    assert said.code == 1 and said.err.startswith(told)
