"""What people see of jobs that are not theirs, by role, by the operator's file, by share.

is listed                       everybody's; with visible: {jobs: own} one's own, shared
                                ones and, for an operator, all: the rest is not there
output, files, environment      one's own; whom the job's key ``share`` names; an
                                administrator's all; with visible: {output: all} all
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from rota.core.account import User
from rota.core.errors import NotAllowed
from rota.core.job import JobSpec
from rota.sched.rules import Rules
from rota.store.contract import PAGE_MAX, JobQuery

if TYPE_CHECKING:
    from rota.server.parts import Parts

KNOWN_MAX = 50_000
NOTHING = JobQuery(ids=[], limit=1)

Row = Mapping[str, Any]


def sees_all(rules: Rules, user: User) -> bool:
    """Whether no job is hidden from *user*."""
    return user.is_operator or not rules.hides_jobs


def may_list(rules: Rules, user: User, *, owner: str, spec: JobSpec) -> bool:
    """Whether *user* sees that there is this job of *owner*."""
    return sees_all(rules, user) or user.may_read(owner, spec.share)


def may_read(rules: Rules, user: User, job: Row) -> bool:
    """Whether *user* sees output, files and environment of the job in row *job*."""
    return rules.shows_output or user.may_read(job["user"], job["spec"].share)


def check_read(rules: Rules, user: User, job: Row, *, what: str) -> None:
    """Refuse *user* a look at *what*, "output" or "files", of *job*.

    Raises:
        NotAllowed: it is neither theirs nor shared with them.
    """
    if not may_read(rules, user, job):
        raise NotAllowed(
            f"the {what} of job {job['id']} belongs to {job['user']}, who can let you see "
            f"it: submit --share {user.name}"
        )


def check_enter(user: User, job: Row, *, what: str) -> None:
    """Refuse *user* to reach into *job*: its input, its folder.

    Raises:
        NotAllowed: it is somebody else's.
    """
    if not user.may_enter(job["user"]):
        raise NotAllowed(f"the {what} of job {job['id']} belongs to {job['user']}")


def seen_users(rules: Rules, user: User, names: Iterable[str]) -> list[str]:
    """Return those of *names* of whom *user* sees what they have here."""
    return [name for name in names if sees_all(rules, user) or name == user.name]


class Sight:
    """What one user sees of the jobs of a stream; whose a job is, is asked once.

    Shapes:
        listed:  ids of those there are for this user
        read:    ids of those of which even the output is
    """

    def __init__(self, parts: Parts, user: User) -> None:
        self._parts, self._user = parts, user
        self._known: dict[int, tuple[str, tuple[str, ...]]] = {}

    async def of(self, jobs: Iterable[int]) -> tuple[frozenset[int], frozenset[int]]:
        """Return (listed, read) of *jobs*."""
        wanted = frozenset(jobs)
        if self._user.is_admin:
            return wanted, wanted
        await self._look(wanted)
        rules = self._parts.mind.memory.rules
        known = {job: self._known[job] for job in wanted if job in self._known}
        own = frozenset(job for job, row in known.items() if self._user.may_read(*row))
        return (
            frozenset(known) if sees_all(rules, self._user) else own,
            frozenset(known) if rules.shows_output else own,
        )

    async def _look(self, jobs: frozenset[int]) -> None:
        if len(self._known) > KNOWN_MAX:
            self._known.clear()
        live = self._parts.mind.memory.jobs
        gone = []
        for job in jobs - self._known.keys():
            if job in live:
                self._known[job] = live[job].user.name, live[job].spec.share
            else:
                gone.append(job)
        for start in range(0, len(gone), PAGE_MAX):
            page = gone[start : start + PAGE_MAX]
            query = JobQuery(ids=page, limit=len(page))
            for row in await self._parts.read(self._parts.store.jobs, query):
                self._known[row["id"]] = row["user"], row["spec"].share


def narrowed(rules: Rules, user: User, query: JobQuery) -> JobQuery:
    """Return what *user* gets to see of what *query* asks for."""
    if sees_all(rules, user):
        return query
    if query.users and user.name not in query.users:
        return NOTHING
    return replace(query, users=[user.name])
