#!/usr/bin/env python3
"""How fast is Rota?  One figure or all of them, beside their targets.

    python bench/run.py                     all figures: some minutes
    python bench/run.py throughput idle     these
    python bench/run.py --quick             smaller numbers: to see that it works

Prints one JSON line for each figure, then a table.  Whole runs are added to
bench/history.jsonl, from which bench/plot.py draws.  Run it in Rota's own environment
(.venv/bin/python) and leave the machine alone meanwhile.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Mapping, Sequence

import flood
import idle
import latency
import page
import staging
import submit
import throughput
import waiting
from figure import HERE, Figure, table

FIGURES: Mapping[str, Callable[..., Figure]] = {
    "throughput": throughput.measure,
    "latency": latency.measure,
    "submit": submit.measure,
    "waiting": waiting.measure,
    "idle": idle.measure,
    "page": page.measure,
    "flood": flood.measure,
    "staging": staging.measure,
}
HISTORY = HERE / "history.jsonl"


def main(argv: Sequence[str] | None = None) -> int:
    """Measure what is asked; return 0, or 1 when a first target is missed."""
    options = parser().parse_args(argv)
    found = []
    for name in options.figures or FIGURES:
        began = time.monotonic()
        figure = FIGURES[name](quick=options.quick)
        found.append(figure)
        print(figure.line(), flush=True)
        print(f"{name}: {time.monotonic() - began:.0f} s", file=sys.stderr)
        if not options.quick and not options.no_save:
            with HISTORY.open("a", encoding="utf-8") as history:
                history.write(figure.line() + "\n")
    print(f"\n{table(found)}")
    missed = [v for figure in found for v in figure.values if v.verdict == "none"]
    return 1 if missed and options.strict else 0


def parser() -> argparse.ArgumentParser:
    """What the command line may say."""
    made = argparse.ArgumentParser(
        description="Measure Rota against its floor and targets."
    )
    made.add_argument(
        "figures", nargs="*", choices=[*FIGURES, []], metavar="FIGURE",
        help=f"{', '.join(FIGURES)} (default: all)",
    )  # fmt: skip
    made.add_argument("--quick", action="store_true", help="smaller numbers, not saved")
    made.add_argument("--no-save", action="store_true", help="leave the history alone")
    made.add_argument("--strict", action="store_true", help="exit 1 on a missed target")
    return made


if __name__ == "__main__":
    raise SystemExit(main())
