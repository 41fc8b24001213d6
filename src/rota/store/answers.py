"""What stores answer alike: each question in one transaction that reads.

    jobs, tasks, history …  ──▶  _reading()  ──▶  one committed instant
                                 the store's own: where from, and what its errors mean

The SQL behind it is that of ``queries``, ``find``, ``tasks`` and ``images``.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any

from rota.engine.records import Image, JobImage, TaskEnds
from rota.store import accounting, counterparts, find, images, queries
from rota.store import statements as sql
from rota.store.contract import (
    PAGE_MAX,
    AuditQuery,
    JobQuery,
    Portion,
    StoredTree,
    Token,
    UsageQuery,
)
from rota.store.database import Database
from rota.store.tasks import Page, tasks
from rota.store.values import Source, Values, content


class Answers(ABC):
    """See the head of the file, and ``contract.Store`` for what each method promises."""

    def __init__(self) -> None:
        """Begin with nothing kept of what was read."""
        self._values = Values(self._content, lazy=True)

    @abstractmethod
    def _reading(self) -> AbstractContextManager[Database]:
        """A reader's transaction: one committed instant, whatever is written meanwhile."""

    def load(self) -> Image:
        """Return what a new server starts from."""
        with self._reading() as db:
            return images.load(db)

    def _content(self, digest: bytes) -> str:
        with self._reading() as db:
            return content(db, digest)

    def keys(self, user: str, keys: Sequence[str]) -> Mapping[str, int]:
        """Return {key: job id} for those of *keys* that *user* has used before."""
        found: dict[str, int] = {}
        with self._reading() as db:
            for holes, some in sql.portions(keys):
                query = (
                    "SELECT job_key, id FROM job WHERE owner = ? AND job_key IS NOT NULL "
                    f"AND job_key IN ({holes})"
                )
                found.update(db.execute(query, (user, *some)))
        return found

    def ended(self, ids: Sequence[int]) -> Mapping[int, str]:
        """Return {job id: final state} for those of *ids* that ended."""
        found: dict[int, str] = {}
        with self._reading() as db:
            for holes, some in sql.portions(ids):
                rows = db.execute(f"SELECT id, state FROM job WHERE id IN ({holes})", some)
                found.update(row for row in rows if row[1] in images.FINAL_STATES)
        return found

    def task_ends(self, ids: Sequence[int]) -> Mapping[int, TaskEnds]:
        """Return what became of the tasks of those of *ids* that are arrays."""
        with self._reading() as db:
            return counterparts.task_ends(Source(db, self._values), ids)

    def revive(self, ids: Sequence[int]) -> Sequence[JobImage]:
        """Return whole images, all task rows included, of those of *ids* there are."""
        with self._reading() as db:
            return images.revive(db, ids)

    def trees(self, user: str) -> list[StoredTree]:
        """Return the stored trees of all jobs of *user*: inputs and outputs."""
        with self._reading() as db:
            return list(queries.trees(db, user))

    def jobs(self, query: JobQuery) -> list[dict[str, Any]]:
        """Return job rows, newest first."""
        with self._reading() as db:
            return queries.jobs(Source(db, self._values), query)

    def job_ranges(self, query: JobQuery) -> list[tuple[int, int]]:
        """Return all ids that *query* asks for as ranges, downwards."""
        with self._reading() as db:
            return find.job_ranges(db, query)

    def job_groups(self, query: JobQuery, by: str) -> dict[str, dict[str, int]]:
        """Return {value of *by*: {state: jobs}}, largest first."""
        with self._reading() as db:
            return find.job_groups(db, query, by=by)

    def tasks(
        self, job: int, *, states: Sequence[str] = (), after: int = -1,
        limit: int = PAGE_MAX,
    ) -> list[dict[str, Any]]:  # fmt: skip
        """Return tasks of *job* with index > *after*, in order; never-placed ones too."""
        with self._reading() as db:
            page = Page(job, frozenset(states), after, limit)
            return tasks(Source(db, self._values), page)

    def attempts(
        self, job: int, task: int | None = None, *, limit: int = PAGE_MAX
    ) -> list[dict[str, Any]]:
        """Return the attempts of a job or of one task, by task, then by number."""
        with self._reading() as db:
            return queries.attempts(
                Source(db, self._values), job=job, task=task, limit=limit
            )

    def history(
        self, *, job: int | None = None, task: int | None = None, after: int = 0,
        limit: int = PAGE_MAX,
    ) -> list[dict[str, Any]]:  # fmt: skip
        """Return history lines with sequence number > *after*, in order."""
        with self._reading() as db:
            return queries.history(db, job=job, task=task, after=after, limit=limit)

    def audit(self, query: AuditQuery) -> list[dict[str, Any]]:
        """Return lines of the audit log, the newest first."""
        with self._reading() as db:
            return queries.audit(db, query)

    def series(self, job: int, task: int, attempt: int) -> list[dict[str, Any]]:
        """Return the measurements of one attempt, in order."""
        with self._reading() as db:
            return queries.series(db, job=job, task=task, attempt=attempt)

    def usage(self, query: UsageQuery) -> Portion:
        """Return what one portion of the attempts that ended used, added up."""
        with self._reading() as db:
            return accounting.usage(Source(db, self._values), query)

    # ── about itself ──────────────────────────────────────────────────────────────────

    def token(self, digest: str) -> Token | None:
        """Return whom the token with this hash stands for, expired or not."""
        with self._reading() as db:
            return queries.tokens(db, digest).get(digest)

    def tokens(self) -> Mapping[str, Token]:
        """Return {hash: token} of all there are, the oldest first."""
        with self._reading() as db:
            return queries.tokens(db)

    def server_id(self) -> str:
        """Return the name this store was given when it was made; it never changes."""
        with self._reading() as db:
            return str(db.execute("SELECT server_id FROM meta").fetchone()[0])
