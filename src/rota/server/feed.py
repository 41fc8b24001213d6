"""The feed: who wants to know what is on disk now, and where they are in it.

    committed(records, seq) ──▶ ring of the latest lines ──▶ streams, each at its own place
                          ╰───▶ waiters: "tell me when job 12, task 7 is over"

A stream has no queue of its own: it keeps the number of the last line it gave, reads on in
the ring, and in the store when it has fallen behind the ring.  So a slow reader costs
nothing but its own lateness (G22), and resuming is the same as being slow.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from typing import Any

from rota.core.lifecycle import FINAL
from rota.engine.records import Happened, JobChanged, Record, TaskSaved

RING_MAX = 8192
LATEST_MAX = 20_000

ENDED = frozenset(str(state) for state in FINAL)

Target = tuple[int, int | None]


class Feed:
    """See the head of the file."""

    def __init__(self, *, seq: int = 0) -> None:
        self.seq = seq
        self.closed = False
        self._ring: dict[int, Happened] = {}
        self._first = seq + 1
        self._latest: OrderedDict[int, JobChanged] = OrderedDict()
        self._wakers: set[asyncio.Event] = set()
        self._waiting: dict[Target, list[asyncio.Future[None]]] = {}

    def committed(self, records: Sequence[Record], seq: int) -> None:
        """Take the lines of *records* in; *seq* is the number of the last of them."""
        lines = [r for r in records if type(r) is Happened]
        self._ring.update(zip(range(seq - len(lines) + 1, seq + 1), lines, strict=True))
        self.seq = seq
        for old in range(self._first, seq - RING_MAX + 1):
            del self._ring[old]
        self._first = max(self._first, seq - RING_MAX + 1)
        if self._waiting:
            self._end_waits(records)
        if self._wakers:
            self._note_latest(records)
        for waker in self._wakers:
            waker.set()

    def latest(self, job: int) -> JobChanged | None:
        """Return what has become of *job*, if it changed of late."""
        return self._latest.get(job)

    def close(self) -> None:
        """Wake every stream for the last time."""
        self.closed = True
        for waker in self._wakers:
            waker.set()
        for futures in self._waiting.values():
            for future in futures:
                future.cancel()

    # ── streams ───────────────────────────────────────────────────────────────────────

    def watch(self) -> asyncio.Event:
        """Return an event that is set whenever there is more; ``unwatch`` it at the end."""
        waker = asyncio.Event()
        self._wakers.add(waker)
        return waker

    @property
    def watchers(self) -> int:
        """How many watch now."""
        return len(self._wakers)

    def unwatch(self, waker: asyncio.Event) -> None:
        """Forget what ``watch`` returned."""
        self._wakers.discard(waker)
        if not self._wakers:
            self._latest.clear()  # with nobody watching it is not kept up to date

    def _note_latest(self, records: Sequence[Record]) -> None:
        for record in records:
            if type(record) is JobChanged:
                self._latest[record.id] = record
                self._latest.move_to_end(record.id)
        while len(self._latest) > LATEST_MAX:
            self._latest.popitem(last=False)

    def lines(self, after: int, *, limit: int) -> list[tuple[int, Happened]] | None:
        """Return up to *limit* lines with numbers > *after*; None: the store has them."""
        if after >= self.seq:
            return []
        if after + 1 < self._first:
            return None
        ring = self._ring
        return [(n, ring[n]) for n in range(after + 1, min(self.seq, after + limit) + 1)]

    # ── waiters ───────────────────────────────────────────────────────────────────────

    def ending(self, targets: Iterable[Target]) -> dict[Target, asyncio.Future[None]]:
        """Return a future for each of *targets* that is done when its end is on disk."""
        running = asyncio.get_running_loop()
        futures = {}
        for target in targets:
            future = running.create_future()
            self._waiting.setdefault(target, []).append(future)
            futures[target] = future
        return futures

    def drop(self, futures: dict[Target, asyncio.Future[None]]) -> None:
        """Forget what ``ending`` returned."""
        for target, future in futures.items():
            kept = [f for f in self._waiting.get(target, ()) if f is not future]
            if kept:
                self._waiting[target] = kept
            else:
                self._waiting.pop(target, None)

    def _end_waits(self, records: Sequence[Record]) -> None:
        for record in records:
            if isinstance(record, TaskSaved):
                if str(record.state) in ENDED:
                    self._end((record.job, record.task))
            elif isinstance(record, JobChanged) and str(record.state) in ENDED:
                self._end((record.id, None))

    def _end(self, target: Target) -> None:
        for future in self._waiting.pop(target, ()):
            if not future.done():
                future.set_result(None)


def line_of(row: Happened, seq: int) -> dict[str, Any]:
    """Return a line of history as the store's ``history`` returns it."""
    return {"seq": seq, **row._asdict()}
