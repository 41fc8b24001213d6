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

LATELY_MS = 30 * 86_400_000
"""After so long the longest wait there was counts half as much."""


class Overtaken:
    """Work started so far by the number of the job it belongs to, summed from the end.

    Numbers are those of jobs in the order of submission.  A Fenwick tree: adding and
    asking cost the logarithm of how many jobs there were since ``forget``.
    """

    __slots__ = ("_base", "_longest", "_longest_at", "_size", "_total", "_tree")

    def __init__(self) -> None:
        self._base = 0
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
