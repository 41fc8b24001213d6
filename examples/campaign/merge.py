#!/usr/bin/env python3
"""The last job of the example campaign: all parts → plots and one HTML report.

    out/parts/*.json ─┬─ fold ─→ one Log for each trace ─┬─→ out/*.png
    out/slices.txt ───╯   │                              ╰─→ out/report.html
                          ╰─ proved against the sums in examples/traces/catalogue.json

    python3 merge.py [--out out]

Ends with 1, and a sentence, when a part is missing or the sums disagree.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import swf


class Incomplete(Exception):
    """The parts are not all there, or do not add up to the logs."""


@dataclass
class Log:
    """What the parts of one trace add up to.

    Shapes:
        parts:        in the order of time
        users, widths, width_work: {user or width class: jobs or processor-seconds}
        week:         submissions for each hour of the week, Monday 0 h first
        wait_classes: jobs for each class of stats.WAIT_EDGES_S, and the rest
    """

    trace: swf.Trace
    parts: list[dict[str, Any]] = field(default_factory=list)
    sums: Counter[str] = field(default_factory=Counter)
    users: Counter[str] = field(default_factory=Counter)
    widths: Counter[int] = field(default_factory=Counter)
    width_work: Counter[int] = field(default_factory=Counter)
    week: list[int] = field(default_factory=lambda: [0] * 168)
    wait_classes: list[int] = field(default_factory=list)
    busy: int = 0
    capacity: int = 0
    work: int = 0
    wait_sum: int = 0
    slowdown_sum: float = 0.0

    @property
    def jobs(self) -> int:
        """How many jobs were submitted."""
        return self.sums["jobs"]

    @property
    def utilisation(self) -> float:
        """The share of all processor-seconds that jobs used."""
        return self.busy / self.capacity

    @property
    def retried(self) -> list[str]:
        """The slices that needed more than one attempt."""
        return [part["slice"] for part in self.parts if part["attempt"] > 1]


def main(argv: Sequence[str] | None = None) -> int:
    """Merge, draw, write the report; return the exit code."""
    parser = argparse.ArgumentParser(description="Merge the parts into a report.")
    parser.add_argument("--out", type=Path, default=Path("out"))
    options = parser.parse_args(argv)
    try:
        logs = fold(read_parts(options.out))
        prove(logs)
    except Incomplete as problem:
        print(problem, file=sys.stderr)
        return 1
    # Matplotlib takes a second to import: only when there is something to draw.
    import plots
    import report

    steps = len(plots.ALL) + 1
    drawn = []
    for done, draw in enumerate(plots.ALL, start=1):
        drawn.append(draw(logs, folder=options.out))
        print(f"{done} / {steps}", flush=True)
    path = report.write(logs, plots=drawn, folder=options.out)
    print(f"{steps} / {steps}\n→ {path}")
    return 0


def read_parts(out: Path) -> list[dict[str, Any]]:
    """Return the part of each slice that ``slices.txt`` in *out* lists.

    Raises:
        Incomplete: parts are missing; the sentence names the first.
    """
    names = (out / "slices.txt").read_text(encoding="utf-8").split()
    paths = [out / "parts" / f"{name}.json" for name in names]
    missing = [path for path in paths if not path.exists()]
    if missing:
        raise Incomplete(
            f"{len(missing)} of {len(paths)} parts are missing, the first is {missing[0]}; "
            "run the array of campaign.yaml again"
        )
    return [json.loads(path.read_text(encoding="utf-8")) for path in paths]


def fold(parts: Iterable[dict[str, Any]]) -> list[Log]:
    """Return what *parts* add up to, one Log for each trace."""
    known = swf.catalogue()
    logs: dict[str, Log] = {}
    for part in parts:
        log = logs.setdefault(part["trace"], Log(known[part["trace"]]))
        _add(log, part)
    for log in logs.values():
        log.parts.sort(key=lambda part: str(part["first"]))
    return list(logs.values())


def prove(logs: Iterable[Log]) -> None:
    """Check that each log was read whole, and each job once.

    Raises:
        Incomplete: a sum is not the catalogue's.
    """
    for log in logs:
        for name, expected in log.trace.facts["sums"].items():
            if log.sums[name] != expected:
                raise Incomplete(
                    f"{log.trace.name}: the {name} add up to {log.sums[name]}, not to "
                    f"{expected} as in {swf.TRACES.name}/catalogue.json"
                )


def _add(log: Log, part: dict[str, Any]) -> None:
    log.parts.append(part)
    log.sums.update(part["sums"])
    log.users.update(part["users"])
    log.widths.update({int(width): n for width, n in part["widths"].items()})
    log.width_work.update({int(width): n for width, n in part["width_work"].items()})
    log.week = _sum(log.week, part["week"])
    log.wait_classes = _sum(log.wait_classes, part["wait_classes"])
    log.busy += part["busy"]
    log.capacity += part["capacity"]
    log.work += part["work"]
    log.wait_sum += part["wait"]["sum"]
    log.slowdown_sum += part["slowdown"]["sum"]


def _sum(total: list[int], more: list[int]) -> list[int]:
    return [a + b for a, b in zip(total, more, strict=True)] if total else list(more)


if __name__ == "__main__":
    raise SystemExit(main())
