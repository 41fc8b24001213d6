"""What a store must do: remember batches, and answer for what the mind has let go.

    open ──→ load() ──→ commit(batch), commit(batch) …          one writer, the leader
                 └────→ jobs(), tasks(), history() …            readers, any number

A commit returns when its rows are on disk (G01).  Rows are those of ``engine.records``.
What a read returns are dicts whose names agree with the API's; times are milliseconds
since the epoch, sizes bytes, and what has a class in ``core`` stays of that class:
``JobSpec``, ``Reason``, ``Grant``.  Values may be shared between rows: they are to be read.

When the disk is full (G05) a store lives on a reserve: ``is_full`` is true, new work should
be refused at the door, but commits of what was already decided, of kills and of reports go
on.  Only when the reserve is used up too does ``commit`` raise ``StoreFull``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from rota.core.errors import Broken, Unreachable
from rota.engine.records import Image, JobImage, Record, TaskEnds

PAGE_MAX = 1000
"""So many lines of history, attempts or tasks are returned when nothing is said."""

Sample = tuple[int, int, int, int, int, int, int, int, int]
"""(job, task, attempt, at, cpu_ms, rss, read_bytes, written_bytes, processes)"""


GROUPS = ("user", "state", "queue", "name")
"""What jobs can be counted by."""


class StoreFull(Exception):
    """The disk has no room: nothing of the batch was written; it may be tried again."""


class StoreAway(Unreachable):
    """The database does not answer: nobody knows whether the batch is in.

    The same batch is to be committed again, and nothing else before it: a store finds out
    by itself whether it was in already, and writes it once.
    """


class Deposed(Broken):
    """Another server leads this store now: this one may write nothing any more."""

    kind = "deposed"


@dataclass(frozen=True, slots=True)
class JobQuery:
    """Which jobs: every condition that is given must hold.

    Shapes:
        ids, users, states, queues: any of them
        names:  shell globs, any of them
        tags:   all of them
        live:   only those not in a final state
        failed: jobs that failed or have failed tasks
        since:  submitted then or later, milliseconds since the epoch
        there_since: live, or ended then or later
        before: job ids below it (the cursor: newest first)
    """

    ids: Sequence[int] | None = None
    users: Sequence[str] = ()
    states: Sequence[str] = ()
    names: Sequence[str] = ()
    tags: Sequence[str] = ()
    queues: Sequence[str] = ()
    live: bool = False
    failed: bool = False
    since: int | None = None
    there_since: int | None = None
    before: int | None = None
    limit: int = 100


USAGE_KEYS = (
    "user", "account", "queue", "tag", "label", "node", "ended", "day", "month", "year",
)  # fmt: skip
"""What usage can be added up by; an attempt with several tags or labels is under each."""

USAGE_SUMS = (
    "attempts", "done", "failed", "cancelled", "again", "started", "wait_s", "wait_max_s",
    "run_s", "core_s", "gpu_s", "cpu_s", "memory_byte_s", "memory_asked_byte_s",
    "timed_run_s", "time_asked_s",
)  # fmt: skip
"""What is added up of attempts that ended; of ``wait_max_s`` the largest.

    attempts = done + failed + cancelled + again     by what became of the task with them;
                                                     again: it was tried once more
    started             how many of them ran at all; the rest is about these
    wait_s, run_s       from the submission, or the end of the attempt before; and running
    core_s, gpu_s       run × what was held;  cpu_s: what was computed
    memory_…byte_s      run × most memory used, and × asked for, where any was asked for
    timed_run_s, time_asked_s   run, and the limit, where there was one
