"""The loop: take events, ask the mind, remember, then tell; and the server's only clock.

    post ──▶ inbox ──▶ decide ──▶ at most two batches ──▶ commit ──▶ told, performed
             bounded   (mind)     between mind and disk   (thread)   (replies, agents)

While one batch is being written the next is collected and decided, so a busy server makes
large batches by itself and an idle one answers at once.  Order is kept: nothing of a batch
leaves the server before that batch, and all before it, are on disk (promise 1).
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Protocol

from rota.core.errors import Broken, Full, RotaError, Unreachable
from rota.engine.events import (
    CancelPilots,
    Effect,
    Event,
    Forget,
    Kill,
    Launch,
    NodeJoined,
    Reply,
    Reported,
    Run,
    Signal,
    Suspend,
    Tick,
)
from rota.engine.mind import Mind
from rota.engine.records import Record
from rota.server.timing import Timings
from rota.store.contract import Store, StoreAway, StoreFull

log = logging.getLogger("rota.loop")

BATCH_MAX = 4096
INBOX_MAX = 10_000
AHEAD_MAX = 2
RETRY_S = 0.5
GATHER_S = 0.015
GATHER_MIN = 6
TICK_S_MAX = 30.0
ANSWER_S_MAX = 120.0


class Clock:
    """Tells the server's time: it never steps back, not even across restarts.

    It runs on the time since boot, which counts sleep and knows no jumps, and leans towards
    the wall clock by at most a twentieth: a jump of the wall clock changes no lease (G21).
    """

    LEAN = 0.05

    def __init__(
        self,
        *,
        last_at: int = 0,
        wall: Callable[[], float] = time.time,
        boot: Callable[[], float] = lambda: time.clock_gettime(time.CLOCK_BOOTTIME),
    ) -> None:
        self._wall, self._boot = wall, boot
        self._at = max(wall() * 1000.0, float(last_at))
        self._seen = boot()

    def now(self) -> int:
        """Return the time, milliseconds since the epoch."""
        boot = self._boot()
        passed = max(0.0, boot - self._seen) * 1000.0
        self._seen = boot
        at = self._at + passed
        lean = passed * self.LEAN
        self._at = at + min(lean, max(-lean, self._wall() * 1000.0 - at))
        return int(self._at)


@dataclass(frozen=True, slots=True)
class Joined:
    """The mind has seen this session: from here on the node's effects belong to it."""

    node: str
    session: int


_OTHERS = (
    Reply, Run, Kill, Suspend, Signal, Forget, Launch, CancelPilots, Joined,
)  # fmt: skip


class World(Protocol):
    """Who hears of what is committed, and does what the mind wants done."""

    def committed(self, records: Sequence[Record], seq: int) -> None:
        """Take notice of rows that are now on disk; *seq* is the last line of history."""

    def perform(self, effects: Sequence[Effect | Joined]) -> None:
        """Tell agents; replies are the loop's own."""


@dataclass(slots=True)
class _Batch:
    records: list[Record]
    others: list[Effect | Joined]


