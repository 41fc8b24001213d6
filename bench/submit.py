"""What handing in a job costs: as a whole process, and over one connection.

``rota submit`` and ``sbatch`` of ``rota shims`` run in turn with ``python -c pass`` of the
same Python: what they take longer is ours.  The jobs are held, so that nothing else runs
meanwhile.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Sequence
from statistics import median

from figure import Figure, Value, percentile
from place import JOB, ROTA, Place

HELD = {**JOB, "held": True}


def measure(*, quick: bool) -> Figure:
    """Submit by process and by connection; return times and ratios."""
    processes, singles, bulk = (40, 500, 2000) if quick else (200, 4000, 20_000)
    with Place(cores=2) as place:
        bare, whole, shim = in_turn(place, processes)
        seconds = one_by_one(place, singles)
        began = time.perf_counter()
        place.client.submit(*[HELD] * bulk)
        bulk_s = time.perf_counter() - began
    ratio = median(w / b for w, b in zip(whole, bare, strict=True))
    as_fast = median(s / w for s, w in zip(shim, whole, strict=True))
    return Figure(
        "submit",
        [
            Value("rota submit ÷ python -c pass", ratio, "×", first=3.0, goal=2.1),
            Value("rota submit, p50", percentile(whole, 50), "ms"),
            Value("rota submit, p95", percentile(whole, 95), "ms"),
            Value("sbatch of rota shims ÷ rota submit", as_fast, "×", goal=1.1),
            Value("sbatch of rota shims, p50", percentile(shim, 50), "ms"),
            Value("python -c pass, p50", percentile(bare, 50), "ms"),
            Value(
                "durable, one connection", singles / seconds, "/s", 1500, 4000, more=True
            ),
            Value("durable, in one request", bulk / bulk_s, "/s", more=True),
        ],
        notes={"processes": processes, "singles": singles, "bulk": bulk},
    )


def in_turn(place: Place, count: int) -> tuple[list[float], list[float], list[float]]:
    """Return the ms that each bare Python, ``rota submit`` and ``sbatch`` took, in turn."""
    folder = f"{place.env['ROTA_HOME']}/bin"
    process_ms([ROTA, "shims", folder], place.env)
    commands = (
        [sys.executable, "-c", "pass"],
        [ROTA, "submit", "--parsable", "--held", "--", "/bin/true"],
        [f"{folder}/sbatch", "--parsable", "-H", "-o", "/dev/null", "--wrap", "true"],
    )
    rounds = [[process_ms(c, place.env) for c in commands] for _ in range(count + 3)]
    # The first ones read files that are not in memory yet.
    bare, whole, shim = zip(*rounds[3:], strict=True)
    return list(bare), list(whole), list(shim)


def process_ms(command: Sequence[str], env: dict[str, str]) -> float:
    """Run *command* with its output thrown away; return how long it took, ms."""
    null = [(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)]
    began = time.perf_counter()
    pid = os.posix_spawn(command[0], list(command), env, file_actions=null)
    _, status = os.waitpid(pid, 0)
    took = 1000 * (time.perf_counter() - began)
    if status:
        raise RuntimeError(f"{' '.join(command)} ended with {status}")
    return took


def one_by_one(place: Place, count: int) -> float:
    """Submit *count* jobs one after another over one connection; return the seconds."""
    began = time.perf_counter()
    for _ in range(count):
        place.client.submit(HELD)
    return time.perf_counter() - began
