"""Work let past each waiting job."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from rota.sched.overtaking import LATELY_MS, Overtaken


@given(
    st.lists(st.tuples(st.integers(0, 3000), st.integers(-50, 1000)), max_size=60),
    st.integers(0, 3000),
)
def test_it_counts_the_work_of_all_later_jobs(
    steps: list[tuple[int, int]], asked: int
) -> None:
    """As a plain sum over all of them would."""
    overtaken = Overtaken()
    for number, work in steps:
        overtaken.started(number, work)
    assert overtaken.of(asked) == sum(work for number, work in steps if number > asked)


def test_forgetting_the_past_changes_no_answer() -> None:
    """Those older than the oldest that waits are nobody's business."""
    overtaken = Overtaken()
    for number in range(5000):
        overtaken.started(number, 1)
    overtaken.forget(4000)
    overtaken.started(3, 77)
    assert overtaken.of(4500) == 499
    overtaken.started(9000, 1)
    assert overtaken.of(4500) == 500


def test_the_longest_wait_lately_fades() -> None:
    """Half of it after a month; a wait that is longer than what is left of it counts."""
    overtaken = Overtaken()
    assert overtaken.longest(0) == 0
    overtaken.waited(1000, 0)
    overtaken.waited(900, 0)
    assert overtaken.longest(0) == 1000
    assert overtaken.longest(LATELY_MS) == 500
    overtaken.waited(400, LATELY_MS)
    assert overtaken.longest(LATELY_MS) == 500
    overtaken.waited(600, LATELY_MS)
    assert overtaken.longest(LATELY_MS) == 600


def test_what_is_kept_is_never_less_than_it_was() -> None:
    """Many jobs are kept as a thousand stretches; the figures of nobody sink."""
    overtaken = Overtaken()
    for number in range(5000):
        overtaken.started(number, float(number % 7))
    overtaken.waited(9000, 100)
    kept = overtaken.kept()
    again = Overtaken()
    again.recall(kept)
    assert len(kept["work"]) <= 1001
    for number in range(0, 5000, 13):
        assert 0 <= again.of(number) - overtaken.of(number) <= 6 * 6
    assert again.longest(100) == 9000
