"""In which order: one function for each known queue discipline, smaller is sooner.

    fcfs lcfs          first, last come             sjf ljf   shortest, longest limit
    sqf lqf            narrowest, widest            saf laf   smallest, largest area
    exp wfp3 unicef    the longer it waits, relative to its limit, the sooner
    sdsqrt sdlog       exp, divided by the root or the logarithm of the width
    f1 f2 f3 f4        learned by regression: Carastan-Santos & de Camargo, SC'17

All of them know the limit only, never the true run time.  Ties go to whoever was
submitted first, then to the smaller id; that is added by those who sort.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import log2, log10, sqrt
from typing import Final, NamedTuple, Protocol


class Facts(Protocol):
    """What an order may know of a waiting job.

    Shapes:
        since:    when it was submitted, milliseconds
        cores:    its width, ≥ 1
        limit_ms: its time limit, ≥ 1
    """

    @property
    def since(self) -> int: ...
    @property
    def cores(self) -> int: ...
    @property
    def limit_ms(self) -> int: ...


Score = Callable[[Facts, int], float]


class Order(NamedTuple):
    """A discipline: the score of a job at an instant; *moves* if it changes with time."""

    score: Score
    moves: bool = False


def _area(job: Facts) -> int:
    return job.cores * job.limit_ms


def _stretch(job: Facts, at: int) -> float:
    """The slowdown it would have if it ran now for all of its limit."""
    return (at - job.since + job.limit_ms) / job.limit_ms


def _wfp3(job: Facts, at: int) -> float:
    return float(-(((at - job.since) / job.limit_ms) ** 3) * job.cores)


def _unicef(job: Facts, at: int) -> float:
    # A width of one would divide by zero; the reference counts it as a little more.
    width = job.cores if job.cores > 1 else 1.0000001
    return -(at - job.since) / (log2(width) * job.limit_ms)


def _seconds(job: Facts) -> tuple[float, int, float]:
    """(limit, width, submit) as the published formulas want them: seconds, ≥ 1."""
    return job.limit_ms / 1000, job.cores, max(job.since / 1000, 1.0)


def _f1(job: Facts, at: int) -> float:
    limit, width, submit = _seconds(job)
    return log10(limit) * width + 870 * log10(submit)


def _f2(job: Facts, at: int) -> float:
    limit, width, submit = _seconds(job)
    return sqrt(limit) * width + 25_600 * log10(submit)


def _f3(job: Facts, at: int) -> float:
    limit, width, submit = _seconds(job)
    return limit * width + 6_860_000 * log10(submit)


def _f4(job: Facts, at: int) -> float:
    limit, width, submit = _seconds(job)
    return limit * sqrt(width) + 530_000 * log10(submit)


ORDERS: Final[Mapping[str, Order]] = {
    "fcfs": Order(lambda job, at: job.since),
    "lcfs": Order(lambda job, at: -job.since),
    "sjf": Order(lambda job, at: job.limit_ms),
    "ljf": Order(lambda job, at: -job.limit_ms),
    "sqf": Order(lambda job, at: job.cores),
    "lqf": Order(lambda job, at: -job.cores),
    "saf": Order(lambda job, at: _area(job)),
    "laf": Order(lambda job, at: -_area(job)),
    "exp": Order(lambda job, at: -_stretch(job, at), moves=True),
    "wfp3": Order(_wfp3, moves=True),
    "unicef": Order(_unicef, moves=True),
    "sdsqrt": Order(lambda job, at: -_stretch(job, at) / sqrt(job.cores), moves=True),
    "sdlog": Order(lambda job, at: -_stretch(job, at) / log2(job.cores + 1), moves=True),
    "f1": Order(_f1),
    "f2": Order(_f2),
    "f3": Order(_f3),
    "f4": Order(_f4),
}
