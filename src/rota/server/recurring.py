"""Templates: jobs with ``every``, from which a job is made at each instant that is due.

    job 12 (held: a template)  ──at 3:00──→  Submitted(key "every/12/2026-05-02T03:00Z")

The key is what makes it once and only once (G02): whatever crashes, the second submission
of an instant finds the job of the first.  Instants that came while the server was away
are made up for by one job, the latest; those that a hold or ``overlap: skip`` left out
are not.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace

from rota.core.errors import RotaError
from rota.core.job import After, JobSpec
from rota.engine.events import Submitted
from rota.engine.live import Job
from rota.formats.every import latest_until, next_after
from rota.server.parts import Parts
from rota.server.views import show_instant

log = logging.getLogger("rota.recurring")

LOOK_S = 0.5
"""So often it is looked what is due."""

MARGIN_MS = 60_000
"""What was due so shortly before the end of the server before may not have been made."""


class Recurring:
    """Looks at the templates, and submits what is due."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._next: dict[int, tuple[str, int | None]] = {}
        self._made: dict[int, int] = {}

    async def run(self) -> None:
        """Go on until cancelled."""
        while True:
            for job in list(self._parts.mind.memory.templates.values()):
                due_at = self._due(job)
                if due_at is not None and job.user_hold is None:
                    await self._make(job, due_at)
            self._forget()
            await asyncio.sleep(LOOK_S)

    def _due(self, job: Job) -> int | None:
        """Return the instant that is due of *job*, the latest if there are several."""
        every, now = job.spec.every, self._parts.clock.now()
        if every is None:
            return None
        anchor = max(job.submitted_at, job.spec.begin_at or 0)
        known, next_at = self._next.get(job.id, ("", None))
        if known == every and (next_at is None or next_at > now):
            return None
        latest = latest_until(every, now, anchor=anchor)
        self._next[job.id] = (every, next_after(every, now, anchor=anchor))
        if latest is None or (not known and latest <= self._seen_until()):
            return None
        # A template whose line was edited begins with the next instant of the new one.
        return latest if known in ("", every) else None

    def _seen_until(self) -> int:
        return self._parts.lived_until - MARGIN_MS

    async def _make(self, job: Job, due_at: int) -> None:
        before = self._before(job)
        if before is not None and job.spec.overlap == "skip":
            log.info("job %s: %s is left out, job %s is not over", job.id, due_at, before)
            return
        spec = made_of(job, due_at, after=before)
        user, parts = job.user, self._parts
        try:
            known = await parts.read(parts.store.keys, user.name, [spec.key or ""])
            told = await parts.loop.ask(
                lambda ticket: Submitted(parts.clock.now(), user, [spec], ticket, known)
            )
        except RotaError as error:
            log.error("job %s: could not make a job of it: %s", job.id, error.sentence)
            return
        self._made[job.id] = told["jobs"][0]["id"]

    def _before(self, job: Job) -> int | None:
        """Return the latest job made of *job* that is not over."""
        live = self._parts.mind.memory
        if job.id not in self._made:
            begins = f"every/{job.id}/"
            of_it = [id for (_, key), id in live.keys.items() if key.startswith(begins)]
            self._made[job.id] = max(of_it, default=0)
        made = self._made[job.id]
        return made if made in live.jobs else None

    def _forget(self) -> None:
        for known in (self._next, self._made):
            for gone in [id for id in known if id not in self._parts.mind.memory.templates]:
                known.pop(gone)


def made_of(job: Job, due_at: int, *, after: int | None) -> JobSpec:
    """Return the job that template *job* makes at *due_at*; it waits for *after*."""
    return replace(
        job.spec,
        every=None,
        begin_at=None,
        held=False,
        key=f"every/{job.id}/{show_instant(due_at)}",
        after=() if after is None else (After("any", after),),
    )
