"""10 000 × ``true`` as one array, two at a time: durable, captured, against the floor.

Floor and Rota run in turn; what counts is the ratio of each pair.
"""

from __future__ import annotations

import time
from statistics import median

import floor
import meter
from figure import Figure, Value
from floor import Run
from place import JOB, Place

SLOTS = 2
LIMIT_S = 600.0


def measure(*, quick: bool) -> Figure:
    """Run floor and Rota in turn; return the ratios."""
    jobs, pairs = (2000, 2) if quick else (10_000, 3)
    floors, captured, runs = [], [], []
    with Place(cores=SLOTS) as place:
        array(place, jobs // 10)  # the first jobs pay for imports and first pages
        for _ in range(pairs):
            floors.append(floor.run(jobs, SLOTS))
            captured.append(floor.run(jobs, SLOTS, files=True))
            runs.append(array(place, jobs))
    cpu = [
        run.cpu_ms_each / base.cpu_ms_each for run, base in zip(runs, floors, strict=True)
    ]
    rate = [run.rate / base.rate for run, base in zip(runs, floors, strict=True)]
    return Figure(
        "throughput",
        [
            Value("cpu of a job ÷ floor", median(cpu), "×", first=3.0, goal=1.5),
            Value("jobs/s ÷ floor", median(rate), "×", first=0.35, goal=0.7, more=True),
            Value("cpu of a job", median(r.cpu_ms_each for r in runs), "ms"),
            Value("jobs/s", median(r.rate for r in runs), more=True),
            Value("floor: cpu of a job", median(r.cpu_ms_each for r in floors), "ms"),
            Value("floor: jobs/s", median(r.rate for r in floors), more=True),
            Value("floor with files: cpu", median(r.cpu_ms_each for r in captured), "ms"),
        ],
        notes={
            "jobs": jobs,
            "slots": SLOTS,
            "floor": floor.program()[1],
            "cpu_pairs": [round(ratio, 3) for ratio in cpu],
            "rate_pairs": [round(ratio, 3) for ratio in rate],
        },
    )


def array(place: Place, jobs: int) -> Run:
    """Run an array of *jobs* tasks to its end; return what it took.

    Raises:
        RuntimeError: not every task is done.
    """
    before = meter.settle()
    began = time.monotonic()
    job = place.client.submit({**JOB, "array": f"0-{jobs - 1}"})[0].id
    ended = place.client.wait(job, timeout_s=LIMIT_S)
    wall_s = time.monotonic() - began
    if ended["array"]["counts"].get("done") != jobs:
        raise RuntimeError(f"not all are done: {ended['array']['counts']}")
    return Run(jobs, wall_s, meter.settle() - before)
