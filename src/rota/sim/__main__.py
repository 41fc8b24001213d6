"""``python -m rota.sim``: what ``rota simulate`` runs.

    python -m rota.sim TRACE [--procs N | --cluster FILE] [--policy NAME|FILE]
                             [--compare NAME|FILE]… [--with-nodes +N]
                             [--schedule OUT.csv] [--report OUT.html] [--json]
    python -m rota.sim --scenario FILE [--schedule OUT.csv] [--json]

Exit codes: 0; 1 a scenario's expectation does not hold; 2 what was asked makes no sense.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from rota.core.errors import Refused
from rota.sim.cluster import Cluster, Row
from rota.sim.expect import judge
from rota.sim.machine import Machine, read_machine
from rota.sim.page import write_page
from rota.sim.report import write_schedule
from rota.sim.scenario import read_scenario
from rota.sim.variants import Run, run, variants
from rota.sim.workload import Trace, read_swf

PROGRESS_STEPS = 200
PIPE_GONE = 141
SCHEMA = "rota.simulation/1"
UNTOLD = ("schema", "trace", "dropped", "starts_sha256")
"""What a table of several runs leaves out."""


def main(words: Sequence[str] | None = None) -> int:
    """Run what *words* ask for; return the exit code."""
    asked = _parser().parse_args(words)
    try:
        code = _scenario(asked) if asked.scenario else _trace(asked)
        sys.stdout.flush()
        return code
    except Refused as error:
        print(error.sentence, file=sys.stderr)
        return error.exit_code
    except BrokenPipeError:
        # Who read our output has seen enough.  Python must not try to flush the rest.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return PIPE_GONE
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
    add("--cluster", type=Path, help="a YAML file that names the nodes, instead")
    add("--policy", default="default", help="default, fcfs:easy …, or a config.yaml")
    add("--compare", action="append", default=[], help="this policy, too; may be repeated")
    add("--with-nodes", help="each also with so many more nodes: +2, or +2x64")
    add("--report", type=Path, help="write a page with pictures to this HTML file")
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
    machine = read_machine(asked.cluster) if asked.cluster else None
    procs = asked.procs or (machine.cores if machine else None)
    policies = [asked.policy, *asked.compare]
    # What is wrong is told before a large trace is read, as far as it can be.
    variants(policies, Machine(procs or 1, 1), wider=asked.with_nodes)
    trace = read_swf(asked.trace, procs=procs, skip_broken=asked.skip_broken)
    machine = Machine(trace.procs, machine.per_node if machine else None)
    runs = [
        run(variant, trace, progress=_progress(len(trace.jobs), variant.name))
        for variant in variants(policies, machine, wider=asked.with_nodes)
    ]
    if asked.schedule:
        write_schedule(runs[0].done, asked.schedule)
    if asked.report:
        write_page(runs, asked.report, title=asked.trace.name)
    _tell(trace, runs)
    plain = [{"schema": SCHEMA, "trace": asked.trace.name, **one.figures} for one in runs]
    if asked.json:
        many = {"schema": "rota.comparison/1", "trace": asked.trace.name, "runs": plain}
        print(json.dumps(many if len(plain) > 1 else plain[0], indent=1))
    elif len(plain) > 1:
        _print_side_by_side(plain)
    else:
        for name, value in plain[0].items():
            print(f"{name:<18} {_shown(value)}")
    return 0


def _tell(trace: Trace, runs: Sequence[Run]) -> None:
    for complaint in trace.broken:
        print(f"skipped {complaint}", file=sys.stderr)
    for one in runs:
        if one.variant.unused:
            said = ", ".join(one.variant.unused)
            print(f"{one.variant.name}: a replay leaves out {said}", file=sys.stderr)


def _print_side_by_side(runs: Sequence[dict[str, Any]]) -> None:
    keys = dict.fromkeys(key for one in runs for key in one if key not in UNTOLD)
    table = [[key, *(_shown(one.get(key, "–")) for one in runs)] for key in keys]
    wide = [max(len(row[at]) for row in table) for at in range(len(runs) + 1)]
    for first, *cells in table:
        rest = (text.rjust(size) for text, size in zip(cells, wide[1:], strict=True))
        print(first.ljust(wide[0]), *rest, sep="  ")


def _shown(value: object) -> str:
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def _progress(count: int, name: str) -> Callable[[int], None] | None:
    """Return a function that draws a bar on the terminal, a step at a time."""
    if not sys.stderr.isatty():
        return None
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
        print(f"\r{name} [{bar}] {ended}/{count}", end=end, file=sys.stderr, flush=True)

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
