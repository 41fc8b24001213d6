"""How long things take: histograms of a fixed few buckets, cheap enough for every batch.

timings.decide.add(0.004)      ──▶ /metrics: rota_decide_seconds_bucket{le="0.005"} …
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, field

BOUNDS_S = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""Upper bounds of the buckets, seconds; the last bucket has none."""


@dataclass(slots=True)
class Histogram:
    """Durations, counted by bucket; seconds."""

    counts: list[int] = field(default_factory=lambda: [0] * (len(BOUNDS_S) + 1))
    total_s: float = 0.0

    def add(self, seconds: float) -> None:
        """Count one duration in."""
        self.counts[bisect_left(BOUNDS_S, seconds)] += 1
        self.total_s += seconds


@dataclass(slots=True)
class Timings:
    """What a server measures of itself.

    Shapes:
        decide:  the mind, for one batch of events, its round included
        commit:  one transaction of the store, as the loop waits for it
        request: one answer of the API, up to its first byte
        events, records: how many there were
    """

    decide: Histogram = field(default_factory=Histogram)
    commit: Histogram = field(default_factory=Histogram)
    request: Histogram = field(default_factory=Histogram)
    events: int = 0
    records: int = 0
