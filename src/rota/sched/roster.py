"""The lines, kept from round to round, like shapes together and sooner ones first.

    (shape, queue)  ──→  its lines in the order of their heads
         50         ×            200         a machine that is full is asked 50 times

What a round may ask of all lines it asks of the shapes.  The order inside a shape is looked
at anew every ``Policy.review_ms``; in between only lines whose head changed are moved.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from heapq import heapify, heappop, heappush

from rota.core.resources import Mode, Request
from rota.sched.eligible import sort_of
from rota.sched.problem import Line

Key = tuple[int, float, int, int]
"""(group, score, since, job): smaller is sooner."""

Shape = tuple[Request, tuple[Request, ...], str]
"""What lines of one group share: request, gang, queue."""


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


def _size(request: Request) -> tuple[int, int, int] | None:
    if request.mode is not Mode.BY_CORE_1 or request.exclusive:
        return None
    if request.resources or request.licences:
        return None
    return (request.cores, request.memory, request.gpus)


class Roster:
    """See the head of the file; a line is known by the number that ``put`` returns."""

    def __init__(self, lines: Iterable[Line] = ()) -> None:
        self.groups: dict[Shape, Group] = {}
        self._lines: dict[int, Line] = {}
        self._group_of: dict[int, Group] = {}
        self._fresh: set[int] = set()
        self._of_user: dict[str, dict[int, int]] = {}
        self._next = 0
        self._review_at: int | None = None
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
        """Put lines that changed in their places; now and then all of them.

        Args:
            key: where the head of a line stands; None: no job stands in it
        """
        if self._review_at is None or at >= self._review_at:
            self._review_at = at + review_ms
            self._fresh.update(self._lines)
            for group in self.groups.values():
                group.keys.clear()
                group.heap.clear()
        if not self._fresh:
            return
        touched: dict[int, Group] = {}
        many = len(self._fresh) > 64
        for number in self._fresh:
            line, group = self._lines[number], self._group_of[number]
            self._place(number, line, group, key(number, line), sort=not many)
            touched[id(group)] = group
        self._fresh.clear()
        if many:
            for group in touched.values():
                heapify(group.heap)

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
