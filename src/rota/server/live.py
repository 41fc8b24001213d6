"""What is true only now: progress and use of running attempts; none of it decides anything.

    agent ──progress, samples──▶ Live ──▶ shown in views
                                  ╰─────▶ samples, many at a time, to the store

Progress is lost with the server and told again by the agents; samples are kept, but a full
disk may drop some (a promise is never hung on them).
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any, NamedTuple

from rota.core.job import AttemptRef
from rota.core.lifecycle import LIVE
from rota.engine.records import Record, TaskSaved

KEPT_MAX = 200_000
SAMPLES_MAX = 50_000
TEXT_MAX = 200

IDLE_MS = 600_000
IDLE_PART = 0.01
"""Less than this part of one core is no work."""

Sample = tuple[int, int, int, int, int, int, int, int, int]
"""(job, task, attempt, at, cpu_ms, rss, read, written, procs)"""


class Progress(NamedTuple):
    """How far an attempt says it is; *total* None: it does not say of how much."""

    n: int
    at: int
    done: float
    total: float | None
    text: str


class Live:
    """See the head of the file."""

    def __init__(self) -> None:
        self._progress: dict[tuple[int, int], Progress] = {}
        self._use: dict[tuple[int, int], Sample] = {}
        self._peak: dict[tuple[int, int], int] = {}
        self._phases: dict[tuple[int, int], tuple[int, str]] = {}
        self._busy: dict[tuple[int, int], tuple[int, int, int]] = {}
        self._unsaved: list[Sample] = []
        self.measured = asyncio.Event()
        self.dropped = 0

    def progressed(self, attempt: AttemptRef, progress: Progress) -> None:
        """Take what an agent says of *attempt*."""
        key = (attempt.job, attempt.task)
        known = self._progress.get(key)
        if known is not None and known.n > attempt.n:
            return
        if known is None and len(self._progress) >= KEPT_MAX:
            self._progress.pop(next(iter(self._progress)))
        self._progress[key] = progress

    def in_phase(self, attempt: AttemptRef, phase: str) -> None:
        """Take what an agent says of the stage that *attempt* is in."""
        key = (attempt.job, attempt.task)
        known = self._phases.get(key)
        if known is None or known[0] <= attempt.n:
            self._phases[key] = attempt.n, phase
        if len(self._phases) > KEPT_MAX:
            self._phases.pop(next(iter(self._phases)))

    def phase_of(self, job: int, task: int, *, n: int) -> str | None:
        """Return the stage that attempt *n* is in, if its node has said so."""
        known = self._phases.get((job, task))
        return known[1] if known is not None and known[0] == n else None

    def sampled(self, rows: Sequence[Sample]) -> None:
        """Take measurements in: the latest is shown, all are kept for the store."""
        for row in rows:
            key = (row[0], row[1])
            if key not in self._use and len(self._use) >= KEPT_MAX:
                self._let_go(next(iter(self._use)))
            self._use[key] = row
            self._peak[key] = max(row[5], self._peak.get(key, 0))
            n, at, cpu_ms = self._busy.get(key, (0, 0, 0))
            if n != row[2] or row[4] - cpu_ms >= IDLE_PART * (row[3] - at):
                self._busy[key] = row[2], row[3], row[4]
        room = SAMPLES_MAX - len(self._unsaved)
        self._unsaved.extend(rows[:room])
        self.dropped += max(0, len(rows) - room)
        self.measured.set()

    def take_samples(self) -> list[Sample]:
        """Return the samples not yet in the store, and forget that they were not."""
        taken, self._unsaved = self._unsaved, []
        self.measured.clear()
        return taken

    def committed(self, records: Sequence[Record]) -> None:
        """Let go of what is over."""
        if not self._progress and not self._use and not self._phases:
            return
        for record in records:
            if type(record) is TaskSaved and record.state not in LIVE:
                self._let_go((record.job, record.task))

    def progress_of(self, job: int, task: int) -> Progress | None:
        """Return how far the task says it is."""
        return self._progress.get((job, task))

    def is_idle(self, job: int, task: int) -> bool:
        """Say whether the running attempt has used next to no cpu for IDLE_MS.

        It is told as a warning and decides nothing: a job may wait for what it asked for.
        """
        row, busy = self._use.get((job, task)), self._busy.get((job, task))
        return row is not None and busy is not None and row[3] - busy[1] >= IDLE_MS

    def use_of(self, job: int, task: int) -> dict[str, Any] | None:
        """Return what the running attempt used so far, named as its usage at the end."""
        row = self._use.get((job, task))
        if row is None:
            return None
        return {
            "cpu_s": row[4] / 1000.0,
            "rss": row[5],
            "max_rss": self._peak[job, task],
            "read_bytes": row[6],
            "written_bytes": row[7],
            "procs": row[8],
            "at": row[3],
        }

    def _let_go(self, key: tuple[int, int]) -> None:
        self._progress.pop(key, None)
        self._use.pop(key, None)
        self._peak.pop(key, None)
        self._busy.pop(key, None)
        self._phases.pop(key, None)
