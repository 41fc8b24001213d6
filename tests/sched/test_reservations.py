"""Who may use a reservation, and what is said to others."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rota.core.reasons import reason
from rota.core.resources import Node, Request
from rota.sched.problem import NodeView, Window
from rota.sched.reservations import misused, settled

COURSE = Window(
    "course", 1_000, 61_000, frozenset({"n1"}), "reservation", ("ann",), ("physics",)
)
REPAIR = Window("repair", 0, 10)


def told(*, user: str = "ann", account: str = "", at: int = 0, **asked: object) -> str:
    """Return all complaints about a request that names a reservation."""
    request = Request(**{"reservation": "course", "time_ms": 9_000, **asked})  # type: ignore[arg-type]
    found = misused([COURSE, REPAIR], request, user=user, account=account, at=at)
    return "\n".join(map(str, found))


def test_users_and_accounts_may_and_nobody_need() -> None:
    """By name, or by whom it is charged to."""
    assert told() == told(user="bob", account="physics") == ""
    assert told(user="cyd", reservation=None) == ""


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({"user": "bob"}, "it is for ann, account physics"),
        ({"user": "bob", "account": "biology"}, "course is not for bob"),
        ({"reservation": "curse"}, "did you mean course?"),
        ({"reservation": "repair"}, "there is no reservation repair"),
        ({"at": 61_000}, "course is over"),
        ({"time_ms": None}, "ask for at most 1m00s"),
        ({"time_ms": 60_001}, "must end before it does"),
        ({"time_ms": 31_000, "at": 31_000}, "ask for at most 30s"),
    ],
)
def test_what_cannot_be_is_refused_with_the_way_out(
    more: dict[str, object], says: str
) -> None:
    """Each names the key and what would be right."""
    assert says in told(**more)  # type: ignore[arg-type]


def view(
    name: str, cores: int = 4, *, labels: tuple[str, ...] = (), up: bool = True
) -> NodeView:
    """Return a node, idle or away."""
    node = Node(name, tuple(range(cores)), 1 << 30, labels=labels)
    closed = None if up else reason("unreachable", when="noon")
    return NodeView(node, node.cores, node.memory, (), {}, closed)


def kept(name: str, start: int = 0, end: int = 10, **more: int | tuple[str, ...]) -> Window:
    """Return a reservation by count, cores or labels."""
    return Window(name, start, end, None, "reservation", ("ann",), **more)  # type: ignore[arg-type]


def test_so_many_nodes_are_taken_of_those_that_are_there() -> None:
    """By label, first by name; one that is away last."""
    views = [view("n3"), view("n1", up=False), view("n2"), view("g1", labels=("gpu",))]
    found = settled([kept("a", count=2), kept("b", count=1, labels=("gpu",))], views[:3])
    assert [window.nodes for window in found] == [{"n2", "n3"}, frozenset()]
    [gpu] = settled([kept("b", count=1, labels=("gpu",))], views)
    assert gpu.nodes == {"g1"}


def test_nodes_are_taken_until_they_have_so_many_cores() -> None:
    """Whole nodes; two windows at one time have none in common, one after the other may."""
    views = [view("n1"), view("n2", 8), view("n3", 8)]
    named = Window("repair", 0, 5, frozenset({"n1"}))
    found = settled(
        [kept("a", cores=9), named, kept("b", start=10, end=20, cores=9)], views
    )
    by_name = {window.name: window.nodes for window in found}
    assert by_name == {"repair": {"n1"}, "a": {"n2", "n3"}, "b": {"n1", "n2"}}


SPANS = st.tuples(st.integers(0, 9), st.integers(1, 9), st.integers(1, 4), st.booleans())


@given(st.lists(SPANS, max_size=6), st.lists(st.integers(1, 8), max_size=8))
def test_g19_no_node_is_promised_twice_at_one_time(
    spans: list[tuple[int, int, int, bool]], sizes: list[int]
) -> None:
    """And each has enough, unless too few are left."""
    views = [view(f"n{at}", size) for at, size in enumerate(sizes)]
    windows = [
        kept(f"r{at}", start, start + length, **{"cores" if by_cores else "count": many})
        for at, (start, length, many, by_cores) in enumerate(spans)
    ]
    found = settled(windows, views)
    for one in found:
        beside = [
            o for o in found if o is not one and o.start < one.end and one.start < o.end
        ]
        assert not any((one.nodes or set()) & (other.nodes or set()) for other in beside)
        cores = sum(len(v.cores) for v in views if v.node.name in (one.nodes or ()))
        enough = (
            len(one.nodes or ()) == one.count if one.count else cores >= (one.cores or 0)
        )
        others = {name for other in beside for name in other.nodes or ()}
        assert enough or (one.nodes or set()) | others >= {v.node.name for v in views}
