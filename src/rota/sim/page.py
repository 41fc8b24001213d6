"""A report: one HTML page with the figures and pictures of all runs, for the browser.

runs ──→ table · utilisation over time · how long who waited · slowdown by width
         and by user · fairness ──→ OUT.html, that needs no network
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from html import escape
from pathlib import Path

from rota.sim.drawing import Axes, Bars, Series, bars, lines, page
from rota.sim.queue import SimJob
from rota.sim.report import slowdown
from rota.sim.variants import Run

STEPS = 300
"""Into so many stretches the time of a run is cut for its picture."""

USERS = 20
"""So many users have bars: those who used most."""

WIDTHS = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 4096, 16_384)

TABLE = (
    ("avg_bsld", "mean bounded slowdown"),
    ("p95_bsld", "95 % of the slowdowns are at most"),
    ("avg_wait", "mean wait, s"),
    ("max_wait", "longest wait, s"),
    ("util_arrivals", "utilisation while jobs arrive"),
    ("loss_of_capacity", "idle while somebody could run"),
    ("user_bsld_mean", "mean of the users' slowdowns"),
    ("user_jain", "Jain's fairness index, 1 is even"),
)
"""The figures that a table of runs shows."""


def write_page(runs: Sequence[Run], path: Path, *, title: str) -> None:
    """Write the report of *runs*, all of one trace, to *path*."""
    parts = [
        ("", figures(runs)),
        ("Utilisation", _utilisation(runs)),
        ("How many waited longer", _waits(runs)),
        ("Mean bounded slowdown by width", _by_width(runs)),
        (f"Mean bounded slowdown of the {USERS} users who used most", _by_user(runs)),
        ("Fairness: the users' mean slowdowns, best to worst", _fairness(runs)),
    ]
    path.write_text(page(title, parts), encoding="utf-8")


def figures(runs: Sequence[Run]) -> str:
    """Return the table of all runs side by side, HTML."""
    names = "".join(f"<th>{escape(run.variant.name)}</th>" for run in runs)
    rows = f"<tr><th>{len(runs[0].done)} jobs</th>{names}</tr>\n"
    cores = "".join(f"<td>{run.variant.machine.cores}</td>" for run in runs)
    rows += f"<tr><td>cores</td>{cores}</tr>\n"
    for key, says in TABLE:
        cells = "".join(f"<td>{_shown(run.figures.get(key))}</td>" for run in runs)
        rows += f"<tr><td>{escape(says)}</td>{cells}</tr>\n"
    return f"<table>\n{rows}</table>"


def _shown(value: object) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _utilisation(runs: Sequence[Run]) -> str:
    first = min(job.since for job in runs[0].done)
    last = max(job.start_at + job.run_ms for run in runs for job in run.done)
    step = max(1, (last - first) // STEPS + 1)
    days = step / 86_400_000
    drawn = []
    for run in runs:
        used = busy(run.done, first=first, step=step)
        whole = run.variant.machine.cores * step
        points = [((at + 0.5) * days, 100 * work / whole) for at, work in enumerate(used)]
        drawn.append(Series(run.variant.name, points))
    return lines(drawn, Axes("days", "% of the cores in use"))


def busy(jobs: Sequence[SimJob], *, first: int, step: int) -> list[int]:
    """Return the core-ms used in each stretch of *step* ms from *first* on."""
    last = max(job.start_at + job.run_ms for job in jobs)
    used = [0] * ((last - first) // step + 1)
    for job in jobs:
        start, end = job.start_at - first, job.start_at + job.run_ms - first
        for at in range(start // step, end // step + 1):
            inside = min(end, (at + 1) * step) - max(start, at * step)
            used[at] += inside * job.cores
    return used


def _waits(runs: Sequence[Run]) -> str:
    drawn = []
    for run in runs:
        waits = sorted((job.start_at - job.since) // 1000 for job in run.done)
        marks = [
            10 ** (power / 10) for power in range(80) if 10 ** (power / 10) <= waits[-1]
        ]
        points = [(m, 100 - 100 * bisect_right(waits, m) / len(waits)) for m in marks]
        points.append((float(max(1, waits[-1])), 0.0))
        drawn.append(Series(run.variant.name, points))
    return lines(drawn, Axes("seconds waited", "% of the jobs", log_x=True))


def _by_width(runs: Sequence[Run]) -> str:
    most = max(job.cores for job in runs[0].done)
    bounds = [width for width in WIDTHS if width < most] + [most]
    labels = [
        str(high) if high == low + 1 else f"{low + 1}–{high}"
        for low, high in zip([0, *bounds], bounds, strict=False)
    ]
    groups = []
    for run in runs:
        sums = [(0.0, 0)] * len(bounds)
        for job in run.done:
            at = next(n for n, high in enumerate(bounds) if job.cores <= high)
            sums[at] = (sums[at][0] + slowdown(job), sums[at][1] + 1)
        groups.append(Bars(run.variant.name, [s / n if n else None for s, n in sums]))
    return bars(labels, groups, Axes("cores", "mean bounded slowdown", log_y=True))


def _by_user(runs: Sequence[Run]) -> str:
    work: dict[str, int] = {}
    for job in runs[0].done:
        work[job.user] = work.get(job.user, 0) + job.cores * job.run_ms
    users = sorted(work, key=lambda user: (-work[user], user))[:USERS]
    means = [_means(run.done) for run in runs]
    groups = [
        Bars(run.variant.name, [mean[user] for user in users])
        for run, mean in zip(runs, means, strict=True)
    ]
    return bars(users, groups, Axes("user", "mean bounded slowdown", log_y=True))


def _fairness(runs: Sequence[Run]) -> str:
    drawn = []
    for run in runs:
        ranked = sorted(_means(run.done).values())
        part = 100 / max(1, len(ranked) - 1)
        points = [(at * part, value) for at, value in enumerate(ranked)]
        drawn.append(Series(run.variant.name, points))
    return lines(drawn, Axes("% of the users", "mean bounded slowdown", log_y=True))


def _means(jobs: Sequence[SimJob]) -> dict[str, float]:
    sums: dict[str, list[float]] = {}
    for job in jobs:
        sums.setdefault(job.user, []).append(slowdown(job))
    return {user: sum(values) / len(values) for user, values in sums.items()}
