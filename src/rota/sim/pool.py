"""A machine that is a plain number of cores: the rooms of a trace replay.

    Pool      EASY and simpler: one promise, kept as a shadow time and spare cores
    Profile   conservative: steps of free cores over time, any number of promises

Both answer the two questions of ``sched.backfill.Room``; who asks cannot tell them from
a room of nodes.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from typing import Protocol


class Sized(Protocol):
    """What a machine needs to know of a job."""

    @property
    def cores(self) -> int: ...
    @property
    def limit_ms(self) -> int: ...


class Pool:
    """So many cores, what runs on them until when by its limit, and one promise.

    Attributes:
        free:    cores free now
        started: jobs started since ``open``, in order
    """

    __slots__ = ("_at", "_ends", "_promised", "_shadow", "_spare", "free", "started")

    def __init__(self, cores: int) -> None:
        self.free = cores
        self._ends: list[tuple[int, int]] = []
        self._at = 0
        self._promised: Sized | None = None
        self._shadow: int | None = None
        self._spare = 0
        self.started: list[Sized] = []

    def open(self, at: int) -> None:
        """Begin a pass at *at*; promises of the one before are made anew by the walk."""
        self._at = at
        self._promised = self._shadow = None
        self.started = []

    def end(self, job: Sized, ends_by: int) -> None:
        """Take *job*, which was to end by *ends_by* at the latest, off the machine."""
        ends = self._ends
        del ends[bisect_left(ends, (ends_by, job.cores))]
        self.free += job.cores

    def start(self, job: Sized) -> bool:
        """Start *job* now if it fits and the promised start stays what it is."""
        cores = job.cores
        if cores > self.free:
            return False
        ends_by = self._at + job.limit_ms
        if self._promised is not None:
            if self._shadow is None:
                self._find_shadow(self._promised)
            if ends_by > self._shadow:  # type: ignore[operator]  # just found
                if cores > self._spare:
                    return False
                self._spare -= cores
        self.free -= cores
        insort(self._ends, (ends_by, cores))
        self.started.append(job)
        return True

    def promise(self, job: Sized) -> None:
        """Promise *job* the earliest start; when that is, is found when it matters."""
        self._promised, self._shadow = job, None

    def _find_shadow(self, job: Sized) -> None:
        # Its cores are free once enough of those that run have reached their limits;
        # what ends at one instant ends together.
        free, wanted, shadow = self.free, job.cores, None
        for ends_by, cores in self._ends:
            if shadow is not None and ends_by > shadow:
                break
            free += cores
            if shadow is None and free >= wanted:
                shadow = ends_by
        assert shadow is not None, "a job wider than the machine was let in"
        self._shadow, self._spare = shadow, free - wanted


class Profile:
    """Free cores over time: ``free[i]`` from ``times[i]`` until ``times[i + 1]``.

    Attributes:
        started: jobs started since ``open``, in order
    """

    __slots__ = ("_at", "frees", "started", "times")

    def __init__(self, cores: int) -> None:
        self.times = [0]
        self.frees = [cores]
        self._at = 0
        self.started: list[Sized] = []

    def open(self, at: int) -> None:
        """Begin a pass at *at*: the past is forgotten."""
        first = bisect_right(self.times, at) - 1
        if first > 0:
            del self.times[:first], self.frees[:first]
        self.times[0] = min(at, self.times[0]) if first < 0 else at
        self._at = at
        self.started = []

    def copy(self) -> Profile:
        """Return a profile of its own with the same steps."""
        twin = Profile(0)
        twin.times, twin.frees, twin._at = self.times[:], self.frees[:], self._at
        return twin

    def earliest(self, job: Sized, *, not_before: int) -> int:
        """Return the first instant from which *job* fits for all of its limit."""
        times, frees = self.times, self.frees
        cores, limit, count = job.cores, job.limit_ms, len(self.times)
        at = max(0, bisect_right(times, not_before) - 1)
        start = max(times[at], not_before)
        while True:
            while frees[at] < cores:
                at += 1
                start = times[at]
            until, ahead = start + limit, at + 1
            while ahead < count and times[ahead] < until and frees[ahead] >= cores:
                ahead += 1
            if ahead >= count or times[ahead] >= until:
                return start
            at = ahead

    def hold(self, cores: int, *, start: int, end: int) -> None:
        """Take *cores* out of [start, end); negative *cores* give them back."""
        if end <= start:
            return
        first, last = self._cut(start), self._cut(end)
        frees = self.frees
        for step in range(first, last):
            frees[step] -= cores
        self._join(last)
        self._join(first)

    def start(self, job: Sized) -> bool:
        """Start *job* now if it fits beside all that is held for others."""
        if self.earliest(job, not_before=self._at) != self._at:
            return False
        self.hold(job.cores, start=self._at, end=self._at + job.limit_ms)
        self.started.append(job)
        return True

    def promise(self, job: Sized) -> None:
        """Hold the earliest place for *job*."""
        start = self.earliest(job, not_before=self._at)
        self.hold(job.cores, start=start, end=start + job.limit_ms)

    def _cut(self, at: int) -> int:
        step = bisect_left(self.times, at)
        if step == len(self.times) or self.times[step] != at:
            self.times.insert(step, at)
            self.frees.insert(step, self.frees[step - 1])
        return step

    def _join(self, step: int) -> None:
        if 0 < step < len(self.times) and self.frees[step] == self.frees[step - 1]:
            del self.times[step], self.frees[step]
