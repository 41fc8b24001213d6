"""The HTML report of the example campaign: one file, its plots inside.

The words and the looks are in report.html.j2; here is what they speak of.
"""

from __future__ import annotations

import base64
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import jinja2
from merge import Log
from plots import Plot

HERE = Path(__file__).resolve().parent


def write(logs: Sequence[Log], *, plots: Sequence[Plot], folder: Path) -> Path:
    """Write report.html into *folder*; return its path."""
    loader = jinja2.FileSystemLoader(HERE)
    around = jinja2.Environment(
        loader=loader, autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True
    )
    around.filters |= {"seconds": show_seconds, "count": show_count, "inline": _inline}
    text = around.get_template("report.html.j2").render(
        logs=[{"log": log, "months": months(log), **headline(log)} for log in logs],
        plots=plots,
        parts=sum(len(log.parts) for log in logs),
        jobs=sum(log.jobs for log in logs),
        retried=[name for log in logs for name in log.retried],
    )
    path = folder / "report.html"
    path.write_text(text, encoding="utf-8")
    return path


def headline(log: Log) -> dict[str, Any]:
    """Return the figures that stand above all others for *log*."""
    top = sorted(log.users.values(), reverse=True)
    return {
        "core_hours": log.work / 3600,
        "wait_mean": log.wait_sum / log.jobs,
        "slowdown_mean": log.slowdown_sum / log.jobs,
        "top_tenth": 100 * sum(top[: max(1, len(top) // 10)]) / log.work,
        "accuracy": 100 * log.sums["run"] / log.sums["requested"],
    }


def months(log: Log) -> list[dict[str, Any]]:
    """Return one row for each month of *log*: its slices added up."""
    slices: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for part in log.parts:
        slices[part["first"][:7]].append(part)
    return [{"month": month, **_month(parts)} for month, parts in slices.items()]


def show_seconds(seconds: float) -> str:
    """Return *seconds* for people: "45 s", "12 min", "3.2 h", "1.4 d"."""
    for unit, size, below in (("s", 1, 90), ("min", 60, 90), ("h", 3600, 48)):
        if seconds / size < below:
            digits = 1 if unit == "h" and seconds / size < 10 else 0
            return f"{seconds / size:.{digits}f} {unit}"
    return f"{seconds / 86_400:.1f} d"


def show_count(number: float) -> str:
    """Return *number* with a thin space between each three digits."""
    return f"{number:,.0f}".replace(",", "\N{NARROW NO-BREAK SPACE}")


def _month(parts: Sequence[dict[str, Any]]) -> dict[str, Any]:
    jobs = sum(part["sums"]["jobs"] for part in parts)
    return {
        "jobs": jobs,
        "users": len({user for part in parts for user in part["users"]}),
        "core_hours": sum(part["work"] for part in parts) / 3600,
        "utilisation": 100
        * sum(part["busy"] for part in parts)
        / sum(part["capacity"] for part in parts),
        "wait_mean": sum(part["wait"]["sum"] for part in parts) / max(1, jobs),
        "wait_max": max(part["wait"]["max"] or 0 for part in parts),
        "slowdown_mean": sum(part["slowdown"]["sum"] for part in parts) / max(1, jobs),
    }


def _inline(path: Path) -> str:
    return "data:image/png;base64," + base64.b64encode(path.read_bytes()).decode("ascii")
