"""``rota queue`` and ``rota licence`` as people see them; see also ``test_config``."""

from __future__ import annotations

from rota.faces.queue import licence_cells, queue_cells
from tests.faces.conftest import Rota


def test_a_queue_shows_its_rules_and_tasks() -> None:
    """Lengths and sizes for people."""
    queue = {
        "name": "short",
        "counts": {"queued": 3},
        "rules": {"preempts": True, "time_max_s": 3600.0, "memory_max": 1 << 30},
        "limits": [{"queue": "short", "jobs": 8}],
    }
    told = "preempts yes, time_max 1h00m, memory_max 1 GiB; queue short, jobs 8"
    assert queue_cells(queue) == ("short", "3 queued", told)


def test_a_licence_shows_who_holds_it() -> None:
    """By name."""
    licence = {"name": "abaqus", "count": 5, "held": 3, "free": 2,
               "users": {"bob": 1, "ann": 2}}  # fmt: skip
    assert licence_cells(licence) == ("abaqus", "2", "5", "", "ann 2, bob 1", "")
    measured = {**licence, "foreign": 1, "measured_at": "2026-01-01", "note": "jumps"}
    assert licence_cells(measured)[3:] == ("1", "ann 2, bob 1", "jumps")


def test_without_a_file_there_is_the_default_queue_and_no_licence(rota: Rota) -> None:
    """And one is told where to say more."""
    assert "default" in rota("queue").out
    assert "rota config --help" in rota("licence").err
    assert rota("--json", "licence").json["schema"] == "rota.licences/1"
    assert "is not there" in rota("config").out
