"""A figure: named values beside their targets; as a JSON line, as rows of a table.

    Value("cpu of a job ÷ floor", 1.42, "×", first=3.0, goal=1.5)

*first* and *goal* are the targets that the project has set itself: what a first version
must reach, and what we are after.  Ratios are of one run; absolute values only a guide.
"""

from __future__ import annotations

import json
import os
import platform
import subprocess
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent


@dataclass(frozen=True)
class Value:
    """One number; *more* says that more is better."""

    name: str
    value: float
    unit: str = ""
    first: float | None = None
    goal: float | None = None
    more: bool = False

    @property
    def verdict(self) -> str:
        """Which target it reaches: goal, first or none; nothing where there is none."""
        for name, target in (("goal", self.goal), ("first", self.first)):
            if target is not None and self._reaches(target):
                return name
        return "" if self.first is None and self.goal is None else "none"

    def _reaches(self, target: float) -> bool:
        return self.value >= target if self.more else self.value <= target


@dataclass(frozen=True)
class Figure:
    """What one measurement found.

    notes: how it was measured: counts, the floor's kind, each pair's ratios
    """

    figure: str
    values: Sequence[Value]
    notes: dict[str, Any] = field(default_factory=dict)

    def line(self) -> str:
        """Return it as one line of JSON, with where and when it was measured."""
        return json.dumps(
            {
                "figure": self.figure,
                "at": datetime.now(UTC).isoformat(timespec="seconds"),
                "commit": commit(),
                "machine": machine(),
                "values": [
                    asdict(value) | {"reached": value.verdict} for value in self.values
                ],
                "notes": self.notes,
            }
        )


def table(figures: Iterable[Figure]) -> str:
    """Return the figures as a table for people."""
    head = ("figure", "value", "first", "goal", "reached")
    rows = [head]
    for one in figures:
        for value in one.values:
            rows.append(
                (
                    f"{one.figure}: {value.name}",
                    f"{show(value.value)} {value.unit}".rstrip(),
                    show_target(value.first, more=value.more),
                    show_target(value.goal, more=value.more),
                    value.verdict,
                )
            )
    widths = [max(len(row[i]) for row in rows) for i in range(len(head))]
    return "\n".join(_row(row, widths) for row in rows)


def show(number: float) -> str:
    """Return *number* with three digits that count."""
    if number >= 1000:
        return f"{number:,.0f}".replace(",", " ")
    return f"{number:.3g}"


def show_target(target: float | None, *, more: bool) -> str:
    """Return *target* as a bound."""
    return "" if target is None else f"{'≥' if more else '≤'} {show(target)}"


def percentile(values: Iterable[float], part: float) -> float:
    """Return the *part*-th percentile of *values*, nearest rank."""
    ordered = sorted(values)
    return ordered[max(0, -int(-len(ordered) * part // 100) - 1)]


def machine() -> dict[str, Any]:
    """Return what the measurement depends on; ``load`` tells whether others worked, too."""
    return {
        "cores": os.cpu_count(),
        "kernel": platform.release(),
        "python": platform.python_version(),
        "cpu": _cpu_model(),
        "load": round(os.getloadavg()[0], 1),
    }


def commit() -> str:
    """Return the commit that was measured, "+" behind it when files were changed."""
    try:
        done = subprocess.run(
            ["git", "describe", "--always", "--dirty=+", "--exclude=*"],
            cwd=HERE, capture_output=True, text=True, check=True,
        )  # fmt: skip
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return done.stdout.strip()


def _row(cells: Sequence[str], widths: Sequence[int]) -> str:
    first = cells[0].ljust(widths[0])
    rest = [cell.rjust(width) for cell, width in zip(cells[1:], widths[1:], strict=True)]
    return "  ".join([first, *rest]).rstrip()


def _cpu_model() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()
