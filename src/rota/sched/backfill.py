"""Who may pass whom: the walk along the queue, the same for every kind of machine.

    none          who does not fit stays, and is passed by whoever fits
    strict        who does not fit blocks all behind it
    easy          who does not fit first is promised a start; others pass if they keep it
    conservative  everybody who does not fit is promised a start

    cores │███ running ███┆···········┆
          │███████████████┆   HEAD    ┆     a job that ends before HEAD starts may pass,
          │███ running ████████┆      ┆     and one that leaves HEAD enough cores beside it
          │   ▲ short ▲   ┆···········┆
          └───────────────┴───────────┴──→ time

What fits, and when it could, is the business of a ``Room``: ``live`` makes one of nodes,
``sim.pool`` one of a plain number of cores.  No promise is ever broken by one who passes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from enum import StrEnum
from typing import Protocol, TypeVar

J = TypeVar("J")
J_in = TypeVar("J_in", contravariant=True)


class Backfill(StrEnum):
    """Who may pass whom; see the head of the file."""

    NONE = "none"
    STRICT = "strict"
    EASY = "easy"
    CONSERVATIVE = "conservative"


class Room(Protocol[J_in]):
    """What the walk needs to know of a machine."""

    def start(self, job: J_in) -> bool:
        """Start *job* now if it fits and keeps every promise made; say whether it did."""

    def promise(self, job: J_in) -> None:
        """Reserve the earliest start of *job*; who starts from now on must keep it."""


def walk(
    queue: Iterable[J],
    room: Room[J],
    *,
    backfill: Backfill,
    resort: Callable[[Iterator[J]], Iterable[J]] | None = None,
) -> None:
    """Start all of *queue* that may start now, in its order.

    Args:
        resort: gives those behind the first that stays another order to pass it in
    """
    ahead = iter(queue)
    for job in ahead:
        if not room.start(job):
            if backfill is Backfill.STRICT:
                return
            if backfill is not Backfill.NONE:
                room.promise(job)
            break
    for job in resort(ahead) if resort else ahead:
        if not room.start(job) and backfill is Backfill.CONSERVATIVE:
            room.promise(job)


class Queued(Protocol):
    """A job that stands in a queue with a name."""

    @property
    def queue(self) -> str: ...


Q = TypeVar("Q", bound=Queued)


def walk_queues(line: Iterable[Q], room: Room[Q], rule: Callable[[Q], Backfill]) -> list[Q]:
    """Walk along *line*, whose jobs follow the *rule* of their queue; return who stays.

    With one queue it does what ``walk`` does.  A job that blocks its strict queue is
    promised a start as well, so that other queues do not starve it.
    """
    stays: list[Q] = []
    promised: set[str] = set()
    blocked: set[str] = set()
    for job in line:
        if job.queue not in blocked and room.start(job):
            continue
        stays.append(job)
        kind = rule(job)
        first = job.queue not in promised and job.queue not in blocked
        if kind is Backfill.CONSERVATIVE or (kind is not Backfill.NONE and first):
            room.promise(job)
            promised.add(job.queue)
        if kind is Backfill.STRICT:
            blocked.add(job.queue)
    return stays
