"""The watchdog as a table: limits and samples in, verdicts out; no clock, no process."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rota.agent.watchdog import (
    DISK_LOOK_MS,
    OUTPUT_LOOK_MS,
    RSS_LOOK_MS,
    STALL_LOOK_MS,
    UNCUT,
    Limits,
    Sample,
    Verdict,
    judge,
)

FREE = Limits(None, None, 0, None)


def only(**limits: int) -> Limits:
    """Return these limits and no others."""
    return FREE._replace(**limits)


def test_without_limits_nobody_looks() -> None:
    """No limit, no timer."""
    assert judge(FREE, Sample(10**9, 10**12, 10**9, False)) == Verdict(None, False, None)


@pytest.mark.parametrize(
    ("limits", "sample", "stop", "warn", "look_ms"),
    [
        (only(time_ms=1000), Sample(400, None, 0, False), None, False, 600),
        (only(time_ms=1000), Sample(1000, None, 0, False), "time_limit", False, None),
        (only(time_ms=1000, warn_ms=300), Sample(400, None, 0, False), None, False, 300),
        (only(time_ms=1000, warn_ms=300), Sample(700, None, 0, False), None, True, 300),
        (only(time_ms=1000, warn_ms=300), Sample(800, None, 0, True), None, False, 200),
        (only(time_ms=1000, warn_ms=5000), Sample(0, None, 0, False), None, True, 1000),
        (only(lease_ms=500), Sample(9999, None, 100, False), None, False, 400),
        (only(lease_ms=500), Sample(1, None, 500, False), "lease", False, None),
        (only(memory=100), Sample(1, 100, 0, False), None, False, RSS_LOOK_MS),
        (only(memory=100), Sample(1, 101, 0, False), "oom", False, None),
        (only(memory=100), Sample(1, None, 0, False), None, False, RSS_LOOK_MS),
        (only(stall_ms=900), Sample(9999, None, 0, False, 300), None, False, 600),
        (only(stall_ms=90_000), Sample(9, None, 0, False, 0), None, False, STALL_LOOK_MS),
        (only(stall_ms=900), Sample(9999, None, 0, False, 900), "stalled", False, None),
        (only(output=100), Sample(1, None, 0, False, 0, 400), None, False, OUTPUT_LOOK_MS),
        (only(output=100), Sample(1, None, 0, False, 0, 401), "output_limit", False, None),
        (only(disk=9), Sample(1, None, 0, False, 0, 0, 9), None, False, DISK_LOOK_MS),
        (only(disk=9), Sample(1, None, 0, False, 0, 0, 10), "disk_limit", False, None),
    ],
)  # fmt: skip
def test_verdicts(
    limits: Limits, sample: Sample, stop: str | None, warn: bool, look_ms: int | None
) -> None:
    """Each limit is kept, warned of once, and looked at again in time."""
    verdict = judge(limits, sample)
    assert (verdict.stop and verdict.stop.code, verdict.warn, verdict.look_ms) == (
        stop, warn, look_ms,
    )  # fmt: skip


maybe = st.none() | st.integers(0, 10**9)


@given(
    st.builds(Limits, maybe, maybe, st.integers(0, 10**9), maybe, maybe, maybe),
    st.builds(
        Sample,
        st.integers(0, 10**9),
        maybe,
        st.integers(0, 10**9),
        st.booleans(),
        st.integers(0, 10**9),
        st.integers(0, 10**10),
    ),
)
def test_nobody_runs_over_and_nobody_is_stopped_for_nothing(
    limits: Limits, sample: Sample
) -> None:
    """Stopped exactly when a limit is reached; else looked at before the next one is."""
    over = (
        (limits.time_ms is not None and sample.ran_ms >= limits.time_ms)
        or (limits.lease_ms is not None and sample.silent_ms >= limits.lease_ms)
        or (limits.memory > 0 and sample.rss is not None and sample.rss > limits.memory)
        or (limits.stall_ms is not None and sample.still_ms >= limits.stall_ms)
        or (limits.output is not None and sample.output > UNCUT * limits.output)
        or (limits.disk is not None and sample.disk > limits.disk)
    )
    verdict = judge(limits, sample)
    assert (verdict.stop is not None) == over
    if not over and limits.time_ms is not None:
        assert verdict.look_ms is not None
        assert sample.ran_ms + verdict.look_ms <= limits.time_ms
