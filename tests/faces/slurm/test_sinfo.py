"""sinfo."""

from __future__ import annotations

import pytest

from rota.faces.slurm.sinfo import CODES, NAMES
from tests.faces.slurm.conftest import Slurm


def test_names_of_fields_are_columns() -> None:
    """A misspelt row would never be found."""
    assert set(NAMES.values()) <= set(CODES)


def test_the_usual_table(slurm: Slurm) -> None:
    """The default partition carries a star, in %P but not in %R."""
    lines = slurm("sinfo").lines
    assert lines[0] == "PARTITION AVAIL  TIMELIMIT  NODES  STATE NODELIST"
    assert lines[1].startswith("default*     up   infinite      1 ")
    assert slurm("sinfo", "-h", "-o", "%R").lines[0] == "default"
    assert slurm("sinfo", "-h", "-s").lines[0].endswith("/1 node1")


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (["-h", "-N", "-o", "%N %c"], "node1 2"),
        (["-h", "-O", "NodeList:8,CPUs:4"], "node1   2   "),
        (["-h", "-n", "node1", "-o", "%n"], "node1"),
    ],
)
def test_columns(slurm: Slurm, words: list[str], line: str) -> None:
    """By code and by name."""
    assert slurm("sinfo", *words).lines[0] == line


def test_wrong_usage(slurm: Slurm) -> None:
    """Sentences on stderr."""
    assert (
        slurm("sinfo", "-O", "nosuch").err
        == "sinfo: error: Invalid field requested: nosuch\n"
    )
    assert slurm("sinfo", "--nosuch").code == 1
    assert slurm("sinfo", "-h", "-p", "nosuch").out == ""
