"""Stored files that nobody needs any more: found, told, and thrown away.

    needed   what the trees name of jobs that live, that ended less than *older* ago, or
             that are pinned; and what was stored or asked for a day ago or less
    the rest goes; of a dry run it is only told

Files are shared by all that is alike: one goes only when no tree that stays names it.
"""

from __future__ import annotations

from collections.abc import Sequence

from rota.core.errors import Complaint, Malformed, Missing, NotAllowed
from rota.core.units import parse_duration
from rota.server.parts import Parts
from rota.server.route import Call
from rota.server.routes.blobs import aside, stored_tree
from rota.server.routes.listing import job_row
from rota.server.views import show_instant
from rota.store.contract import StoredTree
from rota.wire import api

FRESH_MS = 24 * 3600 * 1000
"""What was stored or asked for since then may belong to a job on its way in."""


async def clean_files(parts: Parts, call: Call) -> api.CleanView:
    """Throw away one's own stored files of jobs that ended long ago; or only say which."""
    body: api.CleanBody = call.body
    try:
        older_ms = parse_duration(body.older)
    except ValueError as error:
        raise Malformed(complaints=[Complaint("older", str(error))]) from None
    user, at = call.user.name, parts.clock.now()
    for job in [*body.pin, *body.unpin]:
        row = await job_row(parts, job, user=call.user)
        if row["user"] != user:
            raise NotAllowed(f"the files of job {job} belong to {row['user']}")

    def work() -> api.CleanView:
        for job in body.pin:
            parts.blobs.pin(user, job)
        for job in body.unpin:
            parts.blobs.unpin(user, job)
        pins = parts.blobs.pins(user)
        if body.pin or body.unpin:
            return api.CleanView(dry_run=True, jobs=[], files=0, bytes=0, pinned=pins)
        found = parts.store.trees(user)
        return _cleaned(parts, user, found, before=at - older_ms, at=at,
                        dry_run=body.dry_run)  # fmt: skip

    return await aside(parts, work)


def _cleaned(
    parts: Parts, user: str, found: Sequence[StoredTree], *, before: int, at: int,
    dry_run: bool,
) -> api.CleanView:  # fmt: skip
    pins = set(parts.blobs.pins(user))
    over = {
        row.job: row.ended_at
        for row in found
        if row.ended_at is not None and row.ended_at < before and row.job not in pins
    }
    needed: set[str] = set()
    for digest in {row.digest for row in found if row.job not in over}:
        needed |= _named(parts, user, digest)
    fresh = at - FRESH_MS
    gone = [
        held
        for held in parts.blobs.held(user)
        if held.digest not in needed and held.used_at < fresh
    ]
    there = {held.digest for held in gone}
    jobs = {row.job for row in found if row.job in over and row.digest in there}
    if not dry_run:
        for held in gone:
            parts.blobs.remove(user, held.digest)
    return api.CleanView(
        dry_run=dry_run,
        jobs=[
            api.CleanedJob(id=job, ended_at=show_instant(over[job] or 0))
            for job in sorted(jobs)
        ],
        files=len(gone),
        bytes=sum(held.size for held in gone),
        pinned=sorted(pins),
    )


def _named(parts: Parts, user: str, digest: str) -> set[str]:
    """Return the digests of a tree and of all it names."""
    try:
        tree = stored_tree(parts, user, digest)
    except (Missing, Malformed):
        # It was thrown away before, or is of no use to anybody.
        return {digest}
    return {digest, *(file.digest for file in tree.files)}
