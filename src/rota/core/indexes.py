"""Sets of array indexes, kept as ranges: a million waiting tasks are one pair of numbers.

    "0-999"  "1,3,5-9"  "0-30:2"          what a user writes (Slurm's and DIRAC's habit)
    [[0, 999]]  [[1, 1], [3, 3], [5, 9]]  what travels and is stored: inclusive pairs

An ``IndexSet`` is a value that its owner changes in place; all operations cost what the
number of ranges costs, never what the number of indexes costs.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence

INDEX_MAX = 1_000_000_000
COUNT_MAX = 10_000_000
RANGES_MAX = 1_000_000
"""A text may ask for so many ranges; each takes memory, however long it is."""

_ZERO = (0,)
_PART = re.compile(r"([0-9]{1,10})(?:-([0-9]{1,10})(?::([0-9]{1,10}))?)?")


class IndexSet:
    """A set of whole numbers ≥ 0, kept as sorted, disjoint, inclusive ranges."""

    __slots__ = ("_count", "_first", "_last")

    def __init__(self, ranges: Iterable[Sequence[int]] = ()) -> None:
        # A million jobs have none or one of their own: lists are made when they change.
        self._first: Sequence[int] = ()
        self._last: Sequence[int] = ()
        self._count = 0
        for low, high in ranges:
            self.add_range(low, high)

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[int]:
        for low, high in zip(self._first, self._last, strict=True):
            yield from range(low, high + 1)

    def __contains__(self, index: int) -> bool:
        at = bisect_right(self._first, index) - 1
        return at >= 0 and index <= self._last[at]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, IndexSet) and self.ranges() == other.ranges()

    __hash__ = None  # type: ignore[assignment]  # it changes in place

    def __repr__(self) -> str:
        return f"IndexSet({self.ranges()})"

    def __str__(self) -> str:
        pairs = zip(self._first, self._last, strict=True)
        return ",".join(str(a) if a == b else f"{a}-{b}" for a, b in pairs)

    @property
    def first(self) -> int:
        """The smallest index; the set must not be empty."""
        return self._first[0]

    def ranges(self) -> list[list[int]]:
        """Return the set as inclusive [first, last] pairs, as it travels and is stored."""
        return [[a, b] for a, b in zip(self._first, self._last, strict=True)]

    def copy(self) -> IndexSet:
        """Return a set of its own with the same indexes."""
        twin = IndexSet()
        # What is no list never changes, and is shared.
        twin._first, twin._last = self._first[:], self._last[:]
        twin._count = self._count
        return twin

    def add(self, index: int) -> None:
        """Put *index* in."""
        self.add_range(index, index)

    def add_range(self, low: int, high: int) -> None:
        """Put all of *low* … *high* (inclusive) in."""
        firsts, lasts = self._own()
        if not lasts or low > lasts[-1] + 1:
            firsts.append(low)
            lasts.append(high)
            self._count += high - low + 1
            return
        # All ranges that overlap or touch [low, high] melt into one.
        start = bisect_right(lasts, low - 2)
        stop = bisect_right(firsts, high + 1)
        if start < stop:
            low, high = min(low, firsts[start]), max(high, lasts[stop - 1])
        before = sum(lasts[i] - firsts[i] + 1 for i in range(start, stop))
        firsts[start:stop] = [low]
        lasts[start:stop] = [high]
        self._count += high - low + 1 - before

    def discard(self, index: int) -> None:
        """Take *index* out, if it is in."""
        self.discard_range(index, index)

    def discard_range(self, low: int, high: int) -> None:
        """Take all of *low* … *high* (inclusive) out, as far as they are in."""
        firsts, lasts = self._own()
        start = bisect_right(lasts, low - 1)
        stop = bisect_right(firsts, high)
        if start >= stop:
            return
        self._count -= sum(lasts[i] - firsts[i] + 1 for i in range(start, stop))
        ends = ((firsts[start], low - 1), (high + 1, lasts[stop - 1]))
        pairs = [(a, b) for a, b in ends if a <= b]
        self._count += sum(b - a + 1 for a, b in pairs)
        firsts[start:stop] = [a for a, _ in pairs]
        lasts[start:stop] = [b for _, b in pairs]

    def within(self, low: int, high: int) -> list[tuple[int, int]]:
        """Return the parts of *low* … *high* (inclusive) that are in, as ranges."""
        firsts, lasts = self._first, self._last
        start = bisect_right(lasts, low - 1)
        stop = bisect_right(firsts, high)
        return [(max(low, firsts[i]), min(high, lasts[i])) for i in range(start, stop)]

    def take(self, count: int) -> list[int]:
        """Take out the *count* smallest indexes, or all if there are fewer; return them."""
        taken: list[int] = []
        firsts, lasts = self._own()
        while firsts and len(taken) < count:
            low, high = firsts[0], lasts[0]
            stop = min(high, low + count - len(taken) - 1)
            taken.extend(range(low, stop + 1))
            if stop == high:
                del firsts[0], lasts[0]
            else:
                firsts[0] = stop + 1
        self._count -= len(taken)
        return taken

    def _own(self) -> tuple[list[int], list[int]]:
        """Return both ends of the ranges as lists that may be changed."""
        if not isinstance(self._first, list) or not isinstance(self._last, list):
            self._first, self._last = list(self._first), list(self._last)
        return self._first, self._last


def only_zero() -> IndexSet:
    """Return {0}: the task of a job that is no array."""
    one = IndexSet()
    one._first = one._last = _ZERO
    one._count = 1
    return one


def parse_indexes(text: str) -> tuple[IndexSet, int | None]:
    """Return the indexes and the throttle that *text*, such as "0-999%20", asks for.

    Raises:
        ValueError: with a sentence that says what is wrong and what is allowed.
    """
    body, percent, limit = text.partition("%")
    if percent and not re.fullmatch(r"[1-9][0-9]{0,8}", limit.strip()):
        raise ValueError(
            f"after % comes how many may run at a time, at least 1, not {limit[:20]!r}"
        )
    ranges: list[tuple[int, int]] = []
    count = 0
    for part in body.split(","):
        steps = _steps(part.strip())
        count += len(steps)
        if count > COUNT_MAX:
            raise ValueError(f"more than {COUNT_MAX} tasks in one array; submit several")
        if steps.step == 1:
            ranges.append((steps[0], steps[-1]))
        elif len(ranges) + len(steps) > RANGES_MAX:
            raise ValueError(f"more than {RANGES_MAX} indexes with gaps; submit several")
        else:
            ranges.extend((index, index) for index in steps)
    # In order, each range is put at the end: any other way a long list costs its square.
    return IndexSet(sorted(ranges)), int(limit) if percent else None


def _steps(part: str) -> range:
    """Return the indexes that one *part* between commas, such as "0-30:2", means."""
    match = _PART.fullmatch(part)
    if not match:
        raise ValueError(f"{part[:40]!r} is not an index such as 7, 0-999 or 0-30:2")
    low, high, step = int(match[1]), int(match[2] or match[1]), int(match[3] or 1)
    if high < low:
        raise ValueError(f"{match[0]!r} runs backwards; write {high}-{low}")
    if not step:
        raise ValueError(f"{match[0]!r} has a step of 0; it must be at least 1")
    if high > INDEX_MAX:
        raise ValueError(f"{high} is more than the largest index, {INDEX_MAX}")
    return range(low, high + 1, step)
