"""What is free, as counts."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from rota.core.resources import Mode, Request
from rota.sched.modes import find
from rota.sched.space import Take
from tests.drawing import space

CLUSTER = """
    [....] n1
    [*...] n2
    [....] n3 gen4
"""


def test_taking_and_giving_back_changes_nothing() -> None:
    """A round may try and undo as it likes."""
    where = space(CLUSTER)
    before = (where.cores[:], where.rest[:])
    takes = [Take(0, 2, 5), Take(2, 4, 7)]
    where.take(takes)
    assert where.cores == [2, 3, 0]
    where.give(takes)
    assert (where.cores, where.rest) == before


def test_a_copy_is_its_own() -> None:
    """The future may be played without touching the present."""
    where = space(CLUSTER)
    twin = where.copy()
    twin.take([Take(0, 4)])
    assert where.cores[0] == 4
    assert find(Request(cores=4), where) is not None
    assert [t.spot for t in find(Request(cores=4), twin) or ()] == [2]


def test_a_closed_node_is_known_but_never_found() -> None:
    """Opened again it is found again."""
    where = space("[....] n1 x")
    assert find(Request(), where) is None
    where.close(0, None)
    assert find(Request(), where) is not None


@given(st.lists(st.tuples(st.integers(1, 4), st.booleans()), max_size=40))
def test_the_index_agrees_with_the_counts(steps: list[tuple[int, bool]]) -> None:
    """However nodes were filled and emptied, a core is found exactly if one is free."""
    where = space(CLUSTER)
    held: list[Take] = []
    for cores, give in steps:
        if give and held:
            where.give([held.pop(0)])
        elif takes := find(Request(cores=cores), where):
            where.take(takes)
            held += takes
        free = sum(where.cores)
        assert (find(Request(cores=1), where) is not None) == (free > 0)
        everything = Request(cores=max(1, free), mode=Mode.BY_CORE)
        assert (find(everything, where) is not None) == (free > 0)
        assert min(where.cores) >= 0
