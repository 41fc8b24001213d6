"""Rota beside its peers: the table's ratios, and who is left out."""

from __future__ import annotations

import subprocess
import sys

import peers
import pytest


def test_ratios_are_of_the_same_round() -> None:
    """A slow round is slow for all."""
    rows = [
        peers.Peer("Rota", None, "all", lambda _: 0.0),
        peers.Peer("other", None, "nothing", lambda _: 0.0),
    ]
    rates = {"Rota": [100.0, 50.0], "other": [50.0, 25.0]}
    said = peers.table(rows, rates, [200.0, 100.0]).splitlines()

    assert said[2:] == [
        "| floor | 150 | 1 | | nothing |",
        "| Rota | 75 | 0.50 | 1.0 | all |",
        "| other | 38 | 0.25 | 2.0 | nothing |",
    ]


def test_a_line_of_shell_that_fails_is_no_figure() -> None:
    """But for the code that xargs has when a job failed."""
    assert peers.shell("exit 3", ok=3) >= 0
    with pytest.raises(subprocess.CalledProcessError):
        peers.shell("exit 4", ok=3)


def test_what_a_python_lacks_is_named() -> None:
    """It stands in the sentence that leaves a peer out."""
    assert peers.tried(sys.executable, "json") is None
    assert peers.tried(sys.executable, "no_such_queue") == "the module no_such_queue"
    assert peers.tried("/no/such/python", "json") == "/no/such/python"
