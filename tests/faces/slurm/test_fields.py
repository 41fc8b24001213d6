"""The fields of sacct."""

from __future__ import annotations

import pytest

from rota.faces.slurm.fields import DEFAULT, FIELDS, SSTAT, Line, known
from rota.faces.slurm.rows import Row
from tests.faces.slurm.views import reason, view

ENDED = {
    "started_at": "2026-11-21T01:17:32.000Z", "ended_at": "2026-11-21T01:17:35.000Z",
    "nodes": [{"host": "n1", "cores": [0]}],
}  # fmt: skip


def test_there_are_all_that_sacct_has() -> None:
    """Clients ask for all 109 of them, and each has something to show."""
    assert len(FIELDS) == 109
    for name in FIELDS:
        assert isinstance(Line(Row(view(), {})).of(name), str)
        assert isinstance(Line(Row(view(), {}), step="batch").of(name), str)
    assert all(known(name) for name in f"{DEFAULT},{SSTAT}".split(","))


def test_names_are_case_blind() -> None:
    """jobid, JOBID, JobID."""
    assert known("jobid") == "JobID" and known("NODELIST") == "NodeList"
    assert known("nosuch") is None


@pytest.mark.parametrize(
    ("said", "job", "batch"),
    [
        ({"state": "done", "exit_code": 0}, ("COMPLETED", "0:0"), ("COMPLETED", "0:0")),
        ({"state": "failed", "exit_code": 3}, ("FAILED", "3:0"), ("FAILED", "3:0")),
        ({"state": "failed", "reason": reason("time_limit")},
         ("TIMEOUT", "0:0"), ("CANCELLED", "0:15")),
        ({"state": "cancelled", "reason": reason("killed", who="root")},
         ("CANCELLED by 0", "0:0"), ("CANCELLED", "0:15")),
    ],
)  # fmt: skip
def test_a_job_and_its_script_end_in_slurms_words(
    said: dict[str, object], job: tuple[str, str], batch: tuple[str, str]
) -> None:
    """As the real thing recorded them."""
    row = Row(view(**ENDED, **said), {})
    for line, told in ((Line(row), job), (Line(row, step="batch"), batch)):
        assert (line.of("State"), line.of("ExitCode")) == told


def test_what_was_used() -> None:
    """Memory stands at the step, times at both."""
    row = Row(
        view(state="done", usage={"max_rss": 2916 << 10, "cpu_s": 0.029}, **ENDED), {}
    )
    assert Line(row, step="batch").of("MaxRSS") == "2916K" and Line(row).of("MaxRSS") == ""
    assert Line(row).of("TotalCPU") == "00:00.029" and Line(row).of("Elapsed") == "00:00:03"
    assert Line(row, step="batch").of("JobID") == "12.batch"
