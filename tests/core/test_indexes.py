"""Index sets against Python's own sets, and what a user may write for them."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rota.core.indexes import COUNT_MAX, INDEX_MAX, IndexSet, parse_indexes

INDEX = st.integers(0, 60)
RANGES = st.lists(st.tuples(INDEX, INDEX).map(sorted), max_size=12)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("add"), INDEX),
        st.tuples(st.just("discard"), INDEX),
        st.tuples(st.just("range"), st.tuples(INDEX, INDEX).map(sorted)),
        st.tuples(st.just("cut"), st.tuples(INDEX, INDEX).map(sorted)),
        st.tuples(st.just("take"), st.integers(0, 9)),
    ),
    max_size=40,
)


def _plain(ranges: list[list[int]]) -> set[int]:
    return {index for low, high in ranges for index in range(low, high + 1)}


@given(RANGES, STEPS)
def test_it_behaves_as_a_set_does(
    ranges: list[list[int]], steps: list[tuple[str, object]]
) -> None:
    """Whatever is put in and taken out in whatever order, it is the set it should be."""
    found, twin = IndexSet(ranges), _plain(ranges)
    for what, how in steps:
        _step(found, twin, what, how)

        assert list(found) == sorted(twin)
        assert len(found) == len(twin)
        assert all((index in found) == (index in twin) for index in range(62))
        assert found.ranges() == _tight(found.ranges())


def _step(found: IndexSet, twin: set[int], what: str, how: object) -> None:
    if what == "take":
        count = int(str(how))
        wanted = sorted(twin)[:count]
        assert found.take(count) == wanted
        twin.difference_update(wanted)
    elif what == "range":
        low, high = how  # type: ignore[misc]
        found.add_range(low, high)
        twin.update(range(low, high + 1))
    elif what == "cut":
        low, high = how  # type: ignore[misc]
        cut = {i for a, b in found.within(low, high) for i in range(a, b + 1)}
        assert cut == twin & set(range(low, high + 1))
        found.discard_range(low, high)
        twin.difference_update(cut)
    elif what == "add":
        found.add(int(str(how)))
        twin.add(int(str(how)))
    else:
        found.discard(int(str(how)))
        twin.discard(int(str(how)))


def _tight(ranges: list[list[int]]) -> list[list[int]]:
    """Return *ranges* if they are sorted, disjoint and do not touch; else none."""
    apart = all(one[1] + 1 < two[0] for one, two in pairwise(ranges))
    return ranges if apart and all(low <= high for low, high in ranges) else []


@given(RANGES)
def test_it_can_be_written_down_and_read_again(ranges: list[list[int]]) -> None:
    """As pairs, as text, and as a copy that has a life of its own."""
    found = IndexSet(ranges)

    assert IndexSet(found.ranges()) == found
    if found:
        assert parse_indexes(str(found)) == (found, None)
        assert found.first == min(found)
    twin = found.copy()
    twin.add(999)
    assert 999 not in found


@pytest.mark.parametrize(
    ("text", "indexes", "limit"),
    [
        ("7", [7], None),
        ("0-3", [0, 1, 2, 3], None),
        ("1,3, 5-6", [1, 3, 5, 6], None),
        ("0-9:4", [0, 4, 8], None),
        ("5-5", [5], None),
        ("9,0-3,2-4", [0, 1, 2, 3, 4, 9], None),
        ("0-9%2", list(range(10)), 2),
        ("0-9 % 2", list(range(10)), 2),
    ],
)
def test_what_a_user_writes_is_read(text: str, indexes: list[int], limit: int) -> None:
    """Slurm's and DIRAC's habits: ranges, lists, steps, and a throttle."""
    found, throttle = parse_indexes(text)

    assert (list(found), throttle) == (indexes, limit)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "'' is not an index"),
        ("a", "'a' is not an index"),
        ("-1", "'-1' is not an index"),
        ("1 2", "'1 2' is not an index"),
        ("٣", "'٣' is not an index"),
        ("1,,2", "'' is not an index"),
        ("9-3", "'9-3' runs backwards; write 3-9"),
        ("0-9:0", "a step of 0"),
        (f"0-{INDEX_MAX + 1}", "more than the largest index"),
        (f"0-{COUNT_MAX}", f"more than {COUNT_MAX} tasks"),
        ("0-9%0", "at least 1"),
        ("0-9%", "at least 1"),
        ("0-9%x", "at least 1"),
        ("0-999999999:2", "more than"),
        ("0-9999999:2", "indexes with gaps"),
    ],
)
def test_what_is_none_is_told_with_what_is_allowed(text: str, told: str) -> None:
    """A refusal says what would have been right."""
    with pytest.raises(ValueError, match=re.escape(told)):
        parse_indexes(text)


def test_a_million_tasks_are_one_pair_of_numbers() -> None:
    """Cost follows ranges, not indexes."""
    found, _ = parse_indexes("0-9999999")

    assert (len(found), found.ranges()) == (10_000_000, [[0, 9_999_999]])


def test_a_long_list_in_falling_order_costs_no_square() -> None:
    """A hundred thousand indexes, the largest first: read at once, not in minutes."""
    found, _ = parse_indexes(",".join(str(index) for index in range(300_000, 0, -3)))

    assert len(found) == 100_000