"""


@dataclass(frozen=True, slots=True)
class UsageQuery:
    """Which attempts: those that ended in [since, until), and what they are summed by.

    Shapes:
        by:     some of ``USAGE_KEYS``
        after:  (job, task, n), the last one of the portion before
        limit:  attempts of one portion
    """

    by: Sequence[str] = ("user",)
    since: int | None = None
    until: int | None = None
    users: Sequence[str] = ()
    queues: Sequence[str] = ()
    after: tuple[int, int, int] = (0, 0, 0)
    limit: int = 5000


class Portion(NamedTuple):
    """{a name for each of ``by``: {one of ``USAGE_SUMS``: sum}}; *after* of the next."""

    sums: Mapping[tuple[str, ...], Mapping[str, float]]
    next: tuple[int, int, int] | None


@dataclass(frozen=True, slots=True)
class AuditQuery:
    """Which lines of the audit log: every condition that is given must hold.

    Shapes:
        actions: any of them;  refused: only what was refused
        since:   at that time or later, milliseconds since the epoch
        before:  ids below it (the cursor: newest first)
    """

    users: Sequence[str] = ()
    actions: Sequence[str] = ()
    refused: bool = False
    since: int | None = None
    before: int | None = None
    limit: int = PAGE_MAX


class Token(NamedTuple):
    """Whom a token stands for, and for how long.

    Shapes:
        scope:      what it opens, in the words of ``server.auth``
        note:       for people;  expires_at: ms since the epoch, None: it does not
        uses:       how often it can still be used, None: always
        node:       the only node it may speak for, None: any
        labels:     what nodes get that join by it
        parent:     hash of the token it was made from, and goes with
    """

    user: str
    uid: int | None
    scope: str
    created_at: int
    note: str = ""
    expires_at: int | None = None
    uses: int | None = None
    node: str | None = None
    labels: tuple[str, ...] = ()
    parent: str | None = None


class StoredTree(NamedTuple):
    """A tree of files that a job has, as input or output; ended_at None: it lives."""

    job: int
    ended_at: int | None
    digest: str


class Store(Protocol):
    """See the head of the file.  Methods block and may be called from any thread.

    Raises, all of them:
        StoreFull: no room; nothing was written.
        StoreAway: the database does not answer; see there.
        rota.core.errors.Broken: the disk or the database fails; the server has to stop.
    """

    @property
    def epoch(self) -> int:
        """Of our leadership: greater than of any before; 0 until it began."""

    def is_sure(self) -> bool:
        """Whether nobody else can lead this store by now; cheap to ask."""

    # ── the leader's ──────────────────────────────────────────────────────────────────

    def load(self) -> Image:
        """Return what a new server starts from."""

    def commit(self, batch: Sequence[Record]) -> int:
        """Write *batch* as one durable transaction; return the last history number."""

    def save_samples(self, rows: Sequence[Sample]) -> None:
        """Keep measurements; a second one of the same attempt and time is dropped."""

    def is_full(self) -> bool:
        """Whether new work should be refused as the disk is full; cheap to ask.

        It turns false by itself when there is room for the reserve again.
        """

    def has_room(self, size: int) -> bool:
        """Whether a submission of about *size* bytes would fit; never when full."""

    # ── about jobs ────────────────────────────────────────────────────────────────────

    def keys(self, user: str, keys: Sequence[str]) -> Mapping[str, int]:
        """Return {key: job id} for those of *keys* that *user* has used before."""

    def ended(self, ids: Sequence[int]) -> Mapping[int, str]:
        """Return {job id: final state} for those of *ids* that ended."""

    def task_ends(self, ids: Sequence[int]) -> Mapping[int, TaskEnds]:
        """Return what became of the tasks of those of *ids* that are arrays."""

    def revive(self, ids: Sequence[int]) -> Sequence[JobImage]:
        """Return whole images, all task rows included, of those of *ids* there are."""

    def jobs(self, query: JobQuery) -> list[dict[str, Any]]:
        """Return job rows, newest first.

        Shapes:
            {id, spec, user, uid, state, counts {state: n}, waiting [[first, last], …],
            submitted_at, started_at, ended_at, reason}, and for a job without an array what
            is true of its task 0, as in ``tasks`` (attempt is 0 before the first).  The
            array values of a spec are fetched when they are looked at.
        """

    def job_ranges(self, query: JobQuery) -> list[tuple[int, int]]:
        """Return all ids that *query* asks for as ranges (first, last), downwards.

        Its limit bounds the ids, not the ranges: a million ids in order are one range.
        """

    def job_groups(self, query: JobQuery, by: str) -> dict[str, dict[str, int]]:
        """Return {value of *by*: {state: jobs}} of what *query* asks for, largest first.

        Shapes:
            by: one of ``GROUPS``; the query's limit bounds the groups
        """

    def tasks(
        self, job: int, *, states: Sequence[str] = (), after: int = -1,
        limit: int = PAGE_MAX,
    ) -> list[dict[str, Any]]:  # fmt: skip
        """Return tasks of *job* with index > *after*, in order; never-placed ones too.

        Shapes:
            {task, state, attempt, reason, failures, troubles, not_before, started_at,
            ended_at, exit_code, signal} and, of the latest attempt, {node, grants,
            placed_at, usage, killing}: None, () and {} before the first attempt
        """

    def attempts(
        self, job: int, task: int | None = None, *, limit: int = PAGE_MAX
    ) -> list[dict[str, Any]]:
        """Return the attempts of a job or of one task, by task, then by number.

        Shapes:
            {task, n, node, alloc, grants, placed_at, started_at, ended_at, exit_code,
            signal, reason, usage, killing}
        """

    def history(
        self, *, job: int | None = None, task: int | None = None, after: int = 0,
        limit: int = PAGE_MAX,
    ) -> list[dict[str, Any]]:  # fmt: skip
        """Return history lines with sequence number > *after*, in order.

        With *task*, also the lines about its whole job.

        Shapes:
            {seq, at, job, task, attempt, move, before, after, reason, source}
        """

    def audit(self, query: AuditQuery) -> list[dict[str, Any]]:
        """Return lines of the audit log, the newest first.

        Shapes:
            {id, at, user, role, origin, action, subject, why, refused}
        """

    def series(self, job: int, task: int, attempt: int) -> list[dict[str, Any]]:
        """Return the measurements of one attempt, in order.

        Shapes:
            {at, cpu_ms, rss, read_bytes, written_bytes, processes}
        """

    def usage(self, query: UsageQuery) -> Portion:
        """Return what one portion of the attempts that ended used, added up."""

    def trees(self, user: str) -> list[StoredTree]:
        """Return the stored trees of all jobs of *user*: inputs and outputs."""

    # ── about itself ──────────────────────────────────────────────────────────────────

    def add_token(self, digest: str, token: Token) -> None:
        """Let the token whose hash is *digest* stand for what *token* says."""

    def token(self, digest: str) -> Token | None:
        """Return whom the token with this hash stands for, expired or not."""

    def tokens(self) -> Mapping[str, Token]:
        """Return {hash: token} of all there are, the oldest first."""

    def use_token(self, digest: str) -> bool:
        """Use a token once; return whether it could still be used."""

    def drop_token(self, digest: str) -> None:
        """Let a token, and those made from it, stand for nobody any more."""

    def server_id(self) -> str:
        """Return the name this store was given when it was made; it never changes."""

    def backup(self, path: Path) -> None:
        """Write a copy, whole and of one instant, to *path* while others write.

        Raises:
            rota.core.errors.Refused: *path* exists and is left alone, or has no folder.
        """

    def check(self) -> list[str]:
        """Return all that is wrong with what is stored, a sentence each; slow."""

    def close(self) -> None:
        """Let go of the files; safe to call twice."""
