"""The floor that Rota is measured against: a loop that spawns, waits, and does no more.

    floor.c  ──cc──→  bench/out/floor N K [DIR]      where there is a compiler
    main()            the same loop in Python        where there is none

Both print {"jobs", "slots", "wall_s", "cpu_s"}.
"""

from __future__ import annotations

import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

HERE = Path(__file__).resolve().parent
OUT = HERE / "out"
SOURCE = HERE / "floor.c"
ENVIRONMENT = {"PATH": "/usr/bin:/bin"}


@dataclass(frozen=True)
class Run:
    """What a number of jobs took, whoever ran them.

    wall_s: from the first start to the last end known
    cpu_s:  user and system time of every process involved, the jobs' own among them
    """

    jobs: int
    wall_s: float
    cpu_s: float

    @property
    def cpu_ms_each(self) -> float:
        """Processor time for each job."""
        return 1000 * self.cpu_s / self.jobs

    @property
    def rate(self) -> float:
        """Jobs for each second."""
        return self.jobs / self.wall_s


def run(jobs: int, slots: int, *, files: bool = False) -> Run:
    """Run *jobs* times /bin/true, *slots* at a time; with *files*, output captured."""
    command, _ = program()
    with tempfile.TemporaryDirectory(dir=OUT) as folder:
        words = [*command, str(jobs), str(slots), *([folder] if files else [])]
        told = json.loads(subprocess.run(words, capture_output=True, check=True).stdout)
    return Run(told["jobs"], told["wall_s"], told["cpu_s"])


@cache
def program() -> tuple[tuple[str, ...], str]:
    """Return the floor's command, built if need be, and what it is."""
    OUT.mkdir(exist_ok=True)
    compiler = shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
    if compiler is None:
        return (sys.executable, "-S", "-E", __file__), "Python, posix_spawn (no compiler)"
    binary = OUT / "floor"
    if not binary.exists() or binary.stat().st_mtime < SOURCE.stat().st_mtime:
        subprocess.run([compiler, "-O2", "-o", str(binary), str(SOURCE)], check=True)
    return (str(binary),), "C, posix_spawn"


def main(argv: Sequence[str]) -> int:
    """Be the floor, in Python: ``floor.py N K [DIR]``."""
    jobs, slots = int(argv[0]), int(argv[1])
    folder = argv[2] if len(argv) > 2 else None
    began = time.monotonic()
    for job in range(jobs):
        if job >= slots:
            _reap()
        os.posix_spawn(
            "/bin/true", ["/bin/true"], ENVIRONMENT, file_actions=_files(folder, job)
        )
    for _ in range(min(jobs, slots)):
        _reap()
    wall_s = time.monotonic() - began
    used = [resource.getrusage(w) for w in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    cpu_s = sum(one.ru_utime + one.ru_stime for one in used)
    told = {"jobs": jobs, "slots": slots, "wall_s": wall_s, "cpu_s": cpu_s}
    print(json.dumps(told))
    return 0


def _files(folder: str | None, job: int) -> list[tuple[int, int, str, int, int]]:
    if folder is None:
        return []
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND
    names = {1: f"{folder}/{job}.out", 2: f"{folder}/{job}.err"}
    return [(os.POSIX_SPAWN_OPEN, fd, name, flags, 0o600) for fd, name in names.items()]


def _reap() -> None:
    _, status = os.wait()
    if status:
        raise SystemExit("floor: a job failed")


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