class Loop:
    """See the head of the file."""

    def __init__(self, *, mind: Mind, store: Store, clock: Clock, world: World) -> None:
        self.mind, self.store, self.clock, self.world = mind, store, clock, world
        self.seq = 0
        self.stopped = asyncio.Event()
        self.failure: RotaError | None = None
        self.timings = Timings()
        self.writer = ThreadPoolExecutor(1, "rota-writer")
        self._stuck = False
        self._away: StoreAway | None = None
        self._closing = False
        self._inbox: list[Event] = []
        self._wake = asyncio.Event()
        self._batch_size = 0
        self._decided_at = 0.0
        self._gathering: asyncio.TimerHandle | None = None
        self._room = asyncio.Event()
        self._room.set()
        self._ahead = asyncio.Semaphore(AHEAD_MAX)
        self._decided: asyncio.Queue[_Batch | None] = asyncio.Queue()
        self._open: set[asyncio.Future[Any]] = set()
        self._timer: asyncio.TimerHandle | None = None
        self._timer_at: int | None = None
        self._tasks: list[asyncio.Task[None]] = []

    # ── for those who have something to tell or ask ───────────────────────────────────

    def post(self, event: Event) -> None:
        """Put *event* in the inbox; see ``put`` for those who can wait."""
        self._inbox.append(event)
        if not isinstance(event, Reported) or not self._gathers():
            self._wake.set()
        if len(self._inbox) >= INBOX_MAX:
            self._room.clear()

    def _gathers(self) -> bool:
        """Whether reports may gather for a moment: they come in numbers, nobody waits.

        Strips reach further than that moment, so no core is idle for it; a batch costs
        the same for one report as for fifty.
        """
        if self._batch_size < GATHER_MIN:
            return False
        if self._gathering is None:
            running = asyncio.get_running_loop()
            due = self._decided_at + GATHER_S
            if due <= running.time():
                return False
            self._gathering = running.call_at(due, self._wake.set)
        return True

    async def put(self, event: Event) -> None:
        """Put *event* in the inbox when there is room; the wait is the back-pressure."""
        while not self._room.is_set():
            await self._room.wait()
        self.post(event)

    async def ask(self, make: Callable[[asyncio.Future[Any]], Event]) -> Any:
        """Put the event that *make* makes of a ticket in, and return the mind's answer.

        Raises:
            RotaError: the mind's refusal; Full: not confirmed as the disk has no room;
            Unreachable: the server stops before the answer is on disk, or has lost its
            database.
        """
        if self._closing:
            raise Unreachable("the server is stopping; nothing was changed")
        if self._away is not None:
            raise self._away
        ticket: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._open.add(ticket)
        try:
            await self.put(make(ticket))
            return await asyncio.wait_for(ticket, ANSWER_S_MAX)
        except TimeoutError:
            raise self._late() from None
        finally:
            self._open.discard(ticket)

    def _late(self) -> RotaError:
        if self._stuck:
            return Full(
                "the server's disk is full: this is not confirmed; make room, then ask "
                "again with the same key"
            )
        return Unreachable(f"the server did not get to it within {ANSWER_S_MAX:.0f} s")

    @property
    def waiting(self) -> int:
        """How many events wait for the mind."""
        return len(self._inbox)

    @property
    def is_stopping(self) -> bool:
        """Whether nothing new is taken any more."""
        return self._closing

    def is_full(self) -> bool:
        """Whether new work must be refused because the store has no room."""
        return self._stuck or self.store.is_full()

    # ── life ──────────────────────────────────────────────────────────────────────────

    def start(self, first: Sequence[Effect] = ()) -> None:
        """Begin; *first* are the effects of having loaded."""
        records, others = _split(first)
        self._ahead = asyncio.Semaphore(AHEAD_MAX - 1)
        self._decided.put_nowait(_Batch(records, others))
        self._tasks = [
            asyncio.create_task(self._guarded(part()), name=part.__name__)
            for part in (self._think, self._remember)
        ]
        self._arm()

    async def stop(self) -> None:
        """Write what was decided, answer the rest with "stopping", and end."""
        self._closing = True
        self._wake.set()
        if self._timer is not None:
            self._timer.cancel()
        if self._tasks:
            _, late = await asyncio.wait(self._tasks, timeout=10)
            for task in late:
                task.cancel()
        self._give_up(Unreachable("the server is stopping; ask again when it is back"))
        self.writer.shutdown(wait=True)

    def _give_up(self, why: RotaError) -> None:
        for ticket in list(self._open):
            if not ticket.done():
                ticket.set_exception(why)

    async def _guarded(self, part: Any) -> None:
        try:
            await part
        except Exception as error:
            log.critical("the server stops: %s", error, exc_info=error)
            self.fail(error if isinstance(error, RotaError) else Broken(str(error)))

    def fail(self, why: RotaError) -> None:
        """Stop at once: nothing that was not told yet is told any more."""
        self.failure = why
        self._closing = True
        self._give_up(Broken(f"the server has stopped: {why}"))
        self.stopped.set()
        for task in self._tasks:
            if task is not asyncio.current_task():
                task.cancel()

    # ── the three steps ───────────────────────────────────────────────────────────────

    async def _think(self) -> None:
        while True:
            await self._wake.wait()
            await self._ahead.acquire()
            batch = self._take()
            if batch:
                self._decided.put_nowait(self._decide(batch))
            else:
                self._ahead.release()
                if self._closing:
                    self._decided.put_nowait(None)
                    return

    def _take(self) -> list[Event]:
        batch = self._inbox[:BATCH_MAX]
        del self._inbox[:BATCH_MAX]
        if not self._inbox and not self._closing:
            self._wake.clear()
        if len(self._inbox) < INBOX_MAX:
            self._room.set()
        return batch

    def _decide(self, batch: Sequence[Event]) -> _Batch:
        self._note(batch)
        began = time.perf_counter()
        effects: list[Effect | Joined] = []
        handle = self.mind.handle
        for event in batch:
            if isinstance(event, NodeJoined):
                effects.append(Joined(event.node.name, event.session))
            effects.extend(handle(event))
        effects.extend(self.mind.settle(self.clock.now()))
        self.timings.decide.add(time.perf_counter() - began)
        self.timings.events += len(batch)
        self._arm()
        records, others = _split(effects)
        return _Batch(records, others)

    def _note(self, batch: Sequence[Event]) -> None:
        """Remember how many reports came together, and when."""
        self._decided_at = asyncio.get_running_loop().time()
        self._batch_size = sum(len(e.reports) for e in batch if isinstance(e, Reported))
        if self._gathering is not None:
            self._gathering.cancel()
            self._gathering = None

    async def _remember(self) -> None:
        while (batch := await self._decided.get()) is not None:
            if batch.records:
                began = time.perf_counter()
                self.seq = await self._commit(batch.records)
                self.timings.commit.add(time.perf_counter() - began)
                self.timings.records += len(batch.records)
                self.world.committed(batch.records, self.seq)
            self._ahead.release()
            self._tell(batch.others)

    async def _commit(self, records: list[Record]) -> int:
        running = asyncio.get_running_loop()
        while True:
            try:
                seq = await running.run_in_executor(self.writer, self.store.commit, records)
            except StoreAway as away:
                if self._away is None:
                    log.error("answers are withheld: %s", away)
                self._away = away
                await asyncio.sleep(RETRY_S)
            except StoreFull as full:
                if not self._stuck:
                    log.error("the disk is full, answers are withheld: %s", full)
                self._stuck = True
                await asyncio.sleep(RETRY_S)
            else:
                if self._stuck:
                    log.warning("the disk has room again")
                if self._away is not None:
                    log.warning("the database is back")
                self._stuck, self._away = False, None
                return seq

    def _tell(self, others: Sequence[Effect | Joined]) -> None:
        orders: list[Effect | Joined] = []
        for effect in others:
            if isinstance(effect, Reply):
                _answer(effect)
            else:
                orders.append(effect)
        if orders:
            self.world.perform(orders)

    # ── time ──────────────────────────────────────────────────────────────────────────

    def _arm(self) -> None:
        due = self.mind.next_at()
        if due == self._timer_at or self._closing:
            return
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._timer_at = due
        if due is not None:
            delay = min(TICK_S_MAX, max(0.0, (due - self.clock.now()) / 1000.0))
            self._timer = asyncio.get_running_loop().call_later(delay, self._tick)

    def _tick(self) -> None:
        due, self._timer_at, self._timer = self._timer_at, None, None
        now = self.clock.now()
        if due is not None and now >= due:
            self.post(Tick(now))
        else:
            self._arm()


def _split(
    effects: Sequence[Effect | Joined],
) -> tuple[list[Record], list[Effect | Joined]]:
    records: list[Record] = []
    others: list[Effect | Joined] = []
    for effect in effects:
        if isinstance(effect, _OTHERS):
            others.append(effect)
        else:
            records.append(effect)
    return records, others


def _answer(reply: Reply) -> None:
    ticket = reply.ticket
    if not isinstance(ticket, asyncio.Future) or ticket.done():
        return  # whoever asked has gone; what was decided stands
    if reply.error is not None:
        ticket.set_exception(reply.error)
    else:
        ticket.set_result(reply.value)
