"""The server's parts, as handlers see them: whom to ask for what."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import ParamSpec, TypeVar

from rota.engine.mind import Mind
from rota.launch.ssh_nodes import SshNodes
from rota.server.aside import Aside
from rota.server.audit import Audit
from rota.server.auth import Doorkeeper
from rota.server.bound import Bound
from rota.server.config import Config
from rota.server.feed import Feed
from rota.server.gateway import Gateway
from rota.server.gauges import Gauges
from rota.server.listen import Tcp
from rota.server.live import Live
from rota.server.loop import Clock, Loop
from rota.server.pools import Pools
from rota.server.steps import Steps
from rota.server.tls import Certificate
from rota.server.totals import Counting
from rota.server.turns import Turns
from rota.server.views import Viewer
from rota.server.watch import Watch
from rota.server.whatif import WhatIf
from rota.store.blobs import Blobs
from rota.store.contract import Store

READERS = 3
MOVERS = 4
"""Threads that move files; reads of the store never wait behind a disk that is busy."""

P = ParamSpec("P")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class About:
    """What never changes while a server runs."""

    version: str
    server: str
    url: str
    home: str
    store: str
    started_at: int


@dataclass(slots=True)
class Parts:
    """Everything a handler may hand over to.

    lived_until: when the server before this one is last known to have lived
    """

    about: About
    mind: Mind
    store: Store
    loop: Loop
    clock: Clock
    feed: Feed
    live: Live
    gateway: Gateway
    steps: Steps
    door: Doorkeeper
    audit: Audit
    viewer: Viewer
    counting: Counting
    gauges: Gauges
    whatif: WhatIf
    watch: Watch
    config: Config
    blobs: Blobs
    pools: Pools
    movers: ThreadPoolExecutor = field(
        default_factory=lambda: ThreadPoolExecutor(MOVERS, "rota-mover")
    )
    copying: asyncio.Lock = field(default_factory=asyncio.Lock)
    aside: Aside = field(default_factory=Aside)
    bound: Bound = field(default_factory=Bound)
    tcp: Tcp | None = None
    lived_until: int = 0
    certificate: Certificate | None = None
    turns: Turns = field(init=False)
    ssh_nodes: SshNodes | None = None
    readers: ThreadPoolExecutor = field(
        default_factory=lambda: ThreadPoolExecutor(READERS, "rota-reader")
    )

    def __post_init__(self) -> None:
        self.turns = Turns(lambda name: self.mind.memory.rules.quota_of(name))

    async def read(self, what: Callable[P, T], /, *args: P.args, **options: P.kwargs) -> T:
        """Return what a blocking read of the store returns, without blocking the loop."""
        running = asyncio.get_running_loop()
        return await running.run_in_executor(self.readers, lambda: what(*args, **options))
