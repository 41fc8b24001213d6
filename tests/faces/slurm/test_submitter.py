"""Who hands in a job of Slurm's, and Slurm's times."""

from __future__ import annotations

import time

import pytest

from rota.faces.slurm.submitter import begin, environment, when

NOW = time.mktime((2026, 11, 21, 12, 0, 0, 0, 0, -1))


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("now", NOW), ("now+60", NOW + 60), ("now+2hours", NOW + 7200),
        ("now-1hour", NOW - 3600), ("16:00", NOW + 14400), ("08:30", NOW + 73800),
        ("midnight", NOW + 43200), ("tomorrow", NOW + 86400), ("noon", NOW),
        ("2026-11-21", NOW - 43200), ("2026-11-21T13:00:05", NOW + 3605),
    ],
)  # fmt: skip
def test_slurms_times(text: str, at: float) -> None:
    """A clock time that is over today means tomorrow."""
    assert when(text, now=NOW) == at


@pytest.mark.parametrize("text", ["", "soon", "25", "now+1fortnight"])
def test_what_is_no_time_is_refused(text: str) -> None:
    """With an example of one."""
    with pytest.raises(ValueError, match="is no time such as"):
        when(text, now=NOW)


def test_begin_is_utc() -> None:
    """As our own documents want it."""
    assert begin("2026-11-21T13:00:05").endswith("Z")


def test_variables_that_cannot_be_passed_on_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ours, and what is no text."""
    monkeypatch.setenv("ROTA_X", "1")
    monkeypatch.setenv("PLAIN", "é")
    monkeypatch.setenv("ODD", "\udc80")
    found = environment()
    assert found["PLAIN"] == "é" and "ROTA_X" not in found and "ODD" not in found
