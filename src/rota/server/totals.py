"""Totals of what lives, by state, by user, by queue; counted without holding anyone up.

    jobs of the mind ──a slice, others' turn, a slice …──▶ Totals, kept while nothing has
                                                           changed, or counting cost much

A million jobs take a second to count.  The loop never stands still for it, and nobody who
asks again soon makes it be counted again.
"""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from rota.engine.live import Job
from rota.engine.mind import Mind
from rota.server.feed import Feed

SLICE = 2000
REST = 20
"""Counting takes at most one part in so many of the server's time."""


@dataclass(slots=True)
class Totals:
    """How many tasks are in which state; users' also hold cores."""

    counts: Counter[str] = field(default_factory=Counter)
    queues: defaultdict[str, Counter[str]] = field(
        default_factory=lambda: defaultdict(Counter)
    )
    users: defaultdict[str, Counter[str]] = field(
        default_factory=lambda: defaultdict(Counter)
    )
    cores: Counter[str] = field(default_factory=Counter)

    def take(self, jobs: Sequence[Job]) -> None:
        """Count *jobs* in."""
        for job in jobs:
            user = job.user.name
            for state, count in job.counts.items():
                name = state.value
                self.counts[name] += count
                self.queues[job.spec.queue][name] += count
                self.users[user][name] += count
            if job.allocs:
                self.cores[user] += job.allocs * job.spec.request.cores


class Counting:
    """Counts when asked, once for all who ask meanwhile."""

    def __init__(self, *, mind: Mind, feed: Feed) -> None:
        self._mind, self._feed = mind, feed
        self._known = Totals()
        self._seq = -1
        self._fresh_until = 0.0
        self._turn = asyncio.Lock()

    async def totals(self) -> Totals:
        """Return totals, at most as old as twenty times what counting them takes."""
        async with self._turn:
            now = asyncio.get_running_loop().time()
            if self._seq != self._feed.seq and now >= self._fresh_until:
                await self._count()
        return self._known

    async def _count(self) -> None:
        clock = asyncio.get_running_loop().time
        seq = self._feed.seq
        found = Totals()
        jobs = list(self._mind.memory.jobs.values())
        cost = 0.0
        for start in range(0, len(jobs), SLICE):
            began = clock()
            found.take(jobs[start : start + SLICE])
            cost += clock() - began
            if start + SLICE < len(jobs):
                await asyncio.sleep(0)
        self._known, self._seq = found, seq
        self._fresh_until = clock() + REST * cost if len(jobs) > SLICE else 0.0
