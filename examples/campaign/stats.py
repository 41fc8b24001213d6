#!/usr/bin/env python3
"""One task of the example campaign: the statistics of one slice of one log.

    python3 stats.py --slice KTH-SP2_1996-10-08_1996-10-15 [--out out/parts]

        331 / 331                             progress, as rota ls and rota wait show it
        → out/parts/KTH-SP2_1996-10-08_1996-10-15.json

A *part* is a JSON object.  What is added up there (``sums``, ``busy``, ``users``, the
histograms) can be added further by merge.py; means and percentiles are the slice's own.
Waits, slowdowns, widths and users are those of the jobs submitted in the slice;
``busy`` counts every job that ran during it.

    bounded slowdown = max(1, (wait + run) / max(run, 10 s))
"""

from __future__ import annotations

import argparse
import json
import os
import random
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import swf

TAU_S = 10
WAIT_EDGES_S = [0, *(round(10 ** (step / 8)) for step in range(8, 53))]
"""Upper edges of the classes of waits: 0, then 10 s … 36 d, eight to each factor of ten."""
RESAMPLES = 200
STEPS = 20
"""How many progress lines a task prints, at most."""


def main(argv: Sequence[str] | None = None) -> int:
    """Write the part of one slice; return the exit code."""
    parser = argparse.ArgumentParser(description="Compute the statistics of one slice.")
    parser.add_argument("--slice", required=True, type=swf.parse_slice)
    parser.add_argument("--out", type=Path, default=Path("out/parts"))
    options = parser.parse_args(argv)
    if must_fail(str(options.slice)):
        print(f"{options.slice} fails on its first attempt, to be retried", file=sys.stderr)
        return 1
    part = compute(options.slice)
    print(f"→ {write(part, folder=options.out)}")
    return 0


def must_fail(name: str) -> bool:
    """Say whether this is the attempt that the campaign wants to see fail."""
    first = os.environ.get("ROTA_ATTEMPT") == "1"
    return first and os.environ.get("CAMPAIGN_FAILS_ONCE") == name


def compute(one: swf.Slice) -> dict[str, Any]:
    """Return the part of the slice *one*."""
    trace = swf.catalogue()[one.trace]
    begin, end = trace.second_of(one.first), trace.second_of(one.last)
    alive = list(swf.jobs_of(trace, alive=(begin, end)))
    own = [job for job in alive if job.submit >= begin]
    return {
        "slice": str(one),
        "trace": one.trace,
        "first": one.first.isoformat(),
        "last": one.last.isoformat(),
        "attempt": int(os.environ.get("ROTA_ATTEMPT", "1")),
        "busy": busy(alive, begin=begin, end=end),
        "capacity": trace.procs * (end - begin),
        **of_jobs(own, trace=trace),
    }


def busy(jobs: Iterable[swf.Job], *, begin: int, end: int) -> int:
    """Return the processor-seconds that *jobs* used between *begin* and *end*."""
    return sum(
        job.procs * (min(job.end, end) - max(job.start, begin))
        for job in jobs
        if job.start < end and job.end > begin
    )


def of_jobs(jobs: Sequence[swf.Job], *, trace: swf.Trace) -> dict[str, Any]:
    """Return what a part says of the jobs submitted in its slice, with progress lines."""
    sums: Counter[str] = Counter(dict.fromkeys(trace.facts["sums"], 0))
    users: Counter[int] = Counter()
    widths: Counter[int] = Counter()
    width_work: Counter[int] = Counter()
    week = [0] * (7 * 24)
    stride = max(1, len(jobs) // STEPS)
    for i, job in enumerate(jobs, start=1):
        add(sums, job)
        users[job.user] += job.procs * job.run
        width = width_class(job.procs)
        widths[width] += 1
        width_work[width] += job.procs * job.run
        moment = trace.moment_of(job.submit)
        week[moment.weekday() * 24 + moment.hour] += 1
        if i % stride == 0 or i == len(jobs):
            print(f"{i} / {len(jobs)}", flush=True)
    waits = sorted(job.wait for job in jobs)
    slow = sorted(bounded_slowdown(job) for job in jobs)
    return {
        "sums": dict(sums),
        "work": sum(users.values()),
        "users": dict(users),
        "widths": dict(widths),
        "width_work": dict(width_work),
        "week": week,
        "wait_classes": classes(waits),
        "wait": {"sum": sum(waits), **summary(waits)},
        "slowdown": {"sum": sum(slow), **summary(slow), "ci95": interval(slow)},
    }


def add(sums: Counter[str], job: swf.Job) -> None:
    """Add *job* to the *sums* that the catalogue knows of the whole log."""
    run = min(job.run, job.requested)
    sums["jobs"] += 1
    sums["submit"] += job.submit
    sums["procs"] += job.procs
    sums["run"] += run
    sums["requested"] += job.requested
    sums["area"] += job.procs * run


def bounded_slowdown(job: swf.Job) -> float:
    """Return by how much longer than its run time *job* took, bounded for short ones."""
    return max(1.0, (job.wait + job.run) / max(job.run, TAU_S))


def width_class(procs: int) -> int:
    """Return the smallest power of two that is at least *procs*."""
    return 1 << (procs - 1).bit_length()


def classes(waits: Sequence[int]) -> list[int]:
    """Return how many of the sorted *waits* fall in each class; the last is the rest."""
    counts = [0] * (len(WAIT_EDGES_S) + 1)
    at = 0
    for wait in waits:
        while at < len(WAIT_EDGES_S) and wait > WAIT_EDGES_S[at]:
            at += 1
        counts[at] += 1
    return counts


def summary(ordered: Sequence[float]) -> dict[str, float | None]:
    """Return mean, median, 95th percentile (nearest rank) and maximum of sorted values."""
    if not ordered:
        return {"mean": None, "median": None, "p95": None, "max": None}
    count = len(ordered)
    middle = (ordered[(count - 1) // 2] + ordered[count // 2]) / 2
    return {
        "mean": sum(ordered) / count,
        "median": middle,
        "p95": ordered[-(-count * 95 // 100) - 1],
        "max": ordered[-1],
    }


def interval(values: Sequence[float]) -> list[float] | None:
    """Return the 95 % bootstrap interval of the mean of *values*; the same each time."""
    if not values:
        return None
    chance = random.Random(len(values))
    count = len(values)
    means = sorted(sum(chance.choices(values, k=count)) / count for _ in range(RESAMPLES))
    return [means[RESAMPLES * 25 // 1000], means[RESAMPLES * 975 // 1000 - 1]]


def write(part: dict[str, Any], *, folder: Path) -> Path:
    """Write *part* into *folder*, whole or not at all; return its path."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{part['slice']}.json"
    # Only a whole part gets its name: merge.py must never read half of one.
    unfinished = path.with_suffix(f".{os.getpid()}")
    unfinished.write_text(json.dumps(part), encoding="utf-8")
    unfinished.replace(path)
    return path


if __name__ == "__main__":
    raise SystemExit(main())
