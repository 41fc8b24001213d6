"""The heads of all lines in one order, and each line's next when its head has started.

    block     before everybody, one job of a user at a time
    urgent    overtaken by more than the policy allows, or tired of waiting: by submission
    the rest  by the policy's score; among one user's own jobs their priority decides

Lines are lazy: a line whose head stays is left alone, whatever stands behind it.
"""

from __future__ import annotations

from collections.abc import Iterator
from heapq import heapify, heappop, heappush

from rota.core.resources import Request
from rota.sched.expected import PRIOR, Estimate
from rota.sched.limits import width
from rota.sched.problem import Line, Snapshot, Waiting

NO_LIMIT_MS = 7 * 86_400_000
"""What a job that names no limit counts as in orders that ask for one."""

BLOCK = 1000
"""The priority of those who want the next free machine; the word ``block``."""

Key = tuple[int, float, int, int]


class Head:
    """The first job of a line that has not started in this round.

    Attributes:
        left:  how many of its tasks still want to start
        stays: set by the room when not all of them could
    """

    __slots__ = (
        "cores",
        "index",
        "job",
        "key",
        "left",
        "limit_ms",
        "line",
        "place",
        "stays",
    )

    def __init__(self, index: int, place: int, line: Line) -> None:
        self.index, self.place, self.line = index, place, line
        self.job: Waiting = line.jobs[place]
        self.cores = width(line.request) + sum(width(part) for part in line.gang)
        self.limit_ms = longest(line) or NO_LIMIT_MS
        self.left = self.job.tasks
        self.stays = False
        self.key: Key = (1, 0.0, 0, 0)

    @property
    def since(self) -> int:
        """When it was submitted."""
        return self.job.since

    @property
    def queue(self) -> str:
        """The name of its queue."""
        return self.line.queue


def longest(line: Line) -> int | None:
    """Return the time limit of a line's jobs; of a gang's the longest; None: unlimited."""
    limits = [request.time_ms for request in parts(line)]
    return None if None in limits else max(limit for limit in limits if limit)


def parts(line: Line) -> tuple[Request, ...]:
    """Return what starts together: one request, or all those of a gang."""
    return (line.request, *line.gang)


class Lineup:
    """See the head of the file; iterate to walk along it."""

    def __init__(self, snapshot: Snapshot, cores: int) -> None:
        self._snapshot = snapshot
        self._cores = cores
        self._blocking: set[str] = set()
        self._heads: dict[int, Head] = {}
        self._of_user: dict[str, set[int]] = {}
        for index, line in enumerate(snapshot.lines):
            if line.jobs:
                self._put(Head(index, 0, line))

    def __iter__(self) -> Iterator[Head]:
        heap = [(head.key, index) for index, head in self._heads.items()]
        heapify(heap)
        while heap:
            key, index = heappop(heap)
            found = self._heads.get(index)
            if found is None or found.key != key:
                continue
            head = self._own_first(found)
            if head is not found:
                heappush(heap, (key, index))
            yield head
            after = self._advance(head)
            if after is not None:
                heappush(heap, (after.key, after.index))

    def key(self, head: Head) -> Key:
        """Return where *head* stands; smaller is sooner."""
        job, policy, at = head.job, self._snapshot.policy, self._snapshot.at
        since, number = job.since, job.job
        if job.priority >= BLOCK and head.line.user not in self._blocking:
            return (-1, 0.0, since, number)
        if self._is_urgent(head):
            return (0, 0.0, since, number)
        if policy.by_priority:
            return (1, -float(job.priority), since, number)
        if policy.order is not None:
            return (1, policy.order.score(head, at), since, number)
        return (1, self._score(head), since, number)

    def _is_urgent(self, head: Head) -> bool:
        snapshot = self._snapshot
        policy, waited = snapshot.policy, snapshot.at - head.job.since
        if policy.patience_ms is not None and waited > policy.patience_ms:
            return True
        if policy.bound is None or snapshot.overtaken is None:
            return False
        over = snapshot.overtaken.of(head.job.job)
        return not policy.bound.allows(over, waited_ms=waited, cores=self._cores)

    def _score(self, head: Head) -> float:
        snapshot, line = self._snapshot, head.line
        weights = snapshot.policy.weights
        guess = line.expected or Estimate(head.limit_ms * PRIOR, head.limit_ms * PRIOR)
        rule = snapshot.queues.get(line.queue)
        return (
            weights.score(cores=head.cores, expected=guess)
            + weights.share * snapshot.shares.get(line.user, 0.0)
            + (rule.weight if rule else 0.0)
        )

    def _put(self, head: Head) -> None:
        head.key = self.key(head)
        if head.key[0] == -1:
            self._blocking.add(head.line.user)
        self._heads[head.index] = head
        self._of_user.setdefault(head.line.user, set()).add(head.index)

    def _own_first(self, head: Head) -> Head:
        """Return the user's own most important job: it takes the turn of *head*."""
        if self._snapshot.policy.order is not None or head.key[0] != 1:
            return head
        mine = self._of_user[head.line.user]
        if len(mine) == 1:
            return head
        best = max(self._heads[index].job.priority for index in mine)
        if best == head.job.priority:
            return head
        rivals = [h for i in mine if (h := self._heads[i]).job.priority == best]
        return min(rivals, key=lambda rival: rival.key)

    def _advance(self, head: Head) -> Head | None:
        """Forget *head*; return the next of its line, unless the line has to stay."""
        del self._heads[head.index]
        self._of_user[head.line.user].discard(head.index)
        place = head.place + 1
        if head.stays or place >= len(head.line.jobs):
            return None
        self._put(Head(head.index, place, head.line))
        return self._heads[head.index]
