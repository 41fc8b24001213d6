"""The plots of the example campaign's report, each a PNG of its own.

ALL    one function for each plot: (logs, folder=…) → Plot, in the report's order
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import matplotlib as mpl

mpl.use("Agg")

from matplotlib import pyplot as plt
from merge import Log
from stats import WAIT_EDGES_S

COLOURS = ("#1f6feb", "#d9730d", "#2e9e6b")
DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
WAIT_TICKS = {10: "10 s", 60: "1 min", 600: "10 min", 3600: "1 h"}
WAIT_TICKS |= {86_400: "1 d", 864_000: "10 d"}

mpl.rcParams.update(
    {
        "figure.dpi": 110,
        "font.size": 9.5,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.edgecolor": "#8b949e",
        "axes.grid": True,
        "axes.axisbelow": True,
        "grid.color": "#e6e8eb",
        "legend.frameon": False,
        "axes.titlelocation": "left",
        "axes.titleweight": "bold",
    }
)


@dataclass(frozen=True)
class Plot:
    """A plot that was drawn: its title, what it shows, and where it is."""

    title: str
    caption: str
    path: Path


def utilisation(logs: Sequence[Log], *, folder: Path) -> Plot:
    """Draw how busy each machine was, slice by slice."""
    figure, panels = _stack(logs, height=2.1)
    for axis, log, colour in zip(panels, logs, COLOURS, strict=False):
        shares = [100 * part["busy"] / part["capacity"] for part in log.parts]
        edges = [*_begins(log), date.fromisoformat(log.parts[-1]["last"])]
        axis.stairs(shares, edges, fill=True, color=colour, alpha=0.35)
        axis.stairs(shares, edges, color=colour, linewidth=1)
        mean = 100 * log.utilisation
        axis.axhline(mean, color="#24292f", linewidth=0.9, linestyle="--")
        axis.annotate(f"mean {mean:.0f} %", (1, mean), xycoords=("axes fraction", "data"))
        axis.set(title=log.trace.name, ylim=(0, 100), ylabel="% of processors")
    caption = "The share of all processor time in each slice that jobs used."
    return _save(figure, "utilisation", title="How busy", caption=caption, folder=folder)


def waits(logs: Sequence[Log], *, folder: Path) -> Plot:
    """Draw the median, mean and 95th percentile of the waits, slice by slice."""
    figure, panels = _stack(logs, height=2.3)
    styles = {"p95": ("-", 0.4), "mean": ("-", 1.0), "median": (":", 1.0)}
    for axis, log, colour in zip(panels, logs, COLOURS, strict=False):
        for name, (line, alpha) in styles.items():
            values = [max(1, part["wait"][name] or 1) for part in log.parts]
            axis.plot(_begins(log), values, line, color=colour, alpha=alpha, label=name)
        axis.set(title=log.trace.name, yscale="log", ylim=(1, None))
        axis.set_yticks(list(WAIT_TICKS), list(WAIT_TICKS.values()))
        axis.minorticks_off()
        axis.legend(ncols=3, loc="lower right", bbox_to_anchor=(1, 1), fontsize=8)
    caption = "How long jobs waited, by the slice in which they were submitted."
    return _save(figure, "waits", title="How long", caption=caption, folder=folder)


def wait_shares(logs: Sequence[Log], *, folder: Path) -> Plot:
    """Draw the share of jobs that had begun after so long a wait."""
    figure, axis = plt.subplots(figsize=(9, 3.2), layout="constrained")
    for log, colour in zip(logs, COLOURS, strict=False):
        begun, shares = 0, []
        for count in log.wait_classes[:-1]:
            begun += count
            shares.append(100 * begun / log.jobs)
        edges = [max(edge, 1) for edge in WAIT_EDGES_S]
        axis.step(edges, shares, where="post", color=colour, label=log.trace.name)
    axis.set(xscale="log", ylim=(0, 101), xlim=(1, None), ylabel="% of jobs begun")
    axis.set_xticks([1, *WAIT_TICKS], ["at once", *WAIT_TICKS.values()])
    axis.minorticks_off()
    axis.legend(loc="lower right")
    caption = "The share of jobs that had begun after a wait of at most so long."
    return _save(figure, "wait-shares", title="How soon", caption=caption, folder=folder)


def widths(logs: Sequence[Log], *, folder: Path) -> Plot:
    """Draw which widths make up the jobs, and which the work."""
    figure, panels = plt.subplots(1, 2, figsize=(9, 3), layout="constrained", sharey=True)
    classes = sorted({width for log in logs for width in log.widths})
    names = [str(w) if w < 3 else f"{w // 2 + 1}–{w}" for w in classes]
    for side, (axis, what) in enumerate(zip(panels, ("jobs", "work"), strict=True)):
        for i, (log, colour) in enumerate(zip(logs, COLOURS, strict=False)):
            counts = log.width_work if side else log.widths
            total = counts.total()
            at = [x + (i - (len(logs) - 1) / 2) * 0.4 for x in range(len(classes))]
            shares = [100 * counts[width] / total for width in classes]
            axis.bar(at, shares, width=0.38, color=colour, label=log.trace.name)
        axis.set(title=f"% of all {what}", xlabel="processors")
        axis.set_xticks(range(len(classes)), names, rotation=45)
        axis.grid(visible=False, axis="x")
    panels[0].legend()
    caption = "Most jobs are narrow; most of the work is not."
    return _save(figure, "widths", title="How wide", caption=caption, folder=folder)


def week(logs: Sequence[Log], *, folder: Path) -> Plot:
    """Draw when in the week people submit."""
    figure, panels = _stack(logs, height=2.0)
    for axis, log in zip(panels, logs, strict=False):
        hours = [log.week[day * 24 : day * 24 + 24] for day in range(7)]
        image = axis.imshow(hours, aspect="auto", cmap="YlGnBu")
        axis.set_yticks(range(7), DAYS)
        axis.set_xticks(range(0, 24, 3), [f"{hour} h" for hour in range(0, 24, 3)])
        axis.grid(visible=False)
        axis.set_title(log.trace.name)
        figure.colorbar(image, ax=axis, label="jobs", pad=0.01)
    caption = "Submissions by the hour of the week, in the machine's standard time."
    return _save(figure, "week", title="When", caption=caption, folder=folder)


def users(logs: Sequence[Log], *, folder: Path) -> Plot:
    """Draw how unequally the work is spread over the users."""
    figure, axis = plt.subplots(figsize=(9, 3.2), layout="constrained")
    for log, colour in zip(logs, COLOURS, strict=False):
        work = sorted(log.users.values(), reverse=True)
        so_far, shares = 0, [0.0]
        for one in work:
            so_far += one
            shares.append(100 * so_far / log.work)
        at = [100 * i / len(work) for i in range(len(shares))]
        axis.plot(at, shares, color=colour, label=f"{log.trace.name} ({len(work)} users)")
    axis.plot([0, 100], [0, 100], color="#8b949e", linewidth=0.8, linestyle="--")
    axis.set(xlabel="% of users, the busiest first", ylabel="% of the work")
    axis.set(xlim=(0, 100), ylim=(0, 101))
    axis.legend(loc="lower right")
    caption = (
        "The share of all processor time that the busiest users had (dashed: all equal)."
    )
    return _save(figure, "users", title="Who", caption=caption, folder=folder)


ALL: tuple[Callable[..., Plot], ...] = (
    utilisation,
    waits,
    wait_shares,
    widths,
    week,
    users,
)


def _stack(logs: Sequence[Log], *, height: float) -> tuple[Any, Any]:
    """Return a figure with one panel below the other, one for each log."""
    figure, panels = plt.subplots(
        len(logs), 1, figsize=(9, height * len(logs)), layout="constrained", squeeze=False
    )
    return figure, list(panels[:, 0])


def _begins(log: Log) -> list[date]:
    return [date.fromisoformat(part["first"]) for part in log.parts]


def _save(figure: Any, name: str, *, title: str, caption: str, folder: Path) -> Plot:
    path = folder / f"{name}.png"
    figure.savefig(path)
    plt.close(figure)
    return Plot(title, caption, path)
