"""Cells: what each column says about a job."""

from __future__ import annotations

from typing import Any

import pytest

from rota.faces import cells

NOW = 1_700_000_060_000


def view(**changes: Any) -> dict[str, Any]:
    """Return a view of a running job, as far as cells look at it."""
    return {
        "id": 12, "task": None, "name": "fit", "user": "ada", "state": "running",
        "started_at": "2023-11-14T22:13:20.000Z", "ended_at": None,
        "nodes": [{"host": "astro01", "cores": [0], "gpus": []}], **changes,
    }  # fmt: skip


def test_a_running_job() -> None:
    """Who, what, since when, where."""
    assert cells.job_cells(view(), now=NOW) == (
        "12", "fit", "ada", "running", "", "1m00s", "astro01", "",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "shown"),
    [
        ({}, ""),
        ({"progress": {"done": 3, "total": 4, "percent": 75.0, "eta_s": 90, "text": ""}},
         "[*******...] 75%, 1m30s to go"),
        ({"progress": {"done": 3, "total": 4, "percent": 75.0, "eta_s": None, "text": ""}},
         "[*******...] 75%"),
        ({"progress": {"done": 3, "total": None, "percent": None, "text": "step"}},
         "3 step"),
        ({"state": "done",
          "progress": {"done": 4, "total": 4, "percent": 100.0, "eta_s": 0}}, ""),
        ({"array": {"tasks": 10, "counts": {"done": 4, "failed": 1, "queued": 5}}},
         "[*****.....] 5/10, 1 failed"),
    ],
)  # fmt: skip
def test_progress(changes: dict[str, Any], shown: str) -> None:
    """What the job says of itself, or how many tasks of an array have ended."""
    assert cells.progress(view(**changes)) == shown


@pytest.mark.parametrize(
    ("changes", "shown"),
    [
        ({}, ""),
        ({"reason": {"code": "ok", "text": "ended with exit code 0"}}, ""),
        ({"reason": {"code": "held", "text": "held by ada"}}, "held by ada"),
        ({"flags": ["unreachable"]}, "unreachable"),
        ({"flags": ["killing"], "reason": {"code": "x", "text": "y"}}, "killing: y"),
    ],
)
def test_why(changes: dict[str, Any], shown: str) -> None:
    """Reasons that say more than the state, flags first."""
    assert cells.why(view(**changes)) == shown


def test_where() -> None:
    """One node by name, several by the first and their number."""
    grant = {"host": "a", "cores": [], "gpus": []}
    assert cells.where(view(nodes=[])) == ""
    assert cells.where(view(nodes=[grant, grant, grant])) == "a and 2 more"


def test_counts_follow_the_life_of_a_task() -> None:
    """Running first; zero is not told; new states come last."""
    shown = cells.counts({"done": 1, "queued": 0, "running": 2, "odd": 3})

    assert shown == "2 running, 1 done, 3 odd"


def test_usage() -> None:
    """What was measured, in units for people."""
    used = {"cpu_s": 12.34, "max_rss": 3 << 30, "read_bytes": 1024, "written_bytes": 0}

    assert cells.usage(used) == "cpu 12.3s, memory at most 3 GiB, read 1 KiB"
    assert cells.usage({}) == ""


def test_a_forecast_is_in_whole_seconds() -> None:
    """Tenths would pretend to know."""
    assert cells.eta_of({"eta_s": 1.4}) == "1s"
    assert cells.eta_of({"eta_s": 0.0}) == "1s"
    assert cells.eta_of({}) == ""
