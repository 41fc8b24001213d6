"""How a queue makes room for sooner jobs: in which way, and what bounds it.

    urgent:   {preempts: [scavenge]}
    scavenge: {preempt: {mode: suspend, min_run: 10m, max_per_job: 3, per_hour: 20}}

Never for free: who is stopped has run for a while, was not stopped too often, and no more
of a queue is stopped than its operator allows.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, NamedTuple

HOUR_MS = 3_600_000
MODES: Final = ("requeue", "suspend", "checkpoint")


@dataclass(frozen=True, slots=True)
class Yields:
    """How what runs in a queue makes room.

    Shapes:
        mode:        requeue: stopped, and tried again; suspend: it stands still and lends
                     its cores; checkpoint: told to save its work, then as requeue
        min_run_ms:  who has run for less is left alone
        grace_ms:    between TERM and KILL; None: as the job says
        max_per_job: so often one task may be stopped; None: any number
        max_share:   of the cores that the queue uses so much may be stopped at a time
        per_hour:    so many stops in any hour
    """

    mode: str = "requeue"
    min_run_ms: int = 0
    grace_ms: int | None = None
    max_per_job: int | None = None
    max_share: float | None = None
    per_hour: int | None = None

    @property
    def keeps(self) -> bool:
        """Whether what is stopped loses nothing of its work."""
        return self.mode == "suspend"


class Budget(NamedTuple):
    """What may still be stopped of a queue: cores, and allocations; None: no bound."""

    cores: int | None = None
    stops: int | None = None

    def allows(self, cores: int, stops: int) -> bool:
        """Whether *cores* in *stops* allocations are within it."""
        return (self.cores is None or cores <= self.cores) and (
            self.stops is None or stops <= self.stops
        )


def budget_of(
    yields: Yields, *, used: int, stopped: int, stops: Iterable[int], at: int
) -> Budget:
    """Return what may still be stopped of a queue.

    Args:
        used:    cores of all it runs, those that are being stopped included
        stopped: cores of those that are being stopped, or stand still for others
        stops:   instants of earlier stops, milliseconds since the epoch
    """
    cores = stops_left = None
    if yields.max_share is not None:
        cores = max(0, int(yields.max_share * used) - stopped)
    if yields.per_hour is not None:
        lately = sum(1 for then in stops if then > at - HOUR_MS)
        stops_left = max(0, yields.per_hour - lately)
    return Budget(cores, stops_left)
