"""The same work for Rota and for what else can be had, side by side in one run.

    .venv/bin/python bench/peers.py                      1 000 × /bin/true, three rounds
    .venv/bin/python bench/peers.py --jobs 10000 --only hyperqueue --only huey
    .venv/bin/python bench/peers.py --install            fetch the Python ones first

In each round floor, Rota and every peer run in turn, each started anew and warmed up by
twenty jobs; each is counted from the first job handed in to the last known to be over, two
at a time, with the processor time of all its processes.  What counts is the ratio to the
floor of the same round.  What is not installed is named, with how to install it.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
import venv
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from shutil import which
from statistics import median

import floor
import meter
import throughput
from floor import OUT, Run
from place import Place

HERE = Path(__file__).resolve().parent
HOME = OUT / "peers"
QUIET_S = 3.0
START_S = 120.0
RUN_S = 1800.0


@dataclass(frozen=True)
class Peer:
    """Another system.

    words:   its program in bench/others and what it is told
    package: what pip installs, or
    program: what the distribution has, in the package of the same name if not said
    keeps:   what survives a crash of it, in a few words
    """

    name: str
    words: tuple[str, ...]
    keeps: str
    package: str = ""
    program: str = ""
    distribution: str = ""

    def missing(self) -> str | None:
        """Return how to install what is missing, or None."""
        if self.package and not list(HOME.glob(f"lib/*/site-packages/{self.module}*")):
            return "bench/peers.py --install"
        if self.program and which(self.program) is None:
            return f"apt install {self.distribution or self.program}"
        return None

    @property
    def module(self) -> str:
        """The name of its Python package."""
        return self.package.partition("[")[0]


PEERS = (
    Peer("xargs", ("program_peer.py", "xargs"), "nothing", program="xargs"),
    Peer("GNU parallel", ("program_peer.py", "parallel"), "nothing", program="parallel"),
    Peer(
        "task-spooler", ("program_peer.py", "task-spooler"), "nothing",
        program="tsp", distribution="task-spooler",
    ),
    Peer("HyperQueue", ("hyperqueue_peer.py",), "nothing, as run here", "hyperqueue"),
    Peer("Huey, SQLite", ("huey_peer.py",), "queue and results", "huey"),
    Peer(
        "Dramatiq, Redis", ("redis_peer.py", "dramatiq"), "a second ago, by Redis",
        "dramatiq", "redis-server",
    ),
    Peer("Dask", ("dask_peer.py",), "nothing", "distributed"),
    Peer(
        "Celery, Redis", ("redis_peer.py", "celery"), "a second ago, by Redis",
        "celery", "redis-server",
    ),
    Peer("Parsl HTEX", ("parsl_peer.py",), "nothing", "parsl"),
    Peer(
        "RQ, Redis", ("redis_peer.py", "rq"), "a second ago, by Redis",
        "rq", "redis-server",
    ),
)  # fmt: skip
ROTA = "**Rota**, durable, output kept"


def main() -> int:
    """Measure what is there; print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--jobs", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", action="append", metavar="NAME", help="part of its name")
    parser.add_argument("--install", action="store_true", help="the Python ones, by pip")
    options = parser.parse_args()
    if options.install:
        install()
    wanted = [
        peer
        for peer in PEERS
        if not options.only or any(o.lower() in peer.name.lower() for o in options.only)
    ]
    for peer in wanted:
        if how := peer.missing():
            print(f"{peer.name} is not installed: {how}", file=sys.stderr)
    there = [peer for peer in wanted if peer.missing() is None]
    meter.adopt_orphans()
    runs = measure(there, jobs=options.jobs, rounds=options.rounds)
    print(table(runs, {peer.name: peer.keeps for peer in there}))
    return 0


