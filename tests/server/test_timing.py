"""Histograms."""

from __future__ import annotations

from rota.server.timing import BOUNDS_S, Histogram


def test_each_duration_falls_into_one_bucket() -> None:
    """A bound belongs to its own bucket; what is longer than all to the last."""
    found = Histogram()
    for seconds in (0.0, BOUNDS_S[0], BOUNDS_S[0] * 1.01, 99.0):
        found.add(seconds)
    assert found.counts[:2] == [2, 1] and found.counts[-1] == 1
    assert sum(found.counts) == 4 and found.total_s > 99
