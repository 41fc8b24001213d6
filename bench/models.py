"""Workloads made up from published models: what a policy was not chosen by.

    width and run time      lublin     log-uniform widths, powers of two; hyper-gamma runs
                            downey     both log-uniform
                            jann       widths by class; Erlang-like short and long runs
    who asks for them       nobody     no user is known
                            anybody    users, but nothing in common between their jobs
                            habits     sessions of like jobs, as real users submit them
    how they estimate       exactly    the limit is the run time
                            badly      a round number above it, or the longest allowed

Arrivals follow day, week and luck.  Equal seeds give equal workloads.

Sources: Lublin & Feitelson, JPDC 63(11), 2003; Downey, IPPS 1997; Jann and others, JSSPP
1997 (in their manner, with coarser parameters); round estimates: Tsafrir, Etsion &
Feitelson, JSSPP 2005.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from typing import NamedTuple

from rota.sim.workload import TraceJob

LONGEST = 64_800
ROUND = (
    300, 600, 900, 1200, 1800, 2700, 3600, 7200, 10_800, 14_400, 18_000, 21_600, 28_800,
    36_000, 43_200, 57_600, LONGEST,
)  # fmt: skip
"""What people write as a limit, seconds."""


class Kind(NamedTuple):
    """What workload: see the head of the file; *load* is asked of the machine."""

    model: str
    users: str
    estimates: str
    load: float
    procs: int

    def __str__(self) -> str:
        return f"{self.model} {self.users} {self.estimates} {self.load:.0%} of {self.procs}"


class Ask(NamedTuple):
    """A job before it is submitted: width, seconds it runs, its limit."""

    cores: int
    run: float
    limit: float


def made_up(kind: Kind, *, seed: int, count: int) -> list[TraceJob]:
    """Return a workload of *count* jobs."""
    chance = random.Random(f"{seed} {kind}")
    rows = _by_habit(kind, chance, count) if kind.users == "habits" else []
    while len(rows) < count:
        user = "" if kind.users == "nobody" else str(int(chance.paretovariate(0.5)) % 120)
        rows.append((_ask(kind, chance), user))
    work = sum(ask.cores * ask.run for ask, _ in rows)
    times = _arrivals(chance, count, span=work / (kind.procs * kind.load))
    return [
        TraceJob(number, at * 1000, ask.cores, *_seconds(kind, ask), user)
        for number, (at, (ask, user)) in enumerate(zip(times, rows, strict=True), 1)
    ]


def _seconds(kind: Kind, ask: Ask) -> tuple[int, int]:
    run = max(1, int(ask.run))
    limit = run if kind.estimates == "exactly" else max(run, int(ask.limit))
    return run * 1000, limit * 1000


def _ask(kind: Kind, chance: random.Random) -> Ask:
    width, length = MODELS[kind.model]
    cores = width(chance, kind.procs)
    run = length(chance, cores)
    while not 1 <= run <= LONGEST:
        run = length(chance, cores)
    return Ask(cores, run, _estimate(chance, run))


def _estimate(chance: random.Random, run: float) -> float:
    part = chance.uniform(0.02, 1.05)
    if chance.random() < 0.15 or run > part * LONGEST:
        return LONGEST
    return next(limit for limit in ROUND if limit >= run / min(part, 1))


def _by_habit(kind: Kind, chance: random.Random, count: int) -> list[tuple[Ask, str]]:
    """Sessions: a user runs one of a few programs again and again; some runs fail."""
    rows: list[tuple[Ask, str]] = []
    habits: dict[str, list[Ask]] = {}
    while len(rows) < count:
        user = str(int(chance.paretovariate(0.5)) % 120)
        mine = habits.setdefault(user, [])
        if not mine or (len(mine) < 8 and chance.random() < 0.12):
            mine.append(_ask(kind, chance))
        usual = chance.choice(mine[-3:])
        for _ in range(1 + int(chance.expovariate(0.25))):
            run = usual.run * chance.lognormvariate(0, 0.5)
            run *= chance.random() * 0.1 if chance.random() < 0.12 else 1
            run = min(max(1.0, run), usual.limit if kind.estimates == "badly" else run)
            rows.append((usual._replace(run=run), user))
    return rows[:count]


def _arrivals(chance: random.Random, count: int, *, span: float) -> list[int]:
    luck: dict[int, float] = {}
    at, times = 0.0, []
    for _ in range(count):
        day = int(at / 86_400)
        busy = luck.setdefault(day, chance.lognormvariate(0, 0.35))
        busy *= 1 if day % 7 < 5 else 0.4
        busy *= 1 + 0.75 * math.sin(at / 86_400 * math.tau)
        at += chance.expovariate(count / span) / max(busy, 0.05)
        times.append(at)
    return [int(time * span / at) for time in times]


def _lublin_width(chance: random.Random, procs: int) -> int:
    if chance.random() < 0.244:
        return 1
    high = math.log2(procs)
    middle = high - 2.5
    low, top = (0.8, middle) if chance.random() < 0.86 else (middle, high)
    power = chance.uniform(low, top)
    exact = 2 ** round(power) if chance.random() < 0.576 else round(2**power)
    return max(1, min(procs, exact))


def _lublin_run(chance: random.Random, cores: int) -> float:
    short = 0.78 - 0.0054 * min(cores, 128)
    shape = (4.2, 0.94) if chance.random() < short else (312, 0.03)
    return math.exp(chance.gammavariate(*shape))


def _jann_width(chance: random.Random, procs: int) -> int:
    power = chance.choices(range(8), (40, 8, 10, 12, 12, 10, 6, 2))[0]
    odd = power > 1 and chance.random() < 0.4
    return min(procs, chance.randint(2 ** (power - 1) + 1, 2**power) if odd else 2**power)


def _jann_run(chance: random.Random, cores: int) -> float:
    shape = (0.45, 6000) if chance.random() < 0.6 else (2.0, 14_000)
    return chance.gammavariate(*shape)


Width = Callable[[random.Random, int], int]
Length = Callable[[random.Random, int], float]

MODELS: dict[str, tuple[Width, Length]] = {
    "lublin": (_lublin_width, _lublin_run),
    "downey": (
        lambda chance, procs: max(1, round(2 ** chance.uniform(0, math.log2(procs)))),
        lambda chance, cores: math.exp(chance.uniform(math.log(5), math.log(LONGEST))),
    ),
    "jann": (_jann_width, _jann_run),
}

KINDS = [
    Kind(model, users, estimates, load, procs)
    for model in MODELS
    for users, estimates in (
        ("nobody", "exactly"), ("anybody", "badly"), ("habits", "badly"),
        ("habits", "exactly"),
    )
    for load, procs in ((0.6, 128), (0.75, 512), (0.9, 128))
]  # fmt: skip
"""The kinds that the table in docs/why/scheduling.md is about."""
