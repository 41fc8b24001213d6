"""sacctmgr and sshare, as far as clients ask them."""

from __future__ import annotations

import pytest

from tests.faces.slurm.conftest import Slurm


def test_what_clients_ask(slurm: Slurm) -> None:
    """Clusters, QOS, and the accounts of a user."""
    assert (
        slurm("sacctmgr", "-n", "-P", "show", "cluster", "format=Cluster").out == "rota\n"
    )
    assert slurm("sacctmgr", "-n", "-P", "show", "qos", "format=Name").out == "normal\n"
    said = slurm("sacctmgr", "-n", "-s", "list", "user", "me", "format=account%20")
    assert said.code == 0 and all(len(line) == 21 for line in said.lines)
    assert slurm("sshare", "-U", "--format", "Account%20", "--noheader").out == said.out


@pytest.mark.parametrize(
    "words", [["sprio"], ["sdiag"], ["sacctmgr", "add", "user"], ["sacctmgr", "show", "x"]]
)
def test_what_is_not_there_is_said(slurm: Slurm, words: list[str]) -> None:
    """Never in silence."""
    said = slurm(*words)
    assert said.code == 1 and said.err.startswith(f"{words[0]}: error: ")
