"""``python -m rota.sim``: what ``rota simulate`` runs.

    python -m rota.sim TRACE [--procs N] [--policy NAME] [--schedule OUT.csv] [--json]
    python -m rota.sim --scenario FILE [--schedule OUT.csv] [--json]

Exit codes: 0; 1 a scenario's expectation does not hold; 2 what was asked makes no sense.
"""

from __future__ import annotations

import argparse
import csv
import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from rota.core.errors import Refused
from rota.sched.policy import parse_policy
from rota.sim.cluster import Cluster, Row
from rota.sim.expect import judge
from rota.sim.replay import replay
from rota.sim.report import measure, starts_sha256, write_schedule
from rota.sim.scenario import read_scenario
from rota.sim.workload import Trace, read_swf

PROGRESS_STEPS = 200


def main(words: Sequence[str] | None = None) -> int:
    """Run what *words* ask for; return the exit code."""
    asked = _parser().parse_args(words)
    try:
        return _scenario(asked) if asked.scenario else _trace(asked)
    except Refused as error:
        print(error.sentence, file=sys.stderr)
        return error.exit_code
    except OSError as error:
        print(f"{error.filename}: {error.strerror}", file=sys.stderr)
        return 2


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="rota simulate", description="Replay a trace, or play a scenario, in no time."
    )
    add = parser.add_argument
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("trace", nargs="?", type=Path, help="a trace in SWF, .gz understood")
    what.add_argument("--scenario", type=Path, help="a scenario file instead of a trace")
    add("--procs", type=_count, help="cores of the machine; default: the trace's header")
    add("--policy", default="default", help="default, fcfs:easy, saf@72000:easy …")
    add("--seed", type=int, default=0, help="accepted; nothing here is left to chance")
    add("--schedule", type=Path, help="write the schedule to this CSV file")
    add("--skip-broken", action="store_true", help="leave out lines that cannot be read")
    add("--json", action="store_true", help="one JSON document instead of a table")
    return parser


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of cores, 1 or more")
    return int(text)


def _trace(asked: argparse.Namespace) -> int:
    policy = parse_policy(asked.policy)
    trace = read_swf(asked.trace, procs=asked.procs, skip_broken=asked.skip_broken)
    done = replay(
        trace.jobs,
        procs=trace.procs,
        policy=policy,
        progress=_progress(len(trace.jobs)) if sys.stderr.isatty() else None,
    )
    if asked.schedule:
        write_schedule(done, asked.schedule)
    figures = {
        "schema": "rota.simulation/1",
        "trace": asked.trace.name,
        "procs": trace.procs,
        "policy": policy.name,
        "dropped": dict(trace.dropped),
        **measure(done, trace.procs),
        "starts_sha256": starts_sha256(done),
    }
    _print_figures(figures, trace, as_json=asked.json)
    return 0


def _print_figures(figures: dict[str, Any], trace: Trace, *, as_json: bool) -> None:
    for complaint in trace.broken:
        print(f"skipped {complaint}", file=sys.stderr)
    if as_json:
        print(json.dumps(figures, indent=1))
        return
    for name, value in figures.items():
        shown = f"{value:.6g}" if isinstance(value, float) else value
        print(f"{name:<18} {shown}")


def _progress(count: int) -> Callable[[int], None]:
    """Return a function that draws a bar on the terminal, a step at a time."""
    step = max(1, count // PROGRESS_STEPS)
    drawn = -1

    def draw(ended: int) -> None:
        nonlocal drawn
        if ended // step == drawn and ended < count:
            return
        drawn = ended // step
        filled = 40 * ended // count
        end = "\n" if ended >= count else ""
        bar = "*" * filled + "." * (40 - filled)
        print(f"\r[{bar}] {ended}/{count}", end=end, file=sys.stderr, flush=True)

    return draw


def _scenario(asked: argparse.Namespace) -> int:
    scenario = read_scenario(asked.scenario)
    rows = Cluster(scenario).play()
    if asked.schedule:
        _write_rows(rows, asked.schedule)
    verdicts = judge(scenario, rows)
    passed = all(verdict.holds for verdict in verdicts)
    if asked.json:
        failed = [[dict(v.expectation), v.seen] for v in verdicts if not v.holds]
        plain = {"scenario": scenario.name, "ok": passed, "failed": failed}
        print(json.dumps({"schema": "rota.scenario/1", **plain}))
    else:
        for holds, expectation, seen in verdicts:
            print(f"{'ok' if holds else 'FAILED':<6} {json.dumps(expectation)}  {seen}")
        print(f"{scenario.name}: {'PASS' if passed else 'FAIL'}")
    return 0 if passed else 1


def _write_rows(rows: Sequence[Row], path: Path) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        out = csv.writer(file)
        out.writerow(("job_id", "start", "end", "where", "state"))
        for row in rows:
            where = " ".join(f"{name}:{cores}" for name, cores in row.where.items())
            times = (_seconds(row.start), _seconds(row.end))
            out.writerow((row.job_id, *times, where, row.state))


def _seconds(millis: int) -> int | float:
    return millis // 1000 if millis % 1000 == 0 else millis / 1000


if __name__ == "__main__":
    sys.exit(main())
