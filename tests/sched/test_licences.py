"""What is free of a licence that others use too."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rota.core.licences import Checkout, Reading
from rota.sched.licences import Measured, Metering, Ours, foreign_of, free_of, judge

SETTLE = 60_000
PROBED = Metering(("command", "x"), settle_ms=SETTLE, max_age_ms=100_000)


def test_by_hosts_ours_is_told_apart_from_the_others_at_once() -> None:
    """What we gave back and the server still shows is no longer ours: not given yet."""
    reading = Reading(
        1_000_000, total=50, used=20,
        checkouts=(Checkout("ann", "N1.hpc.example", 12), Checkout("bob", "desk", 8)),
    )  # fmt: skip
    fresh = [Ours("n1", 12, 999_999)]
    assert foreign_of(reading, fresh, settle_ms=SETTLE, count=50) == 8
    given_back = [Ours("n1", 5, 999_999)]
    assert foreign_of(reading, given_back, settle_ms=SETTLE, count=50) == 15


def test_by_arithmetic_only_what_has_settled_is_taken_for_shown() -> None:
    """A token that we took a moment ago may or may not be among those in use."""
    reading = Reading(1_000_000, used=20)
    ours = [Ours("n1", 12, 1_000_000 - SETTLE), Ours("n1", 5, 999_000)]
    assert foreign_of(reading, ours, settle_ms=SETTLE, count=50) == 8
    assert foreign_of(Reading(1_000_000, free=30), ours, settle_ms=SETTLE, count=50) == 8


@pytest.mark.parametrize(
    ("policy", "measured", "free"),
    [
        ("last", Measured(), 0),
        ("last", Measured(0, foreign=10), 35),
        ("hold", Measured(0, foreign=10), 0),
        ("declared", Measured(0, foreign=10), 45),
        ("hold", Measured(950_000, foreign=10), 35),
        ("hold", Measured(950_000, foreign=10, total=40), 25),
        ("hold", Measured(950_000, foreign=60), 0),
        ("declared", Measured(950_000, short_until=1_000_001), 0),
    ],
)
def test_a_silent_probe_has_a_policy(policy: str, measured: Measured, free: int) -> None:
    """50 declared, 5 ours; a look is good for 100 seconds, and now is at 1000."""
    metering = Metering(("command", "x"), when_unknown=policy, max_age_ms=100_000)
    assert free_of(50, 5, metering, measured=measured, at=1_000_000) == free


@pytest.mark.parametrize(
    ("reading", "told", "believed"),
    [
        (Reading(9, used=3), "", True),
        (Reading(9, free=-2), "says -2 free: that cannot be", False),
        (Reading(9, total=50, used=60), "says 60 in use of 50: that cannot be", True),
        (Reading(9, free=70), "says 70 free of 50: that cannot be", True),
        (Reading(9, error="failed"), "failed", False),
        (Reading(9), "says nothing of it", False),
        (Reading(9, used=40), "jumps: 3 used by others, then 40", True),
    ],
)
def test_a_lying_probe_is_told(reading: Reading, told: str, *, believed: bool) -> None:
    """What cannot be is said; what makes no sense at all is not believed either."""
    before = Measured(1, foreign=3)
    foreign = foreign_of(reading, [], settle_ms=SETTLE, count=50)
    after = judge(reading, before, foreign=foreign, count=50)
    assert after.trouble == told
    assert after.asked_at == (9 if believed else 1)


@given(
    lag=st.integers(0, SETTLE),
    foreign=st.integers(0, 20),
    steps=st.lists(
        st.tuples(st.sampled_from(["start", "end", "wait", "probe"]), st.integers(1, 9)),
        max_size=60,
    ),
    by_host=st.booleans(),
)
def test_no_more_is_given_than_there_is_however_late_the_server_shows_it(
    lag: int, foreign: int, steps: list[tuple[str, int]], *, by_host: bool
) -> None:
    """A licence server of 20 that shows checkouts and returns *lag* late."""
    total, at, running = 20, 1_000_000, []  # (tokens, since)
    shown_until: list[tuple[int, int]] = []  # (tokens, shown until), of what ended
    measured = Measured()
    for what, size in steps:
        if what == "wait":
            at += size * 10_000
        elif what == "end" and running:
            tokens, since = running.pop(size % len(running))
            if since + lag <= at:
                shown_until.append((tokens, at + lag))
        elif what == "probe":
            ours = [Ours("n1", tokens, since) for tokens, since in running]
            shown = sum(t for t, since in running if since + lag <= at)
            shown += sum(t for t, until in shown_until if until > at)
            checkouts = (Checkout("ann", "n1", shown), Checkout("x", "desk", foreign))
            reading = Reading(
                at, used=shown + foreign, checkouts=checkouts if by_host and shown else ()
            )
            found = foreign_of(reading, ours, settle_ms=SETTLE, count=total)
            measured = judge(reading, measured, foreign=found, count=total)
        elif what == "start":
            held = sum(tokens for tokens, _ in running)
            free = free_of(total, held, PROBED, measured=measured, at=at)
            if free >= size:
                running.append((size, at))
                assert held + size + foreign <= total
