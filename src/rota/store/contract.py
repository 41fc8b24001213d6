"""What a store must do: remember batches, and answer for what the mind has let go.

    open ──→ load() ──→ commit(batch), commit(batch) …          one writer, the leader
                 └────→ jobs(), job(), tasks(), history() …     readers, any number

A commit returns when its rows are on disk (G01).  Rows are those of ``engine.records``;
what a read returns are plain dicts, as the API shows them where names agree.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from rota.engine.records import Image, JobImage, Record


class StoreFull(Exception):
    """The disk has no room: nothing of the batch was written; it may be tried again."""


@dataclass(frozen=True, slots=True)
class JobQuery:
    """Which jobs: every condition that is given must hold.

    Shapes:
        states: job states;  names: shell globs;  live: only those not in a final state
        before: job ids below it (the cursor: newest first)
        failed: jobs that failed or have failed tasks
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
    before: int | None = None
    limit: int = 100


class Store(Protocol):
    """See the head of the file.  Methods block; the server calls them in threads."""

    def load(self) -> Image:
        """Return what a new server starts from."""

    def commit(self, batch: Sequence[Record]) -> int:
        """Write *batch* as one durable transaction; return the last history number.

        Raises:
            StoreFull: no room; nothing was written.
        """

    def keys(self, user: str, keys: Sequence[str]) -> Mapping[str, int]:
        """Return {key: job id} for those of *keys* that *user* has used before."""

    def ended(self, ids: Sequence[int]) -> Mapping[int, str]:
        """Return {job id: final state} for those of *ids* that ended."""

    def revive(self, ids: Sequence[int]) -> Sequence[JobImage]:
        """Return whole images, all task rows included, of jobs that ended."""

    def jobs(self, query: JobQuery) -> list[dict[str, Any]]:
        """Return job rows, newest first."""

    def tasks(
        self, job: int, *, states: Sequence[str], after: int, limit: int
    ) -> list[dict[str, Any]]:
        """Return task rows of *job* with index > *after*, in order."""

    def attempts(self, job: int, task: int | None) -> list[dict[str, Any]]:
        """Return the attempts of a job or of one task, in order."""

    def history(
        self, *, job: int | None, task: int | None, after: int, limit: int
    ) -> list[dict[str, Any]]:
        """Return history lines with sequence number > *after*, in order."""

    def save_samples(self, rows: Sequence[tuple[Any, ...]]) -> None:
        """Keep samples: (job, task, attempt, at, cpu_ms, rss, read, written, procs)."""

    def series(self, job: int, task: int, attempt: int) -> list[dict[str, Any]]:
        """Return the samples of one attempt, in order."""

    def close(self) -> None:
        """Let go of the files; safe to call twice."""
