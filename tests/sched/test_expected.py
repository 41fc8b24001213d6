"""Learned run times."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from rota.sched.expected import Runtimes

KEYS = (("ann",), ("ann", 100), ("ann", 100, 4))


def test_who_ran_short_is_expected_short() -> None:
    """However generous the limit was."""
    runtimes = Runtimes()
    before = runtimes.expect(KEYS, limit_ms=100_000).mean_ms
    for _ in range(5):
        runtimes.learn(KEYS, run_ms=1000, limit_ms=100_000)
    after = runtimes.expect(KEYS, limit_ms=100_000)
    assert before == 50_000
    assert after.mean_ms < 5000
    assert runtimes.expect((("bob",),), limit_ms=100_000).mean_ms == 50_000


def test_who_names_no_limit_is_expected_to_run_as_others_do() -> None:
    """A newcomer is not taken for a week; what is known of a user counts more."""
    runtimes = Runtimes()
    assert runtimes.expect((("bob",),), limit_ms=None).mean_ms > 86_400_000
    for _ in range(5):
        runtimes.learn(KEYS, run_ms=1000, limit_ms=None)
    assert runtimes.expect((("bob",),), limit_ms=None).mean_ms == 1000
    for _ in range(5):
        runtimes.learn((("bob",),), run_ms=60_000, limit_ms=None)
    assert runtimes.expect((("bob",),), limit_ms=None).mean_ms > 30_000


def test_one_long_run_moves_the_typical_less_than_the_mean() -> None:
    """Among many short ones."""
    runtimes = Runtimes()
    for run in (100, 100, 100, 90_000):
        runtimes.learn(KEYS, run_ms=run, limit_ms=100_000)
    guess = runtimes.expect(KEYS, limit_ms=100_000)
    assert guess.typical_ms < guess.mean_ms / 3


@given(st.lists(st.integers(0, 10**9), max_size=30), st.integers(1, 10**9))
def test_an_estimate_is_never_above_the_limit(runs: list[int], limit: int) -> None:
    """Nor below a millisecond."""
    runtimes = Runtimes()
    for run in runs:
        runtimes.learn(KEYS, run_ms=run, limit_ms=limit)
    guess = runtimes.expect(KEYS, limit_ms=limit)
    assert 1 <= guess.mean_ms <= limit
    assert 0 < guess.typical_ms <= limit


def test_what_is_news_is_enough_to_know_it_again() -> None:
    """Of each key and of everybody; told once."""
    first, second = Runtimes(), Runtimes()
    for n in range(40):
        first.learn([("ann",), ("ann", "sim")], run_ms=1000 + n, limit_ms=10_000)
    for key, figures in first.news():
        second.recall(key, figures)
    assert list(first.news()) == []
    for keys in ([("ann",)], [("ann",), ("ann", "sim")], [("bob",)]):
        for limit in (None, 5_000):
            expected = first.expect(keys, limit_ms=limit)
            assert second.expect(keys, limit_ms=limit) == expected
