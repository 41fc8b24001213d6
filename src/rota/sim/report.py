"""What a finished replay was worth: waits, slowdowns, utilisation, fairness.

Definitions.  wait = start − submit; run = end − start; bounded slowdown =
max(1, (wait + run) / max(run, tau)) with tau = 10 s; makespan = last end − first submit;
utilisation = Σ cores·run / (P · makespan); util_arrivals the same inside [first, last
submit]; awrt = response time weighted by area; loss_of_capacity = share of P · [first,
last submit] in which cores idle while a job waits that would fit them; classes by run
(S ≤ 3600 s < L) and width (N ≤ 8 < W); user_jain = Jain's index of the users' means.

Numbers are in seconds, as the literature has them.
"""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Iterable, Sequence
from heapq import heappop, heappush
from pathlib import Path
from typing import Any, TextIO

from rota.sim.queue import SimJob

TAU_MS = 10_000
COLUMNS = ("job_id", "submit", "start", "end", "procs", "requested_time", "user")


def starts_sha256(jobs: Iterable[SimJob]) -> str:
    """Return the SHA-256 over the lines ``id,start`` in ascending id, start in seconds."""
    digest = hashlib.sha256()
    for job in sorted(jobs, key=lambda job: job.id):
        digest.update(f"{job.id},{job.start_at // 1000}\n".encode())
    return digest.hexdigest()


def write_schedule(jobs: Iterable[SimJob], path: Path) -> None:
    """Write *jobs* as CSV in seconds, one line each."""
    with path.open("w", newline="", encoding="utf-8") as file:
        _write_rows(jobs, file)


def _write_rows(jobs: Iterable[SimJob], file: TextIO) -> None:
    rows = csv.writer(file)
    rows.writerow(COLUMNS)
    for job in jobs:
        start, end = job.start_at, job.start_at + job.run_ms
        times = (job.since // 1000, start // 1000, end // 1000)
        rows.writerow((job.id, *times, job.cores, job.limit_ms // 1000, job.user))


def measure(jobs: Sequence[SimJob], procs: int) -> dict[str, Any]:
    """Return the figures of *jobs*, each under the name the head of the file defines."""
    if not jobs:
        return {"jobs": 0}
    waits = sorted(job.start_at - job.since for job in jobs)
    slowdowns = [slowdown(job) for job in jobs]
    ranked = sorted(slowdowns)
    count = len(jobs)
    figures: dict[str, Any] = {
        "jobs": count,
        "avg_bsld": sum(slowdowns) / count,
        "median_bsld": _median(ranked),
        "p95_bsld": _percentile(ranked, 95),
        "p99_bsld": _percentile(ranked, 99),
        "max_bsld": ranked[-1],
        "avg_wait": sum(waits) / count / 1000,
        "median_wait": _median(waits) / 1000,
        "p95_wait": _percentile(waits, 95) / 1000,
        "max_wait": waits[-1] / 1000,
        "avg_response": sum(w + j.run_ms for w, j in zip(_waits(jobs), jobs, strict=True))
        / count
        / 1000,
    }
    return {
        **figures,
        **_machine(jobs, procs),
        **_classes(jobs, slowdowns),
        **_users(jobs, slowdowns),
    }


def slowdown(job: SimJob) -> float:
    """Return the bounded slowdown of *job*."""
    response = job.start_at + job.run_ms - job.since
    return max(1.0, response / max(job.run_ms, TAU_MS))


def _waits(jobs: Iterable[SimJob]) -> list[int]:
    return [job.start_at - job.since for job in jobs]


def _machine(jobs: Sequence[SimJob], procs: int) -> dict[str, Any]:
    first, last = min(j.since for j in jobs), max(j.since for j in jobs)
    end = max(j.start_at + j.run_ms for j in jobs)
    area = sum(j.cores * j.run_ms for j in jobs)
    response = sum(j.cores * j.run_ms * (j.start_at + j.run_ms - j.since) for j in jobs)
    inside = sum(
        j.cores * max(0, min(j.start_at + j.run_ms, last) - max(j.start_at, first))
        for j in jobs
    )
    return {
        "awrt": response / area / 1000,
        "makespan": (end - first) / 1000,
        "utilisation": area / (procs * (end - first)),
        "util_arrivals": inside / (procs * (last - first)) if last > first else None,
        "loss_of_capacity": _loss(jobs, procs, first, last),
    }


def _loss(jobs: Sequence[SimJob], procs: int, first: int, last: int) -> float:
    """Return the share of capacity that idled while a waiting job would have fitted."""
    if last <= first:
        return 0.0
    events: list[tuple[int, int, int]] = []
    for at, job in enumerate(jobs):
        events.append((job.since, 2, at))
        events.append((job.start_at, 1, at))
        events.append((job.start_at + job.run_ms, 0, at))
    events.sort()
    free, lost, before = procs, 0, first
    waiting: list[tuple[int, int]] = []
    started = bytearray(len(jobs))
    for now, kind, at in events:
        if now > before:
            while waiting and started[waiting[0][1]]:
                heappop(waiting)
            if waiting and waiting[0][0] <= free:
                lost += free * max(0, min(now, last) - max(before, first))
            before = now
        job = jobs[at]
        if kind == 0:
            free += job.cores
        elif kind == 1:
            free -= job.cores
            started[at] = 1
        elif job.start_at > now:
            heappush(waiting, (job.cores, at))
    return lost / (procs * (last - first))


def _classes(jobs: Sequence[SimJob], slowdowns: Sequence[float]) -> dict[str, Any]:
    groups: dict[str, list[float]] = {}
    for job, value in zip(jobs, slowdowns, strict=True):
        name = ("S" if job.run_ms <= 3_600_000 else "L") + ("N" if job.cores <= 8 else "W")
        groups.setdefault(name, []).append(value)
    figures: dict[str, Any] = {}
    for name in sorted(groups):
        figures[f"avg_bsld_{name}"] = sum(groups[name]) / len(groups[name])
        figures[f"jobs_{name}"] = len(groups[name])
    return figures


def _users(jobs: Sequence[SimJob], slowdowns: Sequence[float]) -> dict[str, Any]:
    by_user: dict[str, list[float]] = {}
    for job, value in zip(jobs, slowdowns, strict=True):
        by_user.setdefault(job.user, []).append(value)
    means = [sum(values) / len(values) for values in by_user.values()]
    return {
        "users": len(means),
        "user_bsld_mean": sum(means) / len(means),
        "user_jain": sum(means) ** 2 / (len(means) * sum(m * m for m in means)),
    }


def _percentile(ranked: Sequence[float], percent: int) -> float:
    """Nearest-rank percentile of sorted values."""
    rank = max(1, -(-len(ranked) * percent // 100))
    return ranked[rank - 1]


def _median(ranked: Sequence[float]) -> float:
    middle = len(ranked) // 2
    if len(ranked) % 2:
        return ranked[middle]
    return (ranked[middle - 1] + ranked[middle]) / 2
