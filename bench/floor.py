"""The floor that Rota is measured against: a loop that spawns, waits, and does no more.

    floor.c  ──cc──→  bench/out/floor N K [DIR]      where there is a compiler
    rota.faces.floor  the same loop in Python        where there is none

Both print {"jobs", "slots", "wall_s", "cpu_s"}.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from rota.faces import floor as loop

HERE = Path(__file__).resolve().parent
OUT = HERE / "out"
SOURCE = HERE / "floor.c"


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
        return (
            sys.executable,
            "-S",
            "-E",
            loop.__file__,
        ), "Python, posix_spawn (no compiler)"
    binary = OUT / "floor"
    if not binary.exists() or binary.stat().st_mtime < SOURCE.stat().st_mtime:
        subprocess.run([compiler, "-O2", "-o", str(binary), str(SOURCE)], check=True)
    return (str(binary),), "C, posix_spawn"
