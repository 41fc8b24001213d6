"""What users may have at a time, in a replay: jobs and cores, counted as rounds do.

walk ──→ Rationed ──┬─ within the limits ──→ the pool of cores
                    ╰─ beyond them: it stays, and nobody keeps a place for it
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from rota.core.errors import Refused
from rota.sched.limits import Limit
from rota.sim.pool import Pool, Profile
from rota.sim.queue import SimJob
from rota.sim.workload import TraceJob


class Allowance:
    """The limits that a trace can be replayed under, and what is used of them.

    Raises:
        Refused: a limit about what no trace tells: accounts, queues, memory, licences …
    """

    def __init__(self, limits: Sequence[Limit]) -> None:
        self._limits = [limit for limit in limits if _is_known(limit)]
        self._cores: Counter[str] = Counter()
        self._jobs: Counter[str] = Counter()

    def __len__(self) -> int:
        return len(self._limits)

    def check(self, jobs: Iterable[TraceJob]) -> None:
        """Refuse *jobs* one of which is wider than its user may ever be."""
        for job in jobs if self._limits else ():
            if not self._lets(job.user, job.cores, alone=True):
                raise Refused(
                    f"job {job.id} of user {job.user} asks for {job.cores} cores, more than"
                    " its limit: it would wait for ever"
                )

    def around(self, room: Pool | Profile) -> Pool | Profile | Rationed:
        """Return *room* as one that starts nobody beyond a limit."""
        return Rationed(room, self) if self._limits else room

    def lets(self, job: SimJob) -> bool:
        """Say whether *job* may start beside what its user has."""
        return self._lets(job.user, job.cores)

    def started(self, job: SimJob) -> None:
        """Count *job* in."""
        self._cores[job.user] += job.cores
        self._jobs[job.user] += 1

    def ended(self, job: SimJob) -> None:
        """Count *job* out."""
        if self._limits:
            self._cores[job.user] -= job.cores
            self._jobs[job.user] -= 1

    def _lets(self, user: str, cores: int, *, alone: bool = False) -> bool:
        has = (0, 0) if alone else (self._cores[user], self._jobs[user])
        return all(
            (limit.cores is None or has[0] + cores <= limit.cores)
            and (limit.jobs is None or has[1] + 1 <= limit.jobs)
            for limit in self._limits
            if limit.name in (user, "*")
        )


class Rationed:
    """A room that starts nobody beyond a limit; see the head of the file."""

    def __init__(self, room: Pool | Profile, allowance: Allowance) -> None:
        self._room, self._allowance = room, allowance

    def start(self, job: SimJob) -> bool:
        """Start *job* if it may and fits; who may not counts as served."""
        if not self._allowance.lets(job):
            return True
        started = self._room.start(job)
        if started:
            self._allowance.started(job)
        return started

    def promise(self, job: SimJob) -> None:
        """Promise *job* the earliest start."""
        self._room.promise(job)


def _is_known(limit: Limit) -> bool:
    strange = limit.memory, limit.gpus, limit.licences or None, limit.starts, limit.queued
    if limit.kind != "user" or any(value is not None for value in strange):
        raise Refused(
            f"a trace tells no {limit.kind}s, memory or licences: of limits, only jobs and"
            " cores of users can be replayed; leave the others out"
            if limit.kind != "user"
            else f"of the limits of user {limit.name}, only jobs and cores can be replayed"
        )
    return True
