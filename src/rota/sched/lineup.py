"""The heads of all lines in one order, and each line's next when its head has started.

    expected  others were stopped for it: the room is its own
    block     before everybody else, one job of a user at a time, or as limits allow
    urgent    overtaken by more than the policy allows, or tired of waiting: by submission
    the rest  by the policy's score, sooner the more they were overtaken; among one user's
              own jobs their priority decides

Lines are lazy: a line whose head stays is left alone, whatever stands behind it, and so
are all lines that ask for the same: what has no place for one has none for the others.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from heapq import heapify, heappop, heappush
from math import inf

from rota.core.resources import Request
from rota.sched.expected import PRIOR, UNLIMITED_MS, Estimate
from rota.sched.limits import BLOCK, blocking, width
from rota.sched.problem import Line, Snapshot, Waiting
from rota.sched.roster import Group, Key, Roster
from rota.sched.shares import leaf

REVIEW_MS = 30_000
"""A server looks at the place of each line at least so often."""


class Head:
    """The first job of a line that has not started in this round.

    Attributes:
        left: how many of its tasks still want to start; what is left after its turn stays
        full: set by the room: there is no place, so none for others of its shape
    """

    __slots__ = (
        "cores", "full", "group", "index", "job", "key", "left", "limit_ms", "line", "place"
    )  # fmt: skip

    def __init__(self, index: int, place: int, *, line: Line, group: Group) -> None:
        self.index, self.place, self.line, self.group = index, place, line, group
        self.job: Waiting = line.jobs[place]
        self.cores = width(line.request)
        if line.gang:
            self.cores += sum(width(part) for part in line.gang)
        self.limit_ms = longest(line) or UNLIMITED_MS
        self.left = self.job.tasks
        self.full = False
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
    if not line.gang:
        return line.request.time_ms
    limits = [request.time_ms for request in parts(line)]
    return None if None in limits else max(limit for limit in limits if limit)


def parts(line: Line) -> tuple[Request, ...]:
    """Return what starts together: one request, or all those of a gang."""
    return (line.request, *line.gang)


class Lineup:
    """See the head of the file; iterate to walk along it, the roster stays as it is.

    Args:
        hopeless: whether nobody of a group has a place now
        every: walk on behind a head that stays: each job wants a promise of its own

    Attributes:
        done:   numbers of the lines that have nothing left to start
        stayed: {number of a line: its first head that stays}, of those that had a turn
    """

    def __init__(
        self,
        snapshot: Snapshot,
        roster: Roster,
        *,
        cores: int,
        hopeless: Callable[[Group], bool],
        every: bool = False,
    ) -> None:
        self.roster = roster
        self._hopeless = hopeless
        self.done: set[int] = set()
        self.stayed: dict[int, Head] = {}
        self._snapshot = snapshot
        self._cores = cores
        self._every = every
        self._order = snapshot.policy.order
        overtaken = snapshot.overtaken
        self._longest = overtaken.longest(snapshot.at) if overtaken else 0.0
        self._blocking: Counter[str] = Counter()
        self._turned: set[int] = set()
        self._waits: set[str] = set()
        self._resorting = False
        self._walks: dict[Group, list[tuple[Key, int]]] = {}
        self._behind: dict[int, Head] = {}
        moves = self._order is not None and self._order.moves
        # Who goes first of a user's blocking jobs must not depend on how lines are kept.
        roster.review(
            snapshot.at,
            0 if moves else min(REVIEW_MS, snapshot.policy.review_ms),
            self._first_key,
        )

    def __iter__(self) -> Iterator[Head]:
        groups = list(self.roster.groups.values())
        tops = [(top[0], at) for at, group in enumerate(groups) if (top := group.top())]
        heapify(tops)
        while tops:
            key, at = heappop(tops)
            group = groups[at]
            if group.queue in self._waits and not self._every and self._hopeless(group):
                continue  # Nobody in it can start, and its queue has its promise.
            found = self._next_of(group, key)
            if found is not None:
                yield from self._turn(found, group)
                if self._resorting:
                    yield from self._resorted()
                    return
            walk = self._walk(group)
            if walk:
                heappush(tops, (walk[0][0], at))

    def _turn(self, found: Head, group: Group) -> Iterator[Head]:
        """Yield *found*, or whoever takes its turn, and see what is next in its line."""
        if found.key[:2] == (-1, 0.0) and not self._may_block(found):
            self._put_back(group, found)
            return
        head = self._own_first(found)
        if head is not found:
            # They change places: ann's turns are not more for having a favourite.
            found.key, head.key = head.key, found.key
            heappush(self._walk(group), (found.key, found.index))
            self._behind[found.index] = found
        yield head
        self._after(head)
        if head.left:
            self._waits.add(head.line.queue)
            resort = self._snapshot.policy.resort
            self._resorting = resort is not None and resort is not self._order
        if head.full and not self._every:
            self._walks[head.group] = []

    def key(self, head: Head) -> Key:
        """Return where *head* stands; smaller is sooner."""
        job, policy, at = head.job, self._snapshot.policy, self._snapshot.at
        since, number = job.since, job.job
        if number in self._snapshot.expected:
            return (-1, -1.0, since, number)
        if job.priority >= BLOCK and self._may_block(head):
            return (-1, 0.0, since, number)
        sooner = self._sooner(head)
        if sooner == inf:
            return (0, 0.0, since, number)
        if policy.by_priority:
            return (1, -float(job.priority), since, number)
        if self._order is not None:
            return (1, self._order.score(head, at), since, number)
        return (1, self._score(head) - sooner, since, number)

    def _may_block(self, head: Head) -> bool:
        """Whether one more of its user comes before everybody, and its time is not up."""
        line, snapshot = head.line, self._snapshot
        allowed = blocking(
            snapshot.limits, user=line.user, account=line.account, queue=line.queue
        )
        waited_ms = snapshot.at - head.since
        in_time = allowed.time_ms is None or waited_ms < allowed.time_ms
        return in_time and self._blocking[line.user] < allowed.most

    def _first_key(self, number: int, line: Line) -> Key | None:
        return self.key(self._head(number, (1, 0.0, 0, 0))) if line.jobs else None

    def _walk(self, group: Group) -> list[tuple[Key, int]]:
        """Return the heap of a group as this round walks along it."""
        walk = self._walks.get(group)
        if walk is None:
            walk = self._walks[group] = group.heap[:]
        return walk

    def _next_of(self, group: Group, key: Key) -> Head | None:
        """Take the head that stands at *key* out of its group, if it still does."""
        walk = self._walk(group)
        if not walk or walk[0][0] != key:
            return None
        number = heappop(walk)[1]
        head = self._behind.pop(number, None)
        if head is not None:
            return head if head.key == key else None
        if number in self._turned or group.keys.get(number) != key:
            return None
        self._turned.add(number)
        return self._head(number, key)

    def _head(self, number: int, key: Key) -> Head:
        head = Head(number, 0, line=self.roster[number], group=self.roster.group_of(number))
        head.key = key
        return head

    def _after(self, head: Head) -> None:
        """Let the next of its line have its turn, if all of *head* started."""
        if head.key[:2] == (-1, 0.0):
            self._blocking[head.line.user] += 1
        if head.left:
            self.stayed.setdefault(head.index, head)
            if not self._every:
                return
        place = head.place + 1
        if place >= len(head.line.jobs):
            if head.index not in self.stayed:
                self.done.add(head.index)
            return
        after = Head(head.index, place, line=head.line, group=head.group)
        after.key = self.key(after)
        self._behind[head.index] = after
        heappush(self._walk(head.group), (after.key, head.index))

    def _put_back(self, group: Group, head: Head) -> None:
        """Let a second blocking job of a user stand where its score puts it."""
        head.key = self.key(head)
        self._behind[head.index] = head
        heappush(self._walk(group), (head.key, head.index))

    def _own_first(self, head: Head) -> Head:
        """Return the user's own most important job: it takes the turn of *head*."""
        if self._snapshot.policy.order is not None or head.key[0] != 1:
            return head
        mine = self.roster.priorities(head.line.user)
        if len(mine) < 2 or len(set(mine.values())) == 1:
            return head
        return self._most_important(head, mine)

    def _most_important(self, head: Head, mine: dict[int, int]) -> Head:
        best, number = (-head.job.priority, head.key), head.index
        for rival in mine:
            if rival in self.stayed or rival in self.done:
                continue
            waits = self._behind.get(rival)
            if waits is None and rival in self._turned:
                continue
            group = self.roster.group_of(rival)
            key = waits.key if waits else group.keys[rival]
            priority = waits.job.priority if waits else mine[rival]
            if (-priority, key) < best:
                best, number = (-priority, key), rival
        if number == head.index:
            return head
        self._turned.add(number)
        return self._behind.pop(number, None) or self._head(number, best[1])

    def _resorted(self) -> Iterator[Head]:
        """Yield all that is left in the order of those who pass the first that stays."""
        self._order = self._snapshot.policy.resort
        heads = [
            self._behind.get(number) or self._head(number, (1, 0.0, 0, 0))
            for number in self.roster.numbers()
            if number not in self.stayed
            and number not in self.done
            and self.roster[number].jobs
        ]
        heap = []
        for head in heads:
            head.key = self.key(head)
            heap.append((head.key, head.index, head))
        heapify(heap)
        while heap:
            head = heappop(heap)[2]
            yield head
            if head.left:
                self.stayed[head.index] = head
            elif head.place + 1 < len(head.line.jobs):
                after = Head(head.index, head.place + 1, line=head.line, group=head.group)
                after.key = self.key(after)
                heappush(heap, (after.key, after.index, after))
            else:
                self.done.add(head.index)

    def _sooner(self, head: Head) -> float:
        """Return how much sooner *head* stands for having waited; infinite: first."""
        snapshot = self._snapshot
        policy, waited = snapshot.policy, snapshot.at - head.job.since
        if policy.patience_ms is not None and waited > policy.patience_ms:
            return inf
        bound, overtaken = policy.bound, snapshot.overtaken
        if bound is None or overtaken is None:
            return 0.0
        return bound.sooner(
            overtaken.of(head.job.job),
            waited_ms=waited,
            longest_ms=self._longest,
            cores=self._cores,
        )

    def _score(self, head: Head) -> float:
        snapshot, line = self._snapshot, head.line
        weights = snapshot.policy.weights
        guess = line.expected or Estimate(head.limit_ms * PRIOR, head.limit_ms * PRIOR)
        rule = snapshot.queues.get(line.queue)
        return (
            weights.score(cores=head.cores, expected=guess)
            + weights.share * snapshot.shares.get(leaf(line.account, line.user), 0.0)
            + (rule.weight if rule else 0.0)
        )
