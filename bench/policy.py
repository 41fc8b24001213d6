"""The default policy against EASY on workloads that it was not chosen by.

    python bench/policy.py                       made-up ones: ``models.KINDS``, seed 3
    python bench/policy.py --seed 4 --jobs 6000 --policy saf@72000:easy
    python bench/policy.py --trace KTH.swf.gz --procs 100 --parts 4 --load 1.1

One JSON line for each workload, and one for all of them: how many miss 0.75 × EASY's mean
bounded slowdown or 1.35 × its longest wait.  A trace is cut into parts, each replayed
alone; a load of 1.1 lets its jobs come in nine tenths of the time.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Sequence
from math import exp, log
from pathlib import Path
from typing import Any, NamedTuple

from models import KINDS, made_up

from rota.sched.policy import Policy, parse_policy
from rota.sim.replay import replay
from rota.sim.report import measure
from rota.sim.workload import TraceJob, read_swf

SLOWDOWN_MOST, WAIT_MOST = 0.75, 1.35


class Workload(NamedTuple):
    """Jobs for a machine of so many cores."""

    name: str
    procs: int
    jobs: list[TraceJob]


def main(words: Sequence[str] | None = None) -> None:
    """Replay and print."""
    asked = _parser().parse_args(words)
    policy = parse_policy(asked.policy)
    rows = []
    for workload in _of_trace(asked) if asked.trace else _made_up(asked):
        rows.append(compare(workload, policy))
        print(json.dumps(rows[-1]), flush=True)
    print(json.dumps(summary(rows)))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description="The default policy against EASY.")
    add = parser.add_argument
    add("--policy", default="default")
    add("--seed", type=int, default=3)
    add("--jobs", type=int, default=10_000)
    add("--trace", type=Path)
    add("--procs", type=int)
    add("--parts", type=int, default=1)
    add("--load", type=float, default=1.0)
    return parser


def _made_up(asked: argparse.Namespace) -> Iterator[Workload]:
    for kind in KINDS:
        jobs = made_up(kind, seed=asked.seed, count=asked.jobs)
        yield Workload(str(kind), kind.procs, jobs)


def _of_trace(asked: argparse.Namespace) -> Iterator[Workload]:
    trace = read_swf(asked.trace, procs=asked.procs)
    for part in range(asked.parts):
        first, last = (len(trace.jobs) * at // asked.parts for at in (part, part + 1))
        jobs = [
            job._replace(since=int(job.since / asked.load) // 1000 * 1000)
            for job in trace.jobs[first:last]
        ]
        yield Workload(f"{asked.trace.stem} {part + 1}/{asked.parts}", trace.procs, jobs)


def compare(workload: Workload, policy: Policy) -> dict[str, Any]:
    """Return how *policy* does on *workload*, beside EASY."""
    easy, ours = (
        measure(replay(workload.jobs, procs=workload.procs, policy=one), workload.procs)
        for one in (parse_policy("fcfs:easy"), policy)
    )
    row: dict[str, Any] = {"bench": "policy", "workload": workload.name}
    row["policy"] = policy.name
    for name in ("avg_bsld", "max_wait"):
        row |= {f"easy_{name}": round(easy[name], 1), name: round(ours[name], 1)}
        row[f"{name}_ratio"] = round(ours[name] / max(1.0, easy[name]), 3)
    return row


def summary(rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Return how often a policy misses what is asked of it, and its geometric means."""
    slow = [row["avg_bsld_ratio"] for row in rows]
    waits = [row["max_wait_ratio"] for row in rows]
    return {
        "bench": "policy.all",
        "workloads": len(rows),
        "slowdown_missed": sum(ratio > SLOWDOWN_MOST for ratio in slow),
        "wait_missed": sum(ratio > WAIT_MOST for ratio in waits),
        "avg_bsld_ratio": round(exp(sum(map(log, slow)) / len(slow)), 3),
        "max_wait_ratio": round(exp(sum(map(log, waits)) / len(waits)), 3),
        "worst": [max(slow), max(waits)],
    }


if __name__ == "__main__":
    main()
