"""Which jobs changed of which somebody is to be told: noted as commits go by.

committed(records) ──▶ dirty job ids ──take──▶ ``notify`` looks at them in the store
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from rota.engine.records import JobAdded, JobChanged, Record


@dataclass(slots=True)
class Line:
    """How it goes with one way out: "mail", or a channel.  Times: ms since the epoch."""

    name: str
    sent: int = 0
    failed: int = 0
    troubles: int = 0
    error: str = ""
    tried_at: int | None = None
    next_at: int = 0
    waiting: int = 0


class Watch:
    """Notes which jobs are to be looked at, as commits go by; costs them hardly a thing."""

    def __init__(self, wanted: Callable[[int], bool]) -> None:
        self._wanted = wanted
        self._short: set[int] = set()
        self.dirty: set[int] = set()
        self.lines: dict[str, Line] = {}
        """{name: how it goes with it}; ``notify`` keeps it."""

    def committed(self, records: Sequence[Record]) -> None:
        """Note those of *records* that are of jobs that somebody is to be told of."""
        for record in records:
            if isinstance(record, JobChanged):
                if record.id in self._short or self._wanted(record.id):
                    self.dirty.add(record.id)
            elif isinstance(record, JobAdded) and record.spec.notify:
                # It may be over, and out of the memory, before its rows are on disk.
                self._short.add(record.id)

    def take(self) -> list[int]:
        """Return the jobs that changed, and forget them."""
        found = sorted(self.dirty)
        self.dirty.clear()
        return found

    def over(self, job: int) -> None:
        """Forget that *job* was new."""
        self._short.discard(job)