def install() -> None:
    """Make the environment of the Python peers."""
    if not HOME.exists():
        venv.create(HOME, with_pip=True)
    packages = sorted({peer.package for peer in PEERS if peer.package} | {"redis"})
    packages[packages.index("distributed")] = "dask[distributed]"
    subprocess.run([HOME / "bin" / "pip", "install", "-q", *packages], check=True)


def measure(peers: Sequence[Peer], *, jobs: int, rounds: int) -> dict[str, list[Run]]:
    """Run everything in turn, *rounds* times; return the runs by name."""
    found: dict[str, list[Run]] = {"floor, in C": [], ROTA: []}
    for number in range(rounds):
        say(f"round {number + 1}: floor, Rota")
        found["floor, in C"].append(floor.run(jobs, throughput.SLOTS))
        with Place(cores=throughput.SLOTS) as place:
            throughput.array(place, max(20, jobs // 10))
            found[ROTA].append(throughput.array(place, jobs))
        for peer in peers:
            say(f"round {number + 1}: {peer.name}")
            with started(peer) as run:
                found.setdefault(peer.name, []).append(run(jobs))
    return found


@contextmanager
def started(peer: Peer) -> Iterator[Callable[[int], Run]]:
    """Start *peer*; yield what has it run a number of jobs."""
    python = HOME / "bin" / "python" if peer.package else Path(sys.executable)
    env = {**os.environ, "PATH": f"{HOME / 'bin'}:{os.environ['PATH']}"}
    with (OUT / "peers.log").open("ab") as log:
        process = subprocess.Popen(
            [python, HERE / "others" / peer.words[0], *peer.words[1:]],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True, env=env,
        )  # fmt: skip
        try:
            answer(process, "ready", peer)
            yield lambda jobs: timed(process, jobs, peer)
        finally:
            assert process.stdin is not None
            process.stdin.close()
            process.wait(START_S)


def timed(process: subprocess.Popen[str], jobs: int, peer: Peer) -> Run:
    """Have it run *jobs*; return what that took."""
    before = meter.settle(limit_s=QUIET_S)
    began = time.monotonic()
    assert process.stdin is not None
    process.stdin.write(f"{jobs}\n")
    process.stdin.flush()
    answer(process, "done", peer)
    wall_s = time.monotonic() - began
    return Run(jobs, wall_s, meter.settle(limit_s=QUIET_S) - before)


def answer(process: subprocess.Popen[str], word: str, peer: Peer) -> None:
    """Wait until it says *word*, whatever else it prints.

    Raises:
        RuntimeError: it ended first.
    """
    assert process.stdout is not None
    for line in process.stdout:
        if line.strip() == word:
            return
    raise RuntimeError(
        f"{peer.name} has ended before it said {word}: see bench/out/peers.log"
    )


def table(runs: dict[str, list[Run]], keeps: dict[str, str]) -> str:
    """Return a line for each, the fastest first; ratios pair by pair, of each round."""
    bases, ours = runs["floor, in C"], runs[ROTA]
    rows = []
    for name, own in runs.items():
        rate = median(run.rate / base.rate for run, base in zip(own, bases, strict=True))
        faster = median(rota.rate / run.rate for run, rota in zip(own, ours, strict=True))
        cpu = median(run.cpu_s / base.cpu_s for run, base in zip(own, bases, strict=True))
        cells = (
            name, f"{median(run.rate for run in own):.0f}", f"{rate:.2f}", f"{faster:.1f}",
            f"{median(run.cpu_ms_each for run in own):.2f}", f"{cpu:.1f}",
            "everything" if name == ROTA else keeps.get(name, "nothing"),
        )  # fmt: skip
        rows.append((-rate, f"| {' | '.join(cells)} |"))
    head = "| | jobs/s | × floor | Rota is × it | cpu ms each | × floor | a crash leaves |"
    return "\n".join(
        [head, "|---|---|---|---|---|---|---|", *(row for _, row in sorted(rows))]
    )


def say(text: str) -> None:
    """Tell what is under way."""
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    raise SystemExit(main())
