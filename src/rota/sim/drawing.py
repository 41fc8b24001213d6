"""Pictures as text: lines and bars in SVG, each with its axes; nothing is loaded from afar.

points ──→ lines(…)  ─┐
bars   ──→ bars(…)   ─┴─→ "<svg …>", to stand in a page as it is ──→ page(title, parts)
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from math import floor, log10
from typing import NamedTuple

WIDE, HIGH = 860, 260
LEFT, RIGHT, TOP, LOW = 64, 12, 12, 44
THICK_MAX, LETTER = 60, 6.5
COLOURS = ("#2f6f9f", "#c8553d", "#5b8c5a", "#8a5a9e", "#b8860b", "#555555")


_HEAD = """<!doctype html><html lang="en"><meta charset="utf-8">
<title>{title}</title><style>
body{{font:15px/1.5 system-ui,sans-serif;max-width:900px;margin:2em auto;padding:0 1em}}
table{{border-collapse:collapse;display:block;overflow-x:auto}}
td,th{{padding:.2em .8em;text-align:right;white-space:nowrap}}
th:first-child,td:first-child{{text-align:left}}tr:nth-child(odd) td{{background:#f4f4f4}}
svg{{width:100%;font-size:11px}}</style><h1>{title}</h1>
"""


class Series(NamedTuple):
    """A line: its name and its points, x ascending."""

    name: str
    points: Sequence[tuple[float, float]]


class Bars(NamedTuple):
    """One bar for each label; None leaves a gap."""

    name: str
    values: Sequence[float | None]


class Axes(NamedTuple):
    """What the axes are about; *log_x* has x ≥ 1 in powers of ten, *log_y* likewise."""

    x: str
    y: str
    log_x: bool = False
    log_y: bool = False


class Scale:
    """From values to places on the page; made to hold [low, high] with round ticks."""

    def __init__(
        self, low: float, high: float, *, log: bool, span: tuple[int, int]
    ) -> None:
        self._log = log
        if log:
            low, high = floor(log10(max(low, 1))), log10(max(high, 10))
        high = high if high > low else low + 1
        self._low, self._high, self._span = low, high, span

    def __call__(self, value: float) -> float:
        if self._log:
            value = log10(max(value, 1))
        first, last = self._span
        part = (value - self._low) / (self._high - self._low)
        return round(first + part * (last - first), 1)

    def ticks(self) -> list[float]:
        """Return some round values of the scale."""
        if self._log:
            return [10.0**power for power in range(int(self._low), int(self._high) + 1)]
        step = 10.0 ** floor(log10((self._high - self._low) / 4))
        while (self._high - self._low) / step > 8:
            step *= 2 if str(step)[0] != "2" else 2.5
        first = -(-self._low // step)
        return [step * n for n in range(int(first), int(self._high // step) + 1)]


def page(title: str, parts: Iterable[tuple[str, str]]) -> str:
    """Return a page of *parts*: (heading, its HTML); without a heading the HTML alone."""
    text = _HEAD.format(title=escape(title))
    for heading, body in parts:
        text += f"<h2>{escape(heading)}</h2>\n{body}\n" if heading else f"{body}\n"
    return text


def lines(series: Sequence[Series], axes: Axes) -> str:
    """Return *series* as one picture."""
    xs = [x for one in series for x, _ in one.points] or [0.0]
    ys = [y for one in series for _, y in one.points] or [0.0]
    across = Scale(min(xs), max(xs), log=axes.log_x, span=(LEFT, WIDE - RIGHT))
    up = Scale(min(0.0, *ys), max(ys), log=axes.log_y, span=(HIGH - LOW, TOP))
    body = _grid(axes, across, up)
    for at, one in enumerate(series):
        path = " ".join(f"{across(x)},{up(y)}" for x, y in one.points)
        colour = COLOURS[at % len(COLOURS)]
        body += f'<polyline points="{path}" fill="none" stroke="{colour}"/>'
    return _svg(body, axes, [one.name for one in series])


def bars(labels: Sequence[str], groups: Sequence[Bars], axes: Axes) -> str:
    """Return *groups* side by side above each of *labels*."""
    values = [v for group in groups for v in group.values if v is not None] or [0.0]
    up = Scale(0, max(values), log=axes.log_y, span=(HIGH - LOW, TOP))
    room = (WIDE - LEFT - RIGHT) / max(1, len(labels))
    thick = min(room * 0.8 / max(1, len(groups)), THICK_MAX)
    body = _grid(axes, None, up)
    for place, label in enumerate(labels):
        centre = LEFT + (place + 0.5) * room
        left = centre - thick * len(groups) / 2
        said = label[: max(4, int(room / LETTER))]
        body += _text(round(centre, 1), HIGH - LOW + 14, said, anchor="middle")
        for at, group in enumerate(groups):
            value = group.values[place]
            if value is not None:
                top, x = up(value), round(left + at * thick, 1)
                colour = COLOURS[at % len(COLOURS)]
                body += (
                    f'<rect x="{x}" y="{top}" width="{thick:.1f}" fill="{colour}"'
                    f' height="{HIGH - LOW - top:.1f}"><title>{escape(label)}, '
                    f"{escape(group.name)}: {value:.4g}</title></rect>"
                )
    return _svg(body, axes, [group.name for group in groups])


def _grid(axes: Axes, across: Scale | None, up: Scale) -> str:
    drawn = ""
    for tick in up.ticks():
        y = up(tick)
        drawn += f'<line x1="{LEFT}" x2="{WIDE - RIGHT}" y1="{y}" y2="{y}"/>'
        drawn += _text(LEFT - 6, y + 4, _number(tick), anchor="end")
    for tick in across.ticks() if across else ():
        drawn += _text(across(tick) if across else 0, HIGH - LOW + 14, _number(tick))
    return f'<g stroke="#ddd" stroke-width="1">{drawn}</g>'


def _svg(body: str, axes: Axes, names: Sequence[str]) -> str:
    legend = "".join(
        f'<tspan fill="{COLOURS[at % len(COLOURS)]}">■ {escape(name)}   </tspan>'
        for at, name in enumerate(names)
    )
    return (
        f'<svg viewBox="0 0 {WIDE} {HIGH}" role="img" aria-label="{escape(axes.y)}">{body}'
        f"{_text(WIDE - RIGHT, HIGH - 12, axes.x, anchor='end')}"
        f'<text x="{LEFT}" y="{HIGH - 12}">{legend}</text></svg>'
    )


def _text(x: float, y: float, text: str, *, anchor: str = "middle") -> str:
    return (
        f'<text x="{x}" y="{y}" text-anchor="{anchor}" stroke="none">{escape(text)}</text>'
    )


def _number(value: float) -> str:
    for size, letter in ((1e6, "M"), (1e3, "k")):
        if abs(value) >= size:
            return f"{value / size:g}{letter}"
    return f"{value:g}"
