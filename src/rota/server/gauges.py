"""How full it was: cores, users' cores and licences, every half minute of the last day.

    look(at) ──▶ ring of rows ──▶ GET /api/v1/gauges      columns over time, for charts

Kept in memory and lost with the server: what must last is in the store's history, and a
site's own monitoring reads /metrics.  A row costs what runs, not what waits.
"""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

from rota.engine.mind import Mind

EVERY_S = 30
ROWS_MAX = 24 * 3600 // EVERY_S
USERS_MAX = 20


class Row(NamedTuple):
    """One moment.  ``at``: milliseconds since the epoch; users: the largest few."""

    at: int
    cores: int
    cores_used: int
    users: dict[str, int]
    licences: dict[str, tuple[int, int]]


@dataclass(slots=True)
class Gauges:
    """See the head of the file."""

    mind: Mind
    rows: deque[Row] = field(default_factory=lambda: deque(maxlen=ROWS_MAX))

    def look(self, at: int) -> Row:
        """Return how full it is, at *at*."""
        memory = self.mind.memory
        nodes = [state for state in memory.nodes.values() if state.session is not None]
        users: Counter[str] = Counter()
        for alloc in memory.allocs.values():
            users[alloc.job.user.name] += alloc.cores
        held = memory.tally.licences
        names = {*memory.rules.licences, *(name for name, n in held.items() if n)}
        return Row(
            at,
            cores=sum(len(state.node.cores) for state in nodes),
            cores_used=sum(len(state.node.cores) - len(state.cores) for state in nodes),
            users=dict(users.most_common(USERS_MAX)),
            licences={
                name: (held.get(name, 0), memory.rules.licences.get(name, 0))
                for name in sorted(names)
            },
        )

    async def keep(self, now: Callable[[], int]) -> None:
        """Sample until cancelled."""
        while True:
            self.rows.append(self.look(now()))
            await asyncio.sleep(EVERY_S)
