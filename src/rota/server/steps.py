"""Ranks that ``rota spread`` starts on the other nodes of an allocation.

    spread ◀─ WebSocket ─▶ Steps ── run, signal, kill, read, forget ──▶ agents
                              ▲───────── ends, what they hold ────────────╯

A job of several nodes runs on the first; what it starts on the others goes through here,
so no node needs to log in to another.  A rank is an attempt to its agent, and nothing to
the mind: it holds no resources but its job's, and ends with its job's allocation.

Nothing of this is on disk.  A server that starts again hears of ranks from their agents,
and of who waits for them from ``rota spread``, which asks again; a rank that nobody asks
for within LEFT_MS is ended.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from rota.core.errors import Full, Malformed, Missing
from rota.core.job import AttemptRef
from rota.core.reasons import reason
from rota.engine.live import Alloc
from rota.engine.state import Memory
from rota.server import frames
from rota.server.auth import NotIdentified
from rota.server.link import LineLost, Link
from rota.wire import steps as wire
from rota.wire.agent import PIECE_MAX

RANKS_MAX = 8_192
"""Of all jobs together."""

LEFT_MS = 60_000
PAUSE_S = 0.2
LOOK_S = 1.0

Send = Callable[[str], Awaitable[None]]


@dataclass(slots=True, eq=False)
class Rank:
    """One process that was started on a node of an allocation.

    Shapes:
        alloc:   the allocation it ends with; None: heard of from its agent only
        left_at: since when nobody waits for it; None: somebody does
        told:    the line its end was asked for on
    """

    ref: AttemptRef
    node: str
    alloc: int | None
    grace_ms: int
    left_at: int | None
    ended: frames.FinishedIn | frames.DeclinedIn | None = None
    is_lost: bool = False
    over: asyncio.Event = field(default_factory=asyncio.Event)
    told: Link | None = None


class Steps:
    """See the head of the file."""

    def __init__(
        self,
        memory: Memory,
        *,
        link: Callable[[str], Link | None],
        clock: Callable[[], int],
        key: bytes,
        lease_ms: int,
    ) -> None:
        """Start ranks in allocations of *memory*; tokens are signed with *key*."""
        self._memory = memory
        self._link = link
        self._clock = clock
        self._key = key
        self._lease_ms = lease_ms
        self._ranks: dict[AttemptRef, Rank] = {}

    # ── who may ───────────────────────────────────────────────────────────────────────

    def token(self, alloc: int) -> str:
        """Return what a job shows to start ranks in its own allocation, and only there."""
        return f"{alloc}.{self._signed(alloc)}"

    def alloc_of(self, token: str | None) -> Alloc:
        """Return the allocation that *token* is for.

        Raises:
            NotIdentified: it was not made here, or its allocation is over.
        """
        number, _, signed = (token or "").partition(".")
        is_number = number.isascii() and number.isdecimal() and len(number) < 19
        right = self._signed(int(number)) if is_number else ""
        if not right or not hmac.compare_digest(right, signed):
            raise NotIdentified("rota spread shows the token that its job was given")
        alloc = self._memory.allocs.get(int(number))
        if alloc is None:
            raise NotIdentified("the allocation that this job had is over")
        return alloc

    def _signed(self, alloc: int) -> str:
        return hmac.new(self._key, b"spread %d" % alloc, hashlib.sha256).hexdigest()

    # ── what rota spread says ─────────────────────────────────────────────────────────

    def begin(
        self, alloc: Alloc, asked: Mapping[str, Any]
    ) -> list[tuple[wire.RankAsked, Rank]]:
        """Return the ranks that *asked* names; those not started yet are ordered.

        Raises:
            Malformed: a node, or a rank, is not the allocation's;  Full: too many;
            Missing: a node is not connected; nothing is started.
        """
        rows = [wire.RankAsked(*row) for row in asked["ranks"]]
        for row in rows:
            self._check(row, alloc)
        if len(self._ranks) + len(rows) > RANKS_MAX:
            raise Full(f"{RANKS_MAX} ranks are started by rota spread already")
        begun = []
        for row in rows:
            rank = self._ranks.get(_ref_of(row, alloc))
            if rank is None:
                rank = self._add(_ref_of(row, alloc), row.node, alloc.job.spec.grace_ms)
                self._order_first(rank, row, alloc=alloc, asked=asked)
            rank.alloc = alloc.id
            begun.append((row, rank))
        return begun

    def _check(self, row: wire.RankAsked, alloc: Alloc) -> None:
        names = [grant.node for grant in alloc.grants]
        if row.node not in names:
            told = ", ".join(names)
            raise Malformed(f"{row.node} is not a node of this job: it has {told}")
        rank = self._ranks.get(_ref_of(row, alloc))
        is_ours = rank is None or (rank.node == row.node and rank.alloc in (None, alloc.id))
        if not is_ours or not wire.IDS_FROM <= row.id < wire.STEPS:
            raise Malformed(f"rank {row.rank} is not of this job")
        if rank is None and not row.is_placed and self._link(row.node) is None:
            raise Missing(f"node {row.node} is not connected now; try again in a moment")

    def _order_first(
        self, rank: Rank, row: wire.RankAsked, *, alloc: Alloc, asked: Mapping[str, Any]
    ) -> None:
        link = self._link(rank.node)
        if row.is_placed:
            # A node that is here has said what it holds; one that is not may yet.
            if link is not None:
                self._lose(rank)
            return
        assert link is not None, "no await since it was looked up"
        link.queue(self._order(rank, alloc, asked=asked, own=row.env))
        link.flush()

    def _add(self, ref: AttemptRef, node: str, grace_ms: int) -> Rank:
        rank = Rank(ref, node, None, grace_ms, left_at=self._clock())
        self._ranks[ref] = rank
        return rank

    def _order(
        self, rank: Rank, alloc: Alloc, *, asked: Mapping[str, Any], own: Mapping[str, str]
    ) -> dict[str, Any]:
        """Return the order to run *rank*: as any attempt, in what its job has there."""
        job, spec = alloc.job, alloc.job.spec
        grant = next(grant for grant in alloc.grants if grant.node == rank.node)
        said = {
            "argv": asked["argv"], "env": asked["env"], "cwd": asked.get("cwd"),
            "name": "spread", "grace_ms": spec.grace_ms, "memory": grant.memory,
            "threads": spec.request.threads,
            "lease_ms": self._lease_ms if spec.restartable else None,
            "user": job.user.name, "uid": job.user.uid, "array": False,
            "origin": {"system": "spread", **own, "ROTA_JOB_ID": str(job.id)},
        }  # fmt: skip
        return {
            "t": "run", "alloc": rank.ref.task, "job": rank.ref.job, "spec_version": 1,
            "spec": said, "cores": grant.cores, "memory": grant.memory,
            "gpus": grant.gpus, "tasks": [(rank.ref.task, rank.ref.n, None)],
            "nodes": [(g.node, g.cores, g.gpus) for g in alloc.grants],
        }  # fmt: skip

    # ── what agents say ───────────────────────────────────────────────────────────────

    def joined(
        self, link: Link, holds: Sequence[tuple[int, int, int, str, int | None]]
    ) -> None:
        """Take what the node at *link* says it holds of ours; what it lacks is lost."""
        held = {AttemptRef(*row[:3]) for row in holds if wire.is_step(row[0])}
        for ref in held - self._ranks.keys():
            job = self._memory.jobs.get(ref.job - wire.STEPS)
            grace_ms = job.spec.grace_ms if job else 0
            self._add(ref, link.node, grace_ms)
        for rank in self._ranks.values():
            if rank.node == link.node and rank.ref not in held and rank.ended is None:
                self._lose(rank)

    def heard(self, link: Link, told: frames.FinishedIn | frames.DeclinedIn) -> None:
        """An attempt of ours ended, or was never started."""
        rank = self._ranks.get(told.a)
        if rank is None:
            self._forget(link, told.a)
        elif not rank.over.is_set():
            rank.ended = told
            rank.over.set()

    def _lose(self, rank: Rank) -> None:
        rank.is_lost = True
        rank.over.set()

    # ── what becomes of ranks ─────────────────────────────────────────────────────────

    async def keep(self) -> None:
        """End what has lost its job, or whoever waits for it, while the server runs."""
        while True:
            await asyncio.sleep(LOOK_S)
            now = self._clock()
            for rank in list(self._ranks.values()):
                self._look(rank, now)

    def _look(self, rank: Rank, now: int) -> None:
        is_left = rank.left_at is not None and now - rank.left_at >= LEFT_MS
        if not is_left and self._has_allocation(rank):
            return
        if rank.over.is_set():
            if rank.left_at is not None:
                self.drop(rank)
            return
        link = self._link(rank.node)
        if link is not None and link is not rank.told:
            why = reason("killed", who="rota: the job that started it is over")
            link.queue(
                {"t": "kill", "a": rank.ref, "grace_ms": rank.grace_ms,
                 "reason": why.to_dict()}
            )  # fmt: skip
            link.flush()
            rank.told = link

    def _has_allocation(self, rank: Rank) -> bool:
        if rank.alloc is not None:
            return rank.alloc in self._memory.allocs
        job = self._memory.jobs.get(rank.ref.job - wire.STEPS)
        return job is not None and job.allocs > 0

    def drop(self, rank: Rank) -> None:
        """Nobody will ask for *rank*, which is over, any more."""
        self._ranks.pop(rank.ref, None)
        link = self._link(rank.node)
        if link is not None:
            self._forget(link, rank.ref)

    def claim(self, rank: Rank, *, is_waited_for: bool) -> None:
        """Somebody waits for *rank* from now on, or nobody."""
        rank.left_at = None if is_waited_for else self._clock()

    def _forget(self, link: Link, ref: AttemptRef) -> None:
        link.queue({"t": "forget", "as": [ref]})
        link.flush()

    def signal(self, rank: Rank, name: str) -> None:
        """Send *rank* the signal called *name*, if its node is there to do it."""
        link = self._link(rank.node)
        if link is not None and not rank.over.is_set():
            link.queue({"t": "signal", "a": rank.ref, "signal": name})
            link.flush()

    async def pump(self, rank: Rank, stream: str, offset: int, *, send: Send) -> None:
        """Pass on what *rank* writes to *stream*, from *offset* on, until it is over."""
        while True:
            link = self._link(rank.node)
            try:
                if link is None:
                    raise LineLost(f"node {rank.node} is not connected")
                piece = await link.read(
                    rank.ref, stream=stream, offset=offset, size_max=PIECE_MAX, follow=True
                )
            except (LineLost, Full):
                if rank.is_lost:
                    return
                await asyncio.sleep(PAUSE_S)
                continue
            except Missing:
                # It never ran, or its node has lost what it wrote.
                return
            if piece.data:
                await send(base64.b64encode(piece.data).decode())
            offset = piece.offset + len(piece.data)
            if piece.is_all:
                return


def _ref_of(row: wire.RankAsked, alloc: Alloc) -> AttemptRef:
    return AttemptRef(wire.STEPS + alloc.job.id, row.id, 1)
