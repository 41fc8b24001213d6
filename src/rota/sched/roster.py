"""The lines, kept from round to round, like shapes together and sooner ones first.

    (shape, queue)  ──→  its lines in the order of their heads
         50         ×            200         a machine that is full is asked 50 times

What a round may ask of all lines it asks of the shapes.  Scores change although no line
does (shares, work that overtook).  So each place is looked at anew within a given time: of
a few lines all in every round, of many so many a round that none is left out; and at once
that of a line whose head changed.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from heapq import heapify, heappop, heappush

from rota.core.resources import Mode, Request
from rota.sched.eligible import sort_of
from rota.sched.problem import Line

Key = tuple[int, float, int, int]
"""(group, score, since, job): smaller is sooner."""

Shape = tuple[Request, tuple[Request, ...], str]
"""What lines of one group share: request, gang, queue."""

FEW = 64
"""So many lines are all looked at in every round."""


class Group:
    """Lines of one shape in one queue, as a heap of (key, line number).

    Attributes:
        requests: what starts together: one request, or all those of a gang
        size:     (cores, memory, gpus) of one node, if that is all that is asked for
        sort:     what sort of node is asked for
    """

    __slots__ = (
        "count", "gang", "heap", "keys", "queue", "request", "requests", "size", "sort"
    )  # fmt: skip

    def __init__(self, shape: Shape) -> None:
        self.request, self.gang, self.queue = shape
        self.requests: tuple[Request, ...] = (self.request, *self.gang)
        self.size = _size(self.request) if not self.gang else None
        self.sort = sort_of(self.request)
        self.count = 0
        self.keys: dict[int, Key] = {}
        self.heap: list[tuple[Key, int]] = []

    def top(self) -> tuple[Key, int] | None:
        """Return the soonest line with its key, or None."""
        heap, keys = self.heap, self.keys
        while heap and keys.get(heap[0][1]) != heap[0][0]:
            heappop(heap)
        return heap[0] if heap else None

    def tidy(self) -> None:
        """Let go of what stands in the heap and is no longer true, if it is much."""
        if len(self.heap) > 2 * len(self.keys) + FEW:
            self.heap = [(key, number) for number, key in self.keys.items()]
            heapify(self.heap)


def _size(request: Request) -> tuple[int, int, int] | None:
    if request.mode is not Mode.BY_CORE_1 or request.exclusive:
        return None
    if request.resources or request.licences:
        return None
    return (request.cores, request.memory, request.gpus)


class Roster:
    """See the head of the file; a line is known by the number that ``put`` returns.

    Args:
        renew: makes the line of a number anew whenever its place is looked at
    """

    def __init__(
        self, lines: Iterable[Line] = (), *, renew: Callable[[int], Line] | None = None
    ) -> None:
        self._renew = renew
        self.groups: dict[Shape, Group] = {}
        self._lines: dict[int, Line] = {}
        self._group_of: dict[int, Group] = {}
        self._fresh: set[int] = set()
        self._of_user: dict[str, dict[int, int]] = {}
        self._next = 0
        self._turns: deque[int] = deque()
        self._reviewed_at: int | None = None
        for line in lines:
            self.put(line)

    def __len__(self) -> int:
        return len(self._lines)

    def __bool__(self) -> bool:
        return bool(self._lines)

    def __iter__(self) -> Iterator[Line]:
        return iter(self._lines.values())

    def __getitem__(self, number: int) -> Line:
        return self._lines[number]

    def __contains__(self, number: object) -> bool:
        return number in self._lines

    def numbers(self) -> Iterable[int]:
        """Return the numbers of all lines."""
        return self._lines.keys()

    def put(self, line: Line) -> int:
        """Let *line* stand in the roster; return its number."""
        number = self._next
        self._next += 1
        shape = (line.request, line.gang, line.queue)
        self._lines[number] = line
        group = self.groups.get(shape)
        if group is None:
            group = self.groups[shape] = Group(shape)
        group.count += 1
        self._group_of[number] = group
        self._fresh.add(number)
        self._turns.append(number)
        return number

    def drop(self, number: int) -> None:
        """Take the line of that *number* out."""
        line, group = self._lines.pop(number), self._group_of.pop(number)
        group.keys.pop(number, None)
        mine = self._of_user.get(line.user)
        if mine is not None:
            mine.pop(number, None)
            if not mine:
                del self._of_user[line.user]
        self._fresh.discard(number)
        group.count -= 1
        if not group.count:
            del self.groups[(group.request, group.gang, group.queue)]

    def touch(self, number: int) -> None:
        """Take note that the head of a line is another one now."""
        self._fresh.add(number)

    def review(
        self, at: int, review_ms: int, key: Callable[[int, Line], Key | None]
    ) -> None:
        """Put lines that changed in their places, and those whose turn it is.

        Args:
            review_ms: within so long each place is looked at anew
            key: where the head of a line stands; None: no job stands in it
        """
        self._take_turns(at, review_ms)
        if not self._fresh:
            return
        touched: dict[int, Group] = {}
        many = len(self._fresh) > 64
        for number in self._fresh:
            line, group = self._lines[number], self._group_of[number]
            if self._renew is not None:
                line = self._lines[number] = self._renew(number)
            self._place(number, line, group, key(number, line), sort=not many)
            touched[id(group)] = group
        self._fresh.clear()
        if many:
            for group in touched.values():
                heapify(group.heap)
        for group in touched.values():
            group.tidy()

    def review_all(self) -> None:
        """See that every place is looked at in the next round: the rules are others."""
        self._reviewed_at = None

    def _take_turns(self, at: int, review_ms: int) -> None:
        lines, before = len(self._lines), self._reviewed_at
        if before is None or lines <= FEW or at - before >= review_ms:
            self._reviewed_at = at
            self._fresh.update(self._lines)
            return
        due = -(-lines * (at - before) // review_ms)
        self._reviewed_at = at
        turns = self._turns
        # Numbers of lines that are gone are let go when it would be their turn.
        for _ in range(min(due, len(turns))):
            number = turns.popleft()
            if number in self._lines:
                self._fresh.add(number)
                turns.append(number)

    def priorities(self, user: str) -> dict[int, int]:
        """Return {number of a line of *user*: the priority of its head}."""
        return self._of_user.get(user, {})

    def group_of(self, number: int) -> Group:
        """Return the group that the line stands in."""
        return self._group_of[number]

    def _place(
        self, number: int, line: Line, group: Group, key: Key | None, *, sort: bool
    ) -> None:
        mine = self._of_user.setdefault(line.user, {})
        if key is None:
            group.keys.pop(number, None)
            mine.pop(number, None)
            return
        mine[number] = line.jobs[0].priority
        if group.keys.get(number) == key:
            return
        group.keys[number] = key
        if sort:
            heappush(group.heap, (key, number))
        else:
            group.heap.append((key, number))
