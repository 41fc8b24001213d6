"""Live through many virtual worlds with faults; keep every seed that breaks a promise.

    .venv/bin/python bench/worlds.py                   10 000 seeds, shared among the kinds
    .venv/bin/python bench/worlds.py --seeds 200 --first 5000 --kind rules

The same seeds give the same worlds; ``--first`` begins elsewhere.  If one broke a promise,
the exit code is 1, and it is added to tests/sim/found_seeds.txt, which tests replay.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

from rota.sim.worlds import KINDS, Tried, tried

FOUND = Path(__file__).resolve().parent.parent / "tests" / "sim" / "found_seeds.txt"
SHOWN = ("acknowledged", "attempts", "licences", "preempted", "lent", "back")


def main() -> int:
    """Run what was asked for; return the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seeds", type=int, default=10_000, help="how many in all")
    parser.add_argument("--first", type=int, default=100_000, help="the first seed")
    parser.add_argument("--kind", choices=tuple(KINDS), action="append", help="only these")
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    options = parser.parse_args()
    kinds = options.kind or list(KINDS)
    each = -(-options.seeds // len(kinds))
    seeds = range(options.first, options.first + each)
    began = time.monotonic()
    worlds: list[Tried] = []
    with ProcessPoolExecutor(options.processes) as pool:
        for kind in kinds:
            for one in pool.map(partial(tried, kind), seeds, chunksize=10):
                worlds.append(one)
                show(len(worlds), each * len(kinds), began)
    print(table(worlds, seconds=time.monotonic() - began))
    return keep([world for world in worlds if world.broken is not None])


def show(done: int, total: int, began: float) -> None:
    """Tell on a terminal how far it is."""
    if sys.stderr.isatty() and (done % 10 == 0 or done == total):
        rate = done / max(time.monotonic() - began, 0.001)
        left = f"{(total - done) / rate:.0f} s to go"
        print(f"\r{done} / {total} worlds, {left}   ", end="", file=sys.stderr, flush=True)


def table(worlds: list[Tried], *, seconds: float) -> str:
    """Return a line for each kind: its seeds, what was tried, how many broke."""
    lines = ["| kind | seeds | " + " | ".join(SHOWN) + " | broken |"]
    lines.append("|---" * (len(SHOWN) + 3) + "|")
    for kind in dict.fromkeys(world.kind for world in worlds):
        of = [world for world in worlds if world.kind == kind]
        counts: Counter[str] = sum((world.counts for world in of), Counter())
        span = f"{of[0].seed}–{of[-1].seed}"
        tried_here = " | ".join(str(counts[name]) for name in SHOWN)
        broken = sum(world.broken is not None for world in of)
        lines.append(f"| {kind} | {span} | {tried_here} | {broken} |")
    return "\n".join([*lines, f"\n{len(worlds)} worlds in {seconds:.0f} s"])


def keep(broken: list[Tried]) -> int:
    """Write *broken* where tests replay them; return the exit code."""
    known = FOUND.read_text(encoding="utf-8") if FOUND.exists() else ""
    with FOUND.open("a", encoding="utf-8") as file:
        for world in broken:
            name = f"{world.kind} {world.seed}  "
            print(f"{name}{world.broken}")
            if name not in known:
                first = (world.broken or "").splitlines()[0]
                file.write(f"{name}{first}\n")
    return 1 if broken else 0


if __name__ == "__main__":
    raise SystemExit(main())
