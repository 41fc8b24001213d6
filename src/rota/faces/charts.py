"""A report of usage as a page with charts, one file that needs no network.

rows of ``faces.report`` ──▶ core-hours · waiting beside running · how well used ──▶ FILE
                              by month, the largest names as colours, where there is time
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from pathlib import Path
from typing import Any

from rota.faces.report import COLUMNS, cells, figures
from rota.sim.drawing import Axes, Bars, bars, page

Row = dict[str, Any]

TIMES = ("year", "month", "day")
LABELS_MAX = 30
"""So many bars stand side by side: the last of a time, else the largest."""

NAMES_MAX = 5
"""So many names have a colour of their own; the rest is one."""

OTHERS = "others"


def write_page(rows: Sequence[Row], path: str, *, by: Sequence[str], title: str) -> None:
    """Write the report of *rows*, summed *by* these words, to *path*."""
    parts = [("", _table(rows, by))]
    if rows:
        parts = [
            ("Core-hours", _hours(rows, by)),
            ("Waiting and running: minutes, mean of an attempt", _waits(rows, by)),
            ("How well what was held was used: %", _efficiency(rows, by)),
            ("All figures", _table(rows, by)),
        ]
    Path(path).write_text(page(title, parts), encoding="utf-8")


def _hours(rows: Sequence[Row], by: Sequence[str]) -> str:
    time = next((word for word in by if word in TIMES), None)
    if time is None or len(by) == 1:
        shown = _shown(rows, by)
        values = [row.get("core_s", 0) / 3600 for row in shown]
        labels = [_name(row, by) for row in shown]
        return bars(labels, [Bars("core-hours", values)], Axes(", ".join(by), "core-hours"))
    names = [word for word in by if word != time]
    labels = sorted({row[time] for row in rows})[-LABELS_MAX:]
    totals: dict[str, float] = {}
    for row in rows:
        name = _name(row, names)
        totals[name] = totals.get(name, 0) + row.get("core_s", 0)
    large = sorted(totals, key=lambda name: (-totals[name], name))[:NAMES_MAX]
    held: dict[tuple[str, str], float] = {}
    for row in rows:
        name = _name(row, names)
        key = (row[time], name if name in large else OTHERS)
        held[key] = held.get(key, 0) + row.get("core_s", 0) / 3600
    kinds = large + ([OTHERS] if len(totals) > len(large) else [])
    groups = [Bars(kind, [held.get((at, kind), 0) for at in labels]) for kind in kinds]
    return bars(labels, groups, Axes(time, "core-hours"))


def _waits(rows: Sequence[Row], by: Sequence[str]) -> str:
    shown = [figures(row) for row in _shown(rows, by)]
    groups = [
        Bars("waiting", [_in_minutes(row["wait_mean_s"]) for row in shown]),
        Bars("running", [_in_minutes(row["run_mean_s"]) for row in shown]),
    ]
    return bars([_name(row, by) for row in shown], groups, Axes(", ".join(by), "minutes"))


def _efficiency(rows: Sequence[Row], by: Sequence[str]) -> str:
    shown = [figures(row) for row in _shown(rows, by)]
    groups = [
        Bars(name, [_in_percent(row[key]) for row in shown])
        for name, key in (
            ("processor", "cpu_efficiency"),
            ("memory asked for", "memory_efficiency"),
            ("time limit", "limit_used"),
        )
    ]
    return bars([_name(row, by) for row in shown], groups, Axes(", ".join(by), "%"))


def _shown(rows: Sequence[Row], by: Sequence[str]) -> Sequence[Row]:
    """Return the rows that have bars: by time the last ones, else the largest."""
    if any(word in TIMES for word in by):
        return rows[-LABELS_MAX:]
    return rows[:LABELS_MAX]


def _name(row: Row, words: Sequence[str]) -> str:
    return " ".join(str(row[word]) for word in words)


def _in_minutes(seconds: float | None) -> float | None:
    return None if seconds is None else seconds / 60


def _in_percent(part: float | None) -> float | None:
    return None if part is None else 100 * part


def _table(rows: Sequence[Row], by: Sequence[str]) -> str:
    titles = [*(word.upper() for word in by), *(column.title for column, _ in COLUMNS)]
    head = "".join(f"<th>{escape(title)}</th>" for title in titles)
    body = "".join(
        "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in line) + "</tr>\n"
        for line in cells(rows, list(by))
    )
    return f"<table>\n<tr>{head}</tr>\n{body}</table>"
