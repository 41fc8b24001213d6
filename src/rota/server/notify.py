"""People are told of their jobs: what is owed, kept until it is sent, and how that goes.

    committed ──▶ dirty jobs ──look──▶ outbox ──▶ one sender for each line ──▶ sent
                                                   ╰── trouble: later, ever rarer, shown

Nothing here holds up the manager: it only notes which jobs changed.  A line that is dead
is tried ever more rarely, and what waits for it is kept for ``GIVE_UP_MS``.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import smtplib
import sqlite3
import subprocess
from collections.abc import Callable, Coroutine, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from rota.core.errors import RotaError
from rota.core.job import AttemptRef
from rota.core.notify import is_address
from rota.server.channels import ERROR_MAX, Undeliverable, clean, send
from rota.server.feed import ENDED
from rota.server.notices import Failures, Owed, after_telling, owed, written
from rota.server.outbox import Delivery, Outbox, Told
from rota.server.parts import Parts
from rota.server.routes.errors import groups_of
from rota.server.routes.log import Reader
from rota.server.watch import Line
from rota.store.contract import JobQuery

log = logging.getLogger("rota.notify")

LOOK_S = 2.0
PAGE = 500
SENDERS = 4
KEEP_EVERY = 10_000
"""Lines of history that a start has to look through again, at most."""

TAIL_BYTES = 8_192
TAIL_S_MAX = 5.0
FIRST_MS = 2_000
LAST_MS = 1_800_000
GIVE_UP_MS = 3 * 86_400_000

T = TypeVar("T")


class Notifier:
    """See the head of the file."""

    def __init__(self, parts: Parts, path: Path) -> None:
        self._parts = parts
        self._path = path
        self._watch = parts.watch
        self._outbox: Outbox | None = None
        self._disk = ThreadPoolExecutor(1, "rota-outbox")
        self._senders = ThreadPoolExecutor(SENDERS, "rota-notify")
        self._sending: dict[str, asyncio.Task[None]] = {}
        self.lines = parts.watch.lines
        self._seq = self._kept = 0

    async def run(self) -> None:
        """Go on until cancelled."""
        while True:
            try:
                if self._outbox is None:
                    await self._open()
                await self._look()
                await self._send()
            except (sqlite3.Error, OSError, RotaError) as error:
                log.error("notifications wait: %s", error)
                await asyncio.sleep(5 * LOOK_S)
            await asyncio.sleep(LOOK_S)

    async def stop(self) -> None:
        """Send no more; what is owed stays in the outbox."""
        for task in self._sending.values():
            task.cancel()
        self._senders.shutdown(wait=False, cancel_futures=True)
        if self._outbox is not None:
            with contextlib.suppress(sqlite3.Error):  # at the next start it is told again
                await self._keep({}, [])
            self._disk.submit(self._outbox.close)
        self._disk.shutdown()

    async def _do(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._disk, work)

    @property
    def _box(self) -> Outbox:
        assert self._outbox is not None, "run() opens it first"
        return self._outbox

    # ── what is owed ──────────────────────────────────────────────────────────────────

    async def _open(self) -> None:
        """Open the outbox; look at all that happened since the server before us looked."""
        box = await self._do(lambda: Outbox(self._path))
        now = self._parts.clock.now()
        await self._do(lambda: box.forget(now))
        cursor = await self._do(box.cursor)
        changed: set[int] = set()
        seq = self._parts.feed.seq
        self._seq = seq if cursor is None else cursor
        while cursor is not None and cursor < seq:
            rows = await self._parts.read(self._parts.store.history, after=cursor)
            if not rows:
                break
            changed.update(row["job"] for row in rows)
            cursor = rows[-1]["seq"]
        live = self._parts.mind.memory.jobs.values()
        self._watch.dirty |= changed | {job.id for job in live if job.spec.notify}
        self._outbox = box

    async def _look(self) -> None:
        seq, jobs = self._parts.feed.seq, self._watch.take()
        try:
            for start in range(0, len(jobs), PAGE):
                await self._look_at(jobs[start : start + PAGE])
        except BaseException:
            self._watch.dirty.update(jobs)
            raise
        self._seq = seq
        if jobs or seq - self._kept > KEEP_EVERY:
            await self._keep({}, [])

    async def _look_at(self, jobs: Sequence[int]) -> None:
        parts, at = self._parts, self._parts.clock.now()
        query = JobQuery(ids=list(jobs), limit=len(jobs))
        told = await self._do(lambda: self._box.told(jobs))
        changed: dict[int, Told] = {}
        texts: list[Coroutine[Any, Any, list[Delivery]]] = []
        for row in await parts.read(parts.store.jobs, query):
            if not row["spec"].notify:
                continue
            before = told.get(row["id"], Told())
            notices = parts.mind.memory.rules.notices
            found = list(owed(row, before, at=at, digest_ms=notices.digest_ms))
            texts += [self._deliveries(row, one, at=at) for one in found]
            whats = [one.what for one in found]
            after = after_telling(row, before, at=at, whats=whats)
            if after != before:
                changed[row["id"]] = after
            if str(row["state"]) in ENDED:
                self._watch.over(row["id"])
        # Together: nodes that do not answer cost one wait, not one for each job.
        deliveries = [each for made in await asyncio.gather(*texts) for each in made]
        if changed or deliveries:
            await self._keep(changed, deliveries)

    async def _keep(self, told: Mapping[int, Told], deliveries: list[Delivery]) -> None:
        seq = self._seq
        await self._do(lambda: self._box.put(told, deliveries, cursor=seq))
        self._kept = seq

    async def _deliveries(
        self, row: Mapping[str, Any], one: Owed, *, at: int
    ) -> list[Delivery]:  # fmt: skip
        if not one.whom:
            return []
        parts = self._parts
        groups: list[Failures] = []
        if row["spec"].array is not None and row["counts"].get("failed"):
            found = await groups_of(parts, row["id"])
            found.sort(key=lambda group: -len(group.tasks))
            groups = [Failures(len(g.tasks), g.signature.text, str(g.tasks)) for g in found]
        tails = await self._tails(row) if one.what == "end" else {}
        notice = written(one.what, row, at=at, tails=tails, groups=groups)
        name = f"{parts.about.server}/{row['id']}/{one.what}/{one.mark}"
        return [
            Delivery(f"{name}/{whom}", _line_of(whom), whom, notice, at, at)
            for whom in one.whom
        ]

    async def _tails(self, row: Mapping[str, Any]) -> dict[str, str]:
        """Return the last lines of what a job wrote, or why they are not to be had."""
        lines = self._parts.mind.memory.rules.notices.tail
        if row["spec"].array is not None or not row.get("node") or not lines:
            return {}
        ref = AttemptRef(row["id"], 0, row["attempt"])
        tails = {}
        for stream in ("stdout", "stderr"):
            reader = Reader(self._parts, ref, row["node"], stream)
            try:
                data = await asyncio.wait_for(_tail(reader), TAIL_S_MAX)
            except (RotaError, TimeoutError, OSError) as error:
                reason = row["reason"]
                said = str(reason.evidence.get("said") or "") if reason else ""
                tails["stderr"] = said or f"(not to be had now: {error})"
                break
            text = "\n".join(data.decode(errors="replace").splitlines()[-lines:])
            if text.strip():
                tails[stream] = text
        return tails

    # ── sending ───────────────────────────────────────────────────────────────────────

    async def _send(self) -> None:
        waiting = await self._do(self._box.waiting)
        for name in waiting.keys() | self.lines.keys():
            line = self.lines.setdefault(name, Line(name))
            line.waiting = waiting.get(name, 0)
            task = self._sending.get(name)
            is_free = task is None or task.done()
            if line.waiting and is_free and line.next_at <= self._parts.clock.now():
                self._sending[name] = asyncio.create_task(self._drain(line))

    async def _drain(self, line: Line) -> None:
        """Send what is due over *line*, one after another, until there is trouble."""
        while True:
            at = self._parts.clock.now()
            found = await self._do(partial(self._box.due, line.name, at))
            if found is None or not await self._deliver(line, found, at=at):
                return

    async def _deliver(self, line: Line, delivery: Delivery, *, at: int) -> bool:
        """Send one; return whether the line works."""
        notices = self._parts.mind.memory.rules.notices
        running = asyncio.get_running_loop()
        line.tried_at = at
        try:
            work = partial(send, notices, delivery, at)
            await running.run_in_executor(self._senders, work)
        except Undeliverable as never:
            line.failed += 1
            line.error = f"to {delivery.whom}: {never}"
            log.warning("%s is not told: %s", delivery.whom, never)
        except (OSError, smtplib.SMTPException, RotaError, subprocess.SubprocessError,
                ValueError) as error:  # fmt: skip
            await self._trouble(line, delivery, error=error)
            return False
        else:
            line.sent += 1
            line.troubles, line.error = 0, ""
        line.next_at = 0
        await self._do(partial(self._box.drop, delivery.id))
        return True

    async def _trouble(self, line: Line, delivery: Delivery, *, error: Exception) -> None:
        at = self._parts.clock.now()
        said = clean(str(error) or type(error).__name__)[:ERROR_MAX]
        if not line.error:
            log.error("%s does not work, what is owed waits: %s", line.name, said)
        line.error = said
        line.troubles += 1
        line.next_at = at + min(LAST_MS, FIRST_MS << min(20, line.troubles - 1))
        if at - delivery.made_at > GIVE_UP_MS:
            line.failed += 1
            await self._do(partial(self._box.drop, delivery.id))
        else:
            # To the end of the line: one that chokes it must not hold up the rest.
            due_at = line.next_at
            later = partial(self._box.later, delivery.id, due_at=due_at, error=said)
            await self._do(later)


async def _tail(reader: Reader) -> bytes:
    size = (await reader.piece(0, size_max=1)).size
    if not size:
        return b""
    offset = max(0, size - TAIL_BYTES)
    return (await reader.piece(offset, size_max=TAIL_BYTES)).data


def _line_of(whom: str) -> str:
    return "mail" if is_address(whom) else whom
