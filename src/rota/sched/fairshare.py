"""Usage that fades, and who had more of it than the others; the tree is ``sched.shares``.

What was used counts half as much after each half-life, so nobody is punished for ever and
nobody saves up.  What runs is charged as it goes, not when it ends.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from math import exp, log

HALF_LIFE_MS = 7 * 86_400_000


class Usage:
    """Core-milliseconds used by each name, fading; names are users or accounts.

    Between two changes a name uses *rate* cores, so its usage is known at any instant
    without looking at what it runs: u(t + d) = u(t)·f + rate·(1 − f)/λ, f = 2^(−d/half).
    """

    __slots__ = ("_at", "_fade", "_rate", "_used")

    def __init__(self, *, half_life_ms: int = HALF_LIFE_MS) -> None:
        self._fade = log(2) / half_life_ms
        self._used: dict[str, float] = {}
        self._rate: dict[str, int] = {}
        self._at: dict[str, int] = {}

    def set(self, name: str, used: float, at: int) -> None:
        """Let *name* have used *used* core-milliseconds so far, as of *at*."""
        self._used[name], self._at[name] = used, at

    def turn(self, name: str, cores: int, at: int) -> None:
        """From *at* on *name* uses so many cores more, or with a minus fewer."""
        self._used[name] = self.of(name, at)
        self._at[name] = at
        self._rate[name] = self._rate.get(name, 0) + cores

    def of(self, name: str, at: int) -> float:
        """Return what *name* has used by *at*, core-milliseconds, faded."""
        used = self._used.get(name, 0.0)
        passed = at - self._at.get(name, at)
        if not passed:
            return used
        left = exp(-passed * self._fade)
        return used * left + self._rate.get(name, 0) * (1 - left) / self._fade

    def rate(self, name: str) -> int:
        """Return how many cores *name* uses now."""
        return self._rate.get(name, 0)

    def since(self, name: str) -> int:
        """Return when *name* last took a turn: before it nothing can be told."""
        return self._at.get(name, 0)

    def __contains__(self, name: object) -> bool:
        return name in self._used

    @property
    def count(self) -> int:
        """How many names there are."""
        return len(self._used)

    def names(self) -> Iterable[str]:
        """Return everybody who ever used anything."""
        return self._used.keys()


def excess(usage: Mapping[str, float], parts: Mapping[str, float]) -> dict[str, float]:
    """Return by how much each name used more than the average name, by its entitlement.

    Shapes:
        usage:   {name: core-milliseconds ≥ 0, faded}
        parts:   {name: entitlement > 0}; a name that has none counts as an average one
        returns: {name: 0 used nothing … 1 used everything there was, at an average
                 entitlement}, with the keys of *usage*
    """
    total = sum(usage.values())
    if total <= 0:
        return dict.fromkeys(usage, 0.0)
    average = sum(parts.values()) / len(parts) if parts else 1.0
    return {
        name: used / total * average / parts.get(name, average)
        for name, used in usage.items()
    }
