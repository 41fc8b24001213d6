"""The columns of squeue."""

from __future__ import annotations

import pytest

from rota.faces.slurm.formats import CODES, NAMES, STANDARD, by_codes, by_names
from rota.faces.slurm.rows import Row
from tests.faces.slurm.views import reason, view

ROW = Row(view(id=19, name="run", user="root", reason=reason("resources")), {})


def test_the_usual_line() -> None:
    """As the real thing prints it."""
    shape = by_codes(STANDARD)
    assert shape.header() == (
        "             JOBID PARTITION     NAME     USER ST       TIME  NODES"
        " NODELIST(REASON)"
    )
    assert shape.line(ROW) == (
        "                19   default      run     root PD       0:00      1 (Resources)"
    )


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("[%10i][%.10i][%3j][%j]", "[19        ][        19][run][run]"),
        ("%i|%t|%T|%r", "19|PD|PENDING|Resources"),
        ("%i^^^%F<><> %K", "19^^^19<><> N/A"),
        ('"%i"', '"19"'),
    ],
)
def test_widths_and_what_stands_between(text: str, line: str) -> None:
    """Left, right, and everything else as it is."""
    assert by_codes(text).line(ROW) == line


def test_names_are_twenty_wide_and_cut() -> None:
    """Or as wide as they are told."""
    shape = by_names("JobID:8,Name:.12,UserName:10,State")
    assert shape.line(ROW) == "19               runroot      PENDING             "
    with pytest.raises(ValueError, match="nosuch"):
        by_names("JobID,nosuch")


def test_every_column_has_something_to_show() -> None:
    """For a job that waits, nothing but its number being known."""
    for _, of in [*CODES.values(), *NAMES.values()]:
        assert isinstance(of(ROW), str)
