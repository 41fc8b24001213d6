#!/usr/bin/env python3
"""The same jobs on Rota and on its peers, in turn, in one run: a table with ratios.

    python -m venv bench/out/peers
    bench/out/peers/bin/pip install huey rq celery distributed
    apt-get install parallel task-spooler redis-server
    python bench/peers.py [--jobs 1000] [--rounds 3] [--peers bench/out/peers/bin/python]

    round 1   floor  rota  xargs  parallel  tsp  huey  rq  celery  dask
    round 2   …      each figure is divided by the floor's of its own round

N times /bin/true, two at a time.  Whoever is not installed is left out, and that is said.
They promise different things: which of them survive what is in the column "keeps".
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from statistics import median
from typing import NamedTuple

import floor
from figure import HERE
from place import Place
from throughput import array

SLOTS = 2
LIMIT_S = 600


class Peer(NamedTuple):
    """One way to run jobs: *needs* a program, *keeps* what on disk."""

    name: str
    needs: str | None
    keeps: str
    run: Callable[[int], float]


def main(argv: Sequence[str] | None = None) -> int:
    """Measure all that are there, print the table."""
    asked = parser().parse_args(argv)
    floors: list[float] = []
    rates: dict[str, list[float]] = {}
    with Place(cores=SLOTS) as place:
        array(place, 200)
        found = peers(place, asked.peers)
        present = [peer for peer in found if peer.needs is None or shutil.which(peer.needs)]
        for peer in found:
            if peer not in present:
                print(f"{peer.name}: left out, {peer.needs} is not installed")
        for _ in range(asked.rounds):
            floors.append(floor.run(asked.jobs, SLOTS).rate)
            for peer in present:
                try:
                    rates.setdefault(peer.name, []).append(
                        asked.jobs / peer.run(asked.jobs)
                    )
                except subprocess.SubprocessError as error:
                    print(f"{peer.name}: left out, {error}", file=sys.stderr)
    print(table([peer for peer in present if rates.get(peer.name)], rates, floors))
    return 0


def parser() -> argparse.ArgumentParser:
    """What the command line may say."""
    found = argparse.ArgumentParser(description="Rota beside its peers.")
    found.add_argument("--jobs", type=int, default=1000)
    found.add_argument("--rounds", type=int, default=3)
    installed = str(HERE / "out" / "peers" / "bin" / "python")
    found.add_argument("--peers", default=installed, metavar="PYTHON",
                       help="in which queues in Python are installed")  # fmt: skip
    return found


def peers(place: Place, python: str) -> list[Peer]:
    """Return all there could be; *python* is where queues in Python are installed."""
    return [
        Peer("Rota", None, "all, synced; output",
             lambda jobs: array(place, jobs).wall_s),
        Peer("xargs -P", "xargs", "nothing",
             lambda jobs: shell(f"seq {jobs} | xargs -P {SLOTS} -n 1 /bin/true", ok=123)),
        Peer("GNU parallel", "parallel", "output in memory",
             lambda jobs: shell(
                 f"seq {jobs} | parallel --will-cite -j {SLOTS} /bin/true '#'")),
        Peer("task-spooler", "tsp", "output; queue in memory", spooled),
        *(
            Peer(label, tried(python, module), keeps,
                 lambda jobs, name=name: queued(python, name, jobs))
            for label, name, module, keeps in (
                ("Huey", "huey", "huey", "tasks, synced (SQLite)"),
                ("RQ", "rq", "rq", "tasks in memory (Redis)"),
                ("Celery", "celery", "celery", "tasks in memory (Redis)"),
                ("Dask", "dask", "distributed", "nothing"),
            )
        ),
    ]  # fmt: skip


def tried(python: str, module: str) -> str | None:
    """Return None when *python* has *module*, else what is missing."""
    if shutil.which(python) is None:
        return python
    done = subprocess.run([python, "-c", f"import {module}"], capture_output=True)
    return None if done.returncode == 0 else f"the module {module}"


def shell(line: str, *, ok: int = 0) -> float:
    """Return how many seconds a line of shell took."""
    began = time.monotonic()
    done = subprocess.run(["sh", "-c", line], capture_output=True, timeout=LIMIT_S)
    if done.returncode not in (0, ok):
        raise subprocess.CalledProcessError(done.returncode, line, stderr=done.stderr)
    return time.monotonic() - began


def spooled(jobs: int) -> float:
    """Hand jobs to a task-spooler of our own, one by one, as its users do."""
    with tempfile.TemporaryDirectory() as folder:
        where = f"export TS_SOCKET={folder}/s TMPDIR={folder} TS_MAXFINISHED={jobs + 1}"
        try:
            return shell(
                f"{where}; tsp -S {SLOTS}; i=0; while [ $i -lt {jobs} ]; do "
                "last=$(tsp /bin/true); i=$((i+1)); done; tsp -w $last"
            )
        finally:
            shell(f"{where}; tsp -K")


def queued(python: str, name: str, jobs: int) -> float:
    """Return how many seconds a queue in Python took, as it says."""
    with tempfile.TemporaryDirectory(dir=floor.OUT) as folder:
        words = [python, str(HERE / "peer_jobs.py"), name, str(jobs), str(SLOTS)]
        done = subprocess.run(
            words, env={**os.environ, "PEER_FOLDER": folder, "PYTHONPATH": str(HERE)},
            capture_output=True, timeout=LIMIT_S, check=True,
        )  # fmt: skip
    return float(json.loads(done.stdout.splitlines()[-1])["wall_s"])


def table(
    present: Sequence[Peer], rates: dict[str, list[float]], floors: list[float]
) -> str:
    """Return jobs/s of each and its ratio to the floor of the same round."""
    lines = ["| | jobs/s | ÷ floor | Rota ÷ it | keeps |", "|---|---|---|---|---|"]
    lines.append(f"| floor | {median(floors):.0f} | 1 | | nothing |")
    ours = rates["Rota"]
    for peer in sorted(present, key=lambda peer: -median(rates[peer.name])):
        own = rates[peer.name]
        ratio = median(rate / base for rate, base in zip(own, floors, strict=False))
        times = median(rota / rate for rota, rate in zip(ours, own, strict=False))
        figures = f"{median(own):.0f} | {ratio:.2f} | {times:.1f}"
        lines.append(f"| {peer.name} | {figures} | {peer.keeps} |")
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
