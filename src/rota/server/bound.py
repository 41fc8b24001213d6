"""Jobs that live as long as somebody listens for them: those of ``wq sub``.

    GET /events?jobs=12&bind=1 ──hangs up, nobody back in 5 s──▶ kill 12
    origin {"bound": "1"} and nobody listens for a minute ─────▶ kill 12

The first is a client that was killed, or its machine; the second one that died before it
could listen, or while no server was there.  A server that stops ends nothing.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import AsyncIterator, Coroutine, Iterable, Mapping, Sequence

from starlette.requests import Request

from rota.core.account import User
from rota.core.errors import NotAllowed, RotaError
from rota.engine.events import Asked

TYPE_CHECKING = False
if TYPE_CHECKING:
    from rota.server.parts import Parts

log = logging.getLogger("rota.bound")

BACK_S = 5.0
"""So long a client that was cut off has to come back."""

FIRST_S = 60.0
"""So long a job may live that nobody has listened for yet."""

LOOK_S = 15.0


class Bound:
    """Which jobs are listened for, by how many."""

    def __init__(self) -> None:
        self._held: Counter[int] = Counter()
        self._alone: dict[int, float] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def check(self, parts: Parts, user: User, jobs: Sequence[int]) -> None:
        """Refuse to bind what *user* could not kill."""
        for job in jobs:
            owner = parts.mind.owner_of(job)
            if owner is not None and not user.may_act(owner):
                raise NotAllowed(f"cannot bind job {job}: it belongs to {owner}")

    async def stream(
        self, parts: Parts, request: Request, user: User, *, jobs: Sequence[int],
        body: AsyncIterator[bytes],
    ) -> AsyncIterator[bytes]:  # fmt: skip
        """Give what *body* gives; when it ends, and nobody comes back, *jobs* end."""
        self._held.update(jobs)
        heard = asyncio.ensure_future(_hung_up(request))
        heard.add_done_callback(lambda _: self._let_go(parts, user, jobs))
        try:
            async for piece in body:
                yield piece
        finally:
            heard.cancel()

    async def run(self, parts: Parts) -> None:
        """Look for jobs that nobody came for, until cancelled."""
        while True:
            await asyncio.sleep(LOOK_S)
            self.look(parts, asyncio.get_running_loop().time())

    def look(self, parts: Parts, now: float) -> None:
        """End the bound jobs that nobody has listened for since ``FIRST_S``."""
        alone = {
            job.id: job.user
            for job in parts.mind.memory.jobs.values()
            if job.spec.origin.get("bound") and not self._held[job.id]
        }
        self._alone = since(self._alone, alone, now=now)
        for job in overdue(self._alone, now=now):
            self._begin(self._end(parts, alone[job], job))

    def _let_go(self, parts: Parts, user: User, jobs: Sequence[int]) -> None:
        self._held.subtract(jobs)
        for job in jobs:
            if not self._held[job]:
                del self._held[job]
                if not parts.feed.closed and parts.mind.owner_of(job) is not None:
                    self._begin(self._later(parts, user, job))

    async def _later(self, parts: Parts, user: User, job: int) -> None:
        await asyncio.sleep(BACK_S)
        if not self._held[job] and not parts.feed.closed:
            await self._end(parts, user, job)

    async def _end(self, parts: Parts, user: User, job: int) -> None:
        if parts.mind.owner_of(job) is None:
            return
        log.info("job %s: nobody listens for it any more, it is ended", job)
        try:
            await parts.loop.ask(
                lambda ticket: Asked(parts.clock.now(), user, "kill", [(job, None)], ticket)
            )
        except RotaError as error:
            log.info("job %s is not ended: %s", job, error.sentence)

    def _begin(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def since(
    known: Mapping[int, float], alone: Iterable[int], *, now: float
) -> dict[int, float]:
    """Return {job: since when nobody has been seen to listen for it} of those *alone*."""
    return {job: known.get(job, now) for job in alone}


def overdue(known: Mapping[int, float], *, now: float) -> list[int]:
    """Return the jobs that nobody has come for in ``FIRST_S``."""
    return [job for job, at in known.items() if now - at >= FIRST_S]


async def _hung_up(request: Request) -> None:
    """Return when the client has hung up, by whatever means."""
    while (await request.receive())["type"] != "http.disconnect":
        pass
