"""How long a job will probably run: learned from those before it that were like it.

    all jobs  →  of this user  →  with this limit  →  of this width        (a replay)
    all jobs  →  of this user  →  of this name     →  with this request    (live)

Each level corrects the one before it, the more the more often it was seen; recent runs
count more than old ones.  Estimates only ever *order* jobs; no promise rests on them,
promises rest on limits.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from math import exp, log
from typing import NamedTuple

RECENT = 0.5
"""What one more run weighs against all before it, from the second run on."""

DOUBT = 1.0
"""So many runs are needed before a level is believed as much as the one before it."""

PRIOR = 0.5
"""What part of its limit a job runs, as long as nothing was learned."""

LEARNED_AFTER = 20

UNLIMITED_MS = 7 * 86_400_000
"""What a job that names no limit is taken to name, as long as nothing was learned."""


class Estimate(NamedTuple):
    """An expected run time, milliseconds.

    Shapes:
        mean_ms:    the arithmetic mean of runs like this: what it will cost
        typical_ms: the geometric mean: half of them are shorter; one long run among
                    many short ones hardly moves it
    """

    mean_ms: float
    typical_ms: float


class _Level:
    __slots__ = ("log_ms", "mean_ms", "seen")

    def __init__(self) -> None:
        self.seen = 0
        self.mean_ms = 0.0
        self.log_ms = 0.0

    def learn(self, run_ms: float) -> None:
        weight = max(1 / (self.seen + 1), RECENT)
        self.mean_ms += weight * (run_ms - self.mean_ms)
        self.log_ms += weight * (log(run_ms) - self.log_ms)
        self.seen += 1


class Runtimes:
    """What was learned so far; whoever owns it tells it of every job that ended.

    Keys go from general to special: ``("ann",), ("ann", "sim"), ("ann", "sim", 4)``.
    """

    def __init__(self) -> None:
        self._levels: dict[Hashable, _Level] = {}
        self._news: set[Hashable] = set()
        self._everybody = _Level()
        self._ratio = PRIOR
        self._log_ratio = log(PRIOR)
        self._seen = 0

    def learn(self, keys: Sequence[Hashable], *, run_ms: int, limit_ms: int | None) -> None:
        """Take note that a job with *keys* ran for *run_ms* of its *limit_ms*."""
        run = max(1, run_ms)
        self._everybody.learn(run)
        for key in keys:
            level = self._levels.get(key)
            if level is None:
                level = self._levels[key] = _Level()
            level.learn(run)
        self._news.update(keys)
        if limit_ms:
            self._learn_ratio(run / limit_ms)

    @property
    def seen(self) -> int:
        """How many runs were learned."""
        return self._everybody.seen

    def expect(self, keys: Sequence[Hashable], *, limit_ms: int | None) -> Estimate:
        """Return how long a job with *keys* will run, at most *limit_ms*.

        Who names no limit is expected to run as everybody lately did: were a newcomer
        taken for a week, every short array of others would go first.

        Source: shrinkage of nested means; that a user's last runs predict the next is
        Tsafrir, Etsion & Feitelson, IEEE TPDS 18(6), 2007.
        """
        mean, typical = self._at_first(limit_ms)
        limit_ms = limit_ms or UNLIMITED_MS
        for key in keys:
            level = self._levels.get(key)
            if level is not None:
                count = min(level.seen, 1 / RECENT)
                trust = count / (count + DOUBT)
                mean += trust * (level.mean_ms - mean)
                typical += trust * (level.log_ms - typical)
        return Estimate(
            max(1.0, min(mean, limit_ms)), min(exp(min(typical, 80.0)), limit_ms)
        )

    def _at_first(self, limit_ms: int | None) -> tuple[float, float]:
        if limit_ms is None and self._everybody.seen:
            return self._everybody.mean_ms, self._everybody.log_ms
        limit = limit_ms or UNLIMITED_MS
        known = self._seen > LEARNED_AFTER
        mean = limit * (self._ratio if known else PRIOR)
        return mean, log(limit) + (self._log_ratio if known else log(PRIOR))

    def news(self) -> Iterator[tuple[Hashable, list[float]]]:
        """Yield (key, figures) of all that was learned since the last call, to be kept.

        Shapes:
            key: as ``learn`` takes them; (): everybody, and how much of limits is used
        """
        for key in self._news:
            level = self._levels[key]
            yield key, [level.seen, level.mean_ms, level.log_ms]
        if self._news:
            all_ = self._everybody
            ratio = [self._seen, self._ratio, self._log_ratio]
            yield (), [all_.seen, all_.mean_ms, all_.log_ms, *ratio]
        self._news.clear()

    def recall(self, key: Hashable, figures: Sequence[float]) -> None:
        """Know again what ``news`` told of *key*."""
        level = _Level()
        seen, level.mean_ms, level.log_ms, *ratio = figures
        level.seen = int(seen)
        if key != ():
            self._levels[key] = level
            return
        self._everybody = level
        self._seen, self._ratio, self._log_ratio = int(ratio[0]), ratio[1], ratio[2]

    def knows(self, key: Hashable) -> bool:
        """Whether a run with *key* was ever learned."""
        return key in self._levels

    def _learn_ratio(self, ratio: float) -> None:
        self._seen += 1
        weight = max(1 / self._seen, 0.01)
        self._ratio += weight * (ratio - self._ratio)
        self._log_ratio += weight * (log(ratio) - self._log_ratio)
