"""``rota show``: everything about a job or task."""

from __future__ import annotations

from typing import Any

from rota.client.http import Client
from rota.faces.show import paces, page
from tests.faces.conftest import Rota

REQUEST = {
    "cores": 2, "memory": 1 << 30, "gpus": 0, "resources": {"scratch": 3}, "licences": {},
    "time": 3600.0, "mode": "bycore1", "host": None, "group": ["gen4"], "not_group": [],
    "require": [], "min_cores": 0, "min_memory": 0, "exclusive": False,
}  # fmt: skip


def view(**changes: Any) -> dict[str, Any]:
    """Return a whole view of a failed job."""
    return {
        "id": 12, "task": None, "name": "fit\x1b[2J", "user": "ada", "state": "failed",
        "reason": {"code": "exit_code", "text": "ended with exit code 3"},
        "request": REQUEST, "flags": [], "exit_code": 3, "signal": None, "queue": "default",
        "submitted_at": "2026-03-01T12:00:00.000Z", "tags": ["x", "y"],
        "started_at": "2026-03-01T12:00:01.000Z", "usage": {"cpu_s": 60.0},
        "ended_at": "2026-03-01T12:01:06.000Z",
        "nodes": [{"host": "astro01", "cores": [0, 1, 2, 5], "gpus": []}], "array": None,
        "spec": {"argv": ["./fit", "a b"], "cwd": "/data"}, "attempts": [],
        **changes,
    }  # fmt: skip


def test_a_page_tells_all_there_is() -> None:
    """In the order people ask, and nothing that is empty."""
    lines = page(view(), now=0)

    assert lines[0] == "job 12  fit\\x1b[2J"
    shown = dict(line.split("  ", 1) for line in lines[1:])
    shown = {name: value.strip() for name, value in shown.items()}
    assert shown["state"] == "failed: ended with exit code 3"
    assert shown["ran for"] == "1m05s"
    assert shown["on"] == "astro01 (cores 0-2,5)"
    assert shown["command"] == "./fit 'a b'"
    assert (shown["cores"], shown["memory"], shown["time limit"]) == ("2", "1 GiB", "1h00m")
    assert (shown["resources"], shown["where"]) == ("scratch=3", "one of gen4")
    assert "key" not in shown


def test_attempts_are_a_table() -> None:
    """The last ones, when there are many."""
    one = {
        "node": "a", "started_at": "2026-03-01T12:00:00.000Z", "task": None, "signal": 9,
        "ended_at": "2026-03-01T12:00:02.000Z", "exit_code": None,
        "reason": {"text": "out of memory"},
    }  # fmt: skip
    lines = page(view(attempts=[{**one, "n": n} for n in range(1, 31)]), now=0)

    assert lines[-1] == "… and 10 before; --json has all"
    assert lines[-2].split()[0] == "30"
    assert lines[-2].endswith("signal 9  out of memory")


def test_busy_cores_between_samples() -> None:
    """Cpu seconds per second; a clock that stands still divides nothing."""
    rows = [
        {"at": "2026-03-01T12:00:00.000Z", "cpu_s": 0.0},
        {"at": "2026-03-01T12:00:02.000Z", "cpu_s": 3.0},
        {"at": "2026-03-01T12:00:02.000Z", "cpu_s": 4.0},
    ]

    assert paces(rows) == [1.5, 0.0]


def test_a_real_job_and_a_task(rota: Rota, client: Client) -> None:
    """By number, by name, as JSON."""
    doc = {"command": "exit {task}", "cwd": "/", "array": "0-1%1", "name": "shown"}
    job = client.submit(doc)[0].id
    client.wait(job, timeout_s=30)

    said = rota("show", "shown")
    assert said.lines[0] == f"job {job}  shown"
    assert "0-1, at most 1 at a time" in said.out
    task = rota("show", f"{job}[1]")
    assert task.lines[0] == f"task {job}[1]  shown"
    assert "ended with exit code 1" in task.out
    assert rota("show", f"{job}[1]", "--json").json["task"] == 1
    assert len(rota("show", str(job), f"{job}[0]", "--json").json["jobs"]) == 2
    assert rota("show", "999999").code == 2


def test_files_that_travelled_are_told_in_a_line() -> None:
    """Times of the stages, and what there is to fetch."""
    from rota.faces.show import files

    stages = {"stage_in_s": 0.2, "stage_out_s": 1.5}
    outputs = {"tree": "0" * 64, "files": 3, "bytes": 2048}
    assert files({"stages": stages, "outputs": outputs}) == (
        "in 200ms, out 1.5s: 3 files, 2 KiB, see rota fetch"
    )
    assert files({"stages": {"stage_in_s": 0.2}}) == "in 200ms"
    assert files({}) == ""
