"""Indexes behind a place: see also ``tests/contracts/test_store_pages.py``."""

from __future__ import annotations

from itertools import islice

from hypothesis import given
from hypothesis import strategies as st

from rota.core.indexes import IndexSet
from rota.store.tasks import behind

ranges = st.lists(st.tuples(st.integers(0, 60), st.integers(0, 9)), max_size=6).map(
    lambda pairs: IndexSet([a, a + length] for a, length in pairs).ranges()
)


@given(ranges=ranges, after=st.integers(-1, 80))
def test_behind_is_what_is_larger(ranges: list[list[int]], after: int) -> None:
    """In order, each once."""
    right = [i for first, last in ranges for i in range(first, last + 1) if i > after]

    assert list(behind(ranges, after)) == right


def test_a_place_in_a_huge_range_is_found_at_once() -> None:
    """Nothing before it is counted through: this would never end."""
    last = 10**18

    assert list(islice(behind([[0, last]], last - 2), 5)) == [last - 1, last]
