"""100 000 jobs that wait, as one array and as single jobs: what they cost while they do.

They are held, so that none of them runs; memory is the server's resident set.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from statistics import median
from typing import Any

import meter
from figure import Figure, Value
from place import JOB, Place

HELD = {**JOB, "held": True}
PAGE = 100


def measure(*, quick: bool) -> Figure:
    """Let jobs wait; return times and memory."""
    jobs = 10_000 if quick else 100_000
    scale = jobs / 1_000_000  # the targets for single jobs are those of a million
    with Place(cores=2) as place:
        # What the first request loads is not what a job costs.
        place.client.kill(*[job.id for job in place.client.submit(*[HELD] * 100)])
        array = waited(place, [{**HELD, "array": f"0-{jobs - 1}"}])
        singles = waited(place, [HELD] * jobs)
        cli_ms = median(timed(lambda: place.rota("ls")) for _ in range(7))
    return Figure(
        "waiting",
        [
            Value("array: submit", array["submit_s"], "s", first=0.3),
            Value("array: memory of a task", array["bytes"] / jobs, "B", first=50, goal=1),
            Value("array: ls", array["ls_ms"], "ms", 50, 20),
            Value("array: cancel all", array["kill_s"], "s"),
            Value("singles: submit", singles["submit_s"], "s", 20 * scale, 8 * scale),
            Value("singles: memory of a job", singles["bytes"] / jobs, "B", 600, 300),
            Value("singles: ls of a page", singles["ls_ms"], "ms", 50, 20),
            Value("singles: cancel all", singles["kill_s"], "s"),
            Value("rota ls, whole process", cli_ms, "ms"),
        ],
        notes={"jobs": jobs, "page": PAGE},
    )


def waited(place: Place, docs: list[dict[str, Any]]) -> dict[str, float]:
    """Submit *docs*, look at them, cancel them; return what that took."""
    meter.settle()
    server = place.pids()["server"]
    before = meter.memory_of(server)
    began = time.perf_counter()
    submitted = place.client.submit(*docs)
    submit_s = time.perf_counter() - began
    meter.settle()
    held = meter.memory_of(server) - before
    ls_ms = median(timed(lambda: place.client.jobs(limit=PAGE)) for _ in range(15))
    began = time.perf_counter()
    place.client.kill(*[job.id for job in submitted])
    kill_s = time.perf_counter() - began
    return {"submit_s": submit_s, "bytes": held, "ls_ms": ls_ms, "kill_s": kill_s}


def timed(act: Callable[[], object]) -> float:
    """Return the ms that *act* took."""
    began = time.perf_counter()
    act()
    return 1000 * (time.perf_counter() - began)
