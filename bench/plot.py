#!/usr/bin/env python3
"""Draw bench/history.jsonl: every value with a target, over time, as bench/history.svg.

    python bench/plot.py [--out FILE.svg|FILE.png]

A value's height is how far it is from its first target: 1 just reaches it, 2 is twice as
good.  The hollow mark is where its goal lies.
"""

from __future__ import annotations

import argparse
import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import matplotlib as mpl

mpl.use("Agg")

from figure import HERE
from matplotlib import pyplot as plt

HISTORY = HERE / "history.jsonl"
Points = list[tuple[str, dict[str, Any]]]
"""A value over time: (commit, what figure.Value says)."""


def main(argv: Sequence[str] | None = None) -> int:
    """Draw the history; return the exit code."""
    parser = argparse.ArgumentParser(description="Draw the history of the figures.")
    parser.add_argument("--out", type=Path, default=HERE / "history.svg")
    options = parser.parse_args(argv)
    if not HISTORY.exists():
        parser.exit(1, f"there is no {HISTORY}; bench/run.py writes it\n")
    draw(read(HISTORY), options.out)
    print(f"→ {options.out}")
    return 0


def read(path: Path) -> dict[str, dict[str, Points]]:
    """Return {figure: {value: its points}} of all values that have a first target."""
    found: dict[str, dict[str, Points]] = defaultdict(lambda: defaultdict(list))
    for line in path.read_text(encoding="utf-8").splitlines():
        run = json.loads(line)
        for value in run["values"]:
            if value["first"] is not None:
                label = f"{run['commit']}\n{run['at'][5:16].replace('T', ' ')}"
                found[run["figure"]][value["name"]].append((label, value))
    return found


def draw(history: Mapping[str, Mapping[str, Points]], out: Path) -> None:
    """Draw one panel for each figure into *out*."""
    count = len(history)
    figure, panels = plt.subplots(
        count, 1, figsize=(9, 2.6 * count), layout="constrained", squeeze=False
    )
    for axis, (name, values) in zip(panels[:, 0], history.items(), strict=True):
        axis.axhline(1, color="#24292f", linewidth=0.9, linestyle="--")
        for value, points in values.items():
            labels = [label for label, _ in points]
            heights = [goodness(point["value"], point) for _, point in points]
            (line,) = axis.plot(labels, heights, marker="o", label=value)
            goal = points[-1][1]["goal"]
            if goal:
                height = goodness(goal, points[-1][1])
                axis.plot(labels[-1:], [height], "o", mfc="none", color=line.get_color())
        axis.set(title=name, yscale="log", ylabel="× better than first target")
        axis.yaxis.set_major_formatter("{x:g}")
        axis.yaxis.set_minor_formatter("{x:g}" if spread(axis) < 10 else "")
        axis.grid(color="#e6e8eb")
        axis.legend(fontsize=8, frameon=False, loc="center left", bbox_to_anchor=(1, 0.5))
    figure.savefig(out)
    plt.close(figure)


def spread(axis: Any) -> float:
    """Return the ratio between the top and the bottom of *axis*."""
    bottom, top = axis.get_ylim()
    return float(top / bottom)


def goodness(number: float, value: Mapping[str, Any]) -> float:
    """Return how many times better than the first target *number* is."""
    first = float(value["first"])
    return number / first if value["more"] else first / max(number, first / 1000)


if __name__ == "__main__":
    raise SystemExit(main())
