"""How much later jobs were let past each waiting one: the bound on starvation.

    submitted   1   2   3   4   5        job 3 started, then job 5
    started             ✓       ✓        job 1: overtaken by 3 and 5
                                         job 4: overtaken by 5

Work is in core-milliseconds.  A job that was overtaken by more than its share comes
first, in the order of submission, whatever the policy would rather do: so its wait is at
most what it would have been in a plain queue, plus what the bound allows (``policy``).
How long the unluckiest waited lately is kept as well: the bound is relative to it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

KEPT_MAX = 1000
LATELY_MS = 30 * 86_400_000
"""After so long the longest wait there was counts half as much."""


class Overtaken:
    """Work started so far by the number of the job it belongs to, summed from the end.

    Numbers are those of jobs in the order of submission.  A Fenwick tree: adding and
    asking cost the logarithm of how many jobs there were since ``forget``.
    """

    __slots__ = ("_base", "_last", "_longest", "_longest_at", "_size", "_total", "_tree")

    def __init__(self) -> None:
        self._base = self._last = 0
        self._size = 1024
        self._tree = [0.0] * (self._size + 1)
        self._total = 0.0
        self._longest = 0.0
        self._longest_at = 0

    def waited(self, wait_ms: float, at: int) -> None:
        """Take note that a job starts at *at* that has waited so long."""
        if wait_ms > self.longest(at):
            self._longest, self._longest_at = float(wait_ms), at

    def longest(self, at: int) -> float:
        """Return the longest wait that any start ended lately, milliseconds, fading."""
        if not self._longest:
            return 0.0
        return float(self._longest * 2.0 ** ((self._longest_at - at) / LATELY_MS))

    def started(self, number: int, work: float) -> None:
        """Job *number* started and will do so much *work*; negative *work* corrects it."""
        at = number - self._base + 1
        if at < 1:
            return  # No waiting job is so old that it could have been overtaken by it.
        while at > self._size:
            self._double()
        self._last = max(self._last, number)
        self._total += work
        tree, size = self._tree, self._size
        while at <= size:
            tree[at] += work
            at += at & -at

    def of(self, number: int) -> float:
        """Return the work of jobs after *number* that started, core-milliseconds."""
        at = min(number - self._base + 1, self._size)
        passed, tree = 0.0, self._tree
        while at > 0:
            passed += tree[at]
            at &= at - 1
        return self._total - passed

    def kept(self) -> dict[str, Any]:
        """Return what to keep over a restart: sums of up to ``KEPT_MAX`` stretches.

        The work of a stretch is told of its last job: nobody in it is taken for less
        overtaken than it was.
        """
        step = 1 + (self._last - self._base) // KEPT_MAX
        told, before = [], self._total
        for number in range(self._base + step - 1, self._last + step, step):
            after = self.of(number)
            if before != after:
                told.append([min(number, self._last), before - after])
            before = after
        return {"work": told, "longest": self._longest, "longest_at": self._longest_at}

    def recall(self, kept: Mapping[str, Any]) -> None:
        """Start from what ``kept`` told."""
        self._longest, self._longest_at = kept["longest"], kept["longest_at"]
        self._base = kept["work"][0][0] if kept["work"] else 0
        for number, work in kept["work"]:
            self.started(number, work)

    def forget(self, oldest: int) -> None:
        """Let go of jobs before *oldest*, the oldest that still waits."""
        if oldest - self._base < self._size // 2:
            return
        kept = self._values()[oldest - self._base :]
        self._base = oldest
        self._total = 0.0
        self._tree = [0.0] * (self._size + 1)
        for offset, work in enumerate(kept):
            if work:
                self.started(oldest + offset, work)

    def _values(self) -> list[float]:
        sums = [0.0] * (self._size + 1)
        for at in range(1, self._size + 1):
            sums[at] = sums[at & (at - 1)] + self._tree[at]
        return [sums[at] - sums[at - 1] for at in range(1, self._size + 1)]

    def _double(self) -> None:
        # In a tree of twice the size only the new root covers the old half.
        self._tree += [0.0] * self._size
        self._size *= 2
        self._tree[self._size] = self._total
