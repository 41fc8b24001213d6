"""What ``rota bench`` measures: a queue in a home of its own, and the bare loop."""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from rota.client.find import home_of
from rota.client.http import Client
from rota.core.errors import Broken
from rota.faces import floor

TRUE: dict[str, Any] = {"argv": ["/bin/true"], "cwd": "/", "env": {"PATH": "/usr/bin:/bin"}}
SINGLES = 100
SUBMITS = 300
COMMANDS = 15
LIMIT_S = 600.0
TICKS_S = os.sysconf("SC_CLK_TCK")

Tell = Callable[[str], None]


class Figures(NamedTuple):
    """What was found; times in milliseconds, rates per second.

    cpu_ms: processor time of one job: the server's, the agent's, the shepherd's and its own
    floor_…: the same of a loop that spawns and waits, and does no more
    python_ms: a Python that is started and does nothing
    """

    jobs: int
    cores: int
    jobs_per_s: float
    cpu_ms: float
    floor_jobs_per_s: float
    floor_cpu_ms: float
    latency_p50_ms: float
    latency_p95_ms: float
    submits_per_s: float
    submit_ms: float
    python_ms: float


def measured(home: str | None, *, jobs: int, cores: int, tell: Tell) -> Figures:
    """Measure on the disk that *home* is on; *tell* hears what is under way.

    Raises:
        Broken: the queue did not start, or a job of it failed.
    """
    with started(home, cores=cores) as (place, client):
        tell(f"{jobs} jobs, and the bare loop")
        array(client, max(10, jobs // 10))  # pays for first imports and first pages
        base = bare(jobs, cores)
        before = cpu_s(place)
        wall_s = array(client, jobs)
        spent_s = cpu_s(place) - before
        tell("one by one")
        single = sorted(array(client, 1) for _ in range(SINGLES))
        began = time.monotonic()
        for _ in range(SUBMITS):
            client.submit({**TRUE, "held": True})
        submits_s = time.monotonic() - began
        tell("as a command")
        ours, nothing = commands(place)
    return Figures(
        jobs, cores, jobs / wall_s, 1000 * spent_s / jobs,
        base["jobs"] / base["wall_s"], 1000 * base["cpu_s"] / base["jobs"],
        1000 * single[SINGLES // 2], 1000 * single[SINGLES * 95 // 100],
        SUBMITS / submits_s, ours, nothing,
    )  # fmt: skip


@contextmanager
def started(home: str | None, *, cores: int) -> Iterator[tuple[str, Client]]:
    """Yield a queue of its own beside *home*, and a client of it; remove it afterwards."""
    beside = os.path.dirname(os.path.abspath(home_of(home)))
    os.makedirs(beside, exist_ok=True)
    place = tempfile.mkdtemp(prefix="rota-bench-", dir=beside)
    try:
        _rota("up", "--detach", "--cores", str(cores), place=place)
        with Client(home=place) as client:
            yield place, client
    finally:
        _rota("down", "--kill-jobs", place=place)
        shutil.rmtree(place, ignore_errors=True)


def array(client: Client, jobs: int) -> float:
    """Run so many; return the seconds from handing them in to knowing that all are done.

    Raises:
        Broken: not all are done.
    """
    began = time.monotonic()
    job = client.submit({**TRUE, "array": f"0-{jobs - 1}"})[0].id
    ended = client.wait(job, timeout_s=LIMIT_S)
    if ended.state != "done":
        raise Broken(f"job {job} of the bench is {ended.state}: {ended['reason']['text']}")
    return time.monotonic() - began


def bare(jobs: int, slots: int) -> dict[str, Any]:
    """Return what the bare loop says of itself."""
    command = [sys.executable, "-S", "-E", floor.__file__, str(jobs), str(slots)]
    told: dict[str, Any] = json.loads(subprocess.check_output(command))
    return told


def commands(place: str) -> tuple[float, float]:
    """Return the median ms of ``rota submit``, and of a Python that does nothing."""
    ours: list[float] = []
    nothing: list[float] = []
    installed = os.path.join(os.path.dirname(sys.executable), "rota")
    rota = [installed] if os.path.exists(installed) else [sys.executable, "-m", "rota"]
    submit = [*rota, "submit", "--held", "--", "/bin/true"]
    for _ in range(COMMANDS):
        for words, found in (([sys.executable, "-c", "pass"], nothing), (submit, ours)):
            began = time.monotonic()
            env = _environment(place)
            subprocess.run(words, env=env, check=True, stdout=subprocess.DEVNULL)
            found.append(1000 * (time.monotonic() - began))
    return statistics.median(ours), statistics.median(nothing)


def cpu_s(place: str) -> float:
    """Return the processor seconds of every process of the queue at *place*, its jobs'."""
    return sum(_cpu_of(pid, place) for pid in os.listdir("/proc") if pid.isdigit())


def _cpu_of(pid: str, place: str) -> float:
    try:
        with open(f"/proc/{pid}/cmdline", "rb") as file:
            if place.encode() not in file.read():
                return 0.0
        with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as stat:
            fields = stat.read().rpartition(")")[2].split()
    except OSError:
        return 0.0  # it has ended meanwhile: what it used is in its parent's count
    return sum(int(field) for field in fields[11:15]) / TICKS_S


def _environment(place: str) -> dict[str, str]:
    known = {
        name: text for name, text in os.environ.items() if not name.startswith("ROTA_")
    }
    return {**known, "ROTA_HOME": place}


def _rota(*words: str, place: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "rota", *words], env=_environment(place),
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        raise Broken(f"rota {words[0]}: {done.stderr.strip()}")
