"""Status files of Abaqus: the last increment that converged, as far as it is written."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rota.agent.sta import Sta, sta_of
from tests.agent.server import Node

HEAD = """\
 Abaqus/Standard 6.14-1                  DATE 10-Mar-2015 TIME 11:05:13
 SUMMARY OF JOB INFORMATION:
 STEP  INC ATT SEVERE EQUIL TOTAL  TOTAL      STEP       INC OF       DOF    IF
               DISCON ITERS ITERS  TIME/    TIME/LPF    TIME/LPF    MONITOR RIKS
               ITERS               FREQ
"""
FIRST = "   1     1   1     0     1     1  0.100      0.100      0.1000    \n"
FIFTH = "   1     5   1     2     3     5  0.350      0.350      0.1000    \n"
CUT = "   1     6   1U    0     9     9  0.350      0.350      0.1000    \n"
SECOND = "   2     1   1     0     1     1  1.25       0.250      0.2500    \n"
END = "\n THE ANALYSIS HAS COMPLETED SUCCESSFULLY\n"


@pytest.mark.parametrize(
    ("asked", "sta"),
    [
        ("*.sta", Sta("*.sta", None)),
        ("c1.sta 2.5", Sta("c1.sta", 2.5)),
        (r"step (\d+)\.sta", None),
        ("../x.sta", None),
        ("*.sta -1", None),
        (None, None),
    ],
)
def test_what_asks_for_one(asked: str | None, sta: Sta | None) -> None:
    """Names in the job's own folder; an expression with a group is none."""
    assert sta_of(asked) == sta


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (HEAD, None),
        (HEAD + FIRST, (0.1, 2.5, "step 1, increment 1, time 0.100")),
        (HEAD + FIRST + FIFTH + CUT, (0.35, 2.5, "step 1, increment 5, time 0.350")),
        (HEAD + FIFTH + SECOND[:-1], (0.35, 2.5, "step 1, increment 5, time 0.350")),
        (FIFTH + SECOND, (1.25, 2.5, "step 2, increment 1, time 1.25")),
        (SECOND + END, (1.25, 1.25, "step 2, increment 1, time 1.25: completed")),
        ("   3 / 0\n", None),
        (FIRST.replace("0.100 ", "1.2.3 ", 1), None),
        (FIRST.replace("0.100 ", "1e+999 ", 1), None),
    ],
)
def test_the_last_row_that_converged(text: str, told: object) -> None:
    """Rows that are not whole yet, and attempts that were cut back, do not count."""
    assert Sta("*.sta", 2.5).parse(text) == told


def test_without_the_end_nobody_knows_of_how_much() -> None:
    """Nor when the analysis goes on beyond the end that was given."""
    assert Sta("*.sta", None).parse(SECOND) == (
        1.25,
        None,
        "step 2, increment 1, time 1.25",
    )
    assert Sta("*.sta", 1.0).parse(SECOND) == (1.25, None, "step 2, increment 1, time 1.25")


@given(st.text(alphabet="0123456789U.eE+- \t\r\n/", max_size=400))
def test_no_text_is_too_absurd(text: str) -> None:
    """Whatever it looks like, it is told or left; numbers are finite."""
    told = Sta("*.sta", 10.0).parse(text)
    assert told is None or told[0] >= 0


def test_the_newest_file_counts(tmp_path: Path) -> None:
    """Links are not followed, and a folder that has gone is no trouble."""
    sta = Sta("*.sta", None)
    assert sta.newest(str(tmp_path)) is None
    for name, at in (("a.sta", 20), ("b.sta", 10)):
        (tmp_path / name).write_text(FIRST)
        os.utime(tmp_path / name, (at, at))
    (tmp_path / "z.sta").symlink_to("/etc/passwd")
    assert sta.newest(str(tmp_path)) == str(tmp_path / "a.sta")
    assert sta.newest(str(tmp_path / "gone")) is None


def test_progress_of_a_real_job(shared: Node) -> None:
    """It may begin to write late, and prints something else meanwhile."""
    job = next(shared.jobs)
    script = f"printf '{HEAD}' > x.sta; echo 1 / 7; sleep 0.6; printf '{SECOND}' >> x.sta; "
    folder = shared.folder / "abaqus"
    folder.mkdir()
    shared.run(
        job, cwd=str(folder), progress="*.sta 2.5", command=script + "sleep 1.2"
    )  # fmt: skip
    shared.finished(job)
    told = shared.seen("progress", job)
    assert told is not None and (told["done"], told["total"]) == (1.25, 2.5)
