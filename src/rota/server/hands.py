"""The server's hands: what the loop tells the world with, and keeps up to date for readers.

committed(records) ──▶ feed (streams, waiters), live (what is over is let go)
perform(effects)   ──▶ gateway (agents), pools (other systems)
samples            ──▶ the store, many at a time, only while there are any
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence

from rota.core.errors import RotaError
from rota.engine.events import CancelPilots, Effect, Launch
from rota.engine.records import Record
from rota.server.feed import Feed
from rota.server.gateway import Gateway
from rota.server.live import Live, Sample
from rota.server.loop import Joined
from rota.server.pools import Pools
from rota.server.watch import Watch
from rota.store.contract import StoreFull

log = logging.getLogger("rota.hands")

SAVE_S = 2.0


class Hands:
    """See the head of the file; the loop's ``World``."""

    def __init__(
        self, *, feed: Feed, live: Live, gateway: Gateway, pools: Pools, watch: Watch
    ) -> None:  # fmt: skip
        self._feed, self._live, self._gateway, self._pools = feed, live, gateway, pools
        self._watch = watch

    def committed(self, records: Sequence[Record], seq: int) -> None:
        """Take notice of rows that are now on disk."""
        self._live.committed(records)
        self._feed.committed(records, seq)
        self._watch.committed(records)

    def perform(self, effects: Sequence[Effect | Joined]) -> None:
        """Tell agents, and other systems."""
        self._gateway.perform(effects)
        pilots = [e for e in effects if isinstance(e, Launch | CancelPilots)]
        if pilots:
            self._pools.perform(pilots)


async def keep_samples(
    live: Live, save: Callable[[list[Sample]], asyncio.Future[None]]
) -> None:
    """Move measurements from memory to the store for as long as the server runs.

    They are no promise: on a full disk they are dropped, and that is said.
    """
    while True:
        await live.measured.wait()
        await asyncio.sleep(SAVE_S)
        rows = live.take_samples()
        try:
            await save(rows)
        except (StoreFull, RotaError) as error:
            log.warning("%d measurements were not kept: %s", len(rows), error)
