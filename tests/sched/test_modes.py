"""The five modes, as pictures."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rota.core.resources import Mode, Node, Request
from rota.sched.modes import find
from rota.sched.problem import NodeView
from rota.sched.space import Space, space_of
from tests.drawing import GB, shown, space

MIXED = """
    [*...] astro01 gen4
    [**..] astro02 gen4,slow
    [....] astro03 gen5
    [......] astro04 gen5
"""


def placed(request: Request, where: Space) -> dict[str, int] | None:
    return shown(find(request, where), where)


def test_bycore1_takes_the_node_that_has_the_least_left() -> None:
    """Best fit: large holes stay for those who need them."""
    assert placed(Request(cores=2), space(MIXED)) == {"astro02": 2}
    assert placed(Request(cores=3), space(MIXED)) == {"astro01": 3}
    assert placed(Request(cores=7), space(MIXED)) is None


def test_bycore_uses_one_node_if_it_can_else_the_fewest() -> None:
    """Fragments may be put together; the last node is again a best fit."""
    many = Request(cores=4, mode=Mode.BY_CORE)
    assert placed(many, space(MIXED)) == {"astro03": 4}
    assert placed(Request(cores=8, mode=Mode.BY_CORE), space(MIXED)) == {
        "astro04": 6,
        "astro02": 2,
    }
    assert placed(Request(cores=16, mode=Mode.BY_CORE), space(MIXED)) is None


def test_bycore_takes_whole_ranks_from_each_node() -> None:
    """With threads: 2 a node with three free cores offers two."""
    where = space("""
        [*...] n1
        [*...] n2
    """)
    ranks = Request(cores=4, threads=2, mode=Mode.BY_CORE)
    assert placed(ranks, where) == {"n1": 2, "n2": 2}
    assert placed(Request(cores=6, threads=2, mode=Mode.BY_CORE), where) is None


def test_bycore_counts_memory_with_the_cores() -> None:
    """Each core brings its part of the task's memory."""
    where = space("[....] n1\n[....] n2", memory=2 * GB)
    wide = Request(cores=4, memory=4 * GB, mode=Mode.BY_CORE)
    assert placed(wide, where) == {"n1": 2, "n2": 2}


def test_bynode_takes_only_idle_nodes() -> None:
    """A whole-node job waits, however many cores are free in total."""
    assert placed(Request(mode=Mode.BY_NODE, n=2), space(MIXED)) == {
        "astro03": 4,
        "astro04": 6,
    }
    assert placed(Request(mode=Mode.BY_NODE, n=3), space(MIXED)) is None
    large = Request(mode=Mode.BY_NODE, n=1, min_cores=5)
    assert placed(large, space(MIXED)) == {"astro04": 6}


def test_bynode_with_cores_per_node_shares_the_nodes() -> None:
    """So many cores on each of N distinct nodes, fragments first."""
    request = Request(mode=Mode.BY_NODE, n=3, cores_per_node=2)
    assert placed(request, space(MIXED)) == {"astro01": 2, "astro02": 2, "astro03": 2}


def test_byhost_takes_the_named_host_or_waits() -> None:
    """No other node will do."""
    request = Request(cores=3, mode=Mode.BY_HOST, host="astro01")
    assert placed(request, space(MIXED)) == {"astro01": 3}
    assert placed(Request(cores=3, mode=Mode.BY_HOST, host="astro02"), space(MIXED)) is None
    assert placed(Request(mode=Mode.BY_HOST, host="nowhere"), space(MIXED)) is None


def test_bygroup_takes_all_nodes_of_the_group_or_waits() -> None:
    """One that is busy or away makes it wait; other groups are none of its business."""
    group = Request(mode=Mode.BY_GROUP, group=("gen5",))
    assert placed(group, space(MIXED)) == {"astro03": 4, "astro04": 6}
    assert placed(Request(mode=Mode.BY_GROUP, group=("gen4",)), space(MIXED)) is None
    assert placed(group, space("[....] a gen5\n[....] b gen5 x")) is None


def test_groups_restrict_every_mode() -> None:
    """Any of group, none of not_group."""
    only = Request(cores=2, group=("gen4",), not_group=("slow",))
    assert placed(only, space(MIXED)) == {"astro01": 2}


def test_an_exclusive_job_shares_its_node_with_nobody() -> None:
    """It gets all cores of an idle node."""
    assert placed(Request(cores=2, exclusive=True), space(MIXED)) == {"astro03": 4}
    spread = Request(cores=8, exclusive=True, mode=Mode.BY_CORE)
    assert placed(spread, space(MIXED)) == {"astro03": 4, "astro04": 6}


def test_a_job_without_gpus_leaves_the_gpu_nodes_alone() -> None:
    """As long as there is another place for it."""
    plain = Node("plain", tuple(range(8)), GB)
    fancy = Node("fancy", (0, 1), GB, gpus=(0, 1))
    views = [NodeView(n, n.cores, n.memory, n.gpus, n.resources) for n in (fancy, plain)]
    where = space_of(views)
    assert placed(Request(cores=1), where) == {"plain": 1}
    assert placed(Request(cores=1, gpus=2), where) == {"fancy": 1}


def test_consumables_and_licences_are_counted() -> None:
    """What is taken by one is not there for the next."""
    node = Node("n", tuple(range(8)), GB, resources={"disk": 10})
    view = NodeView(node, node.cores, node.memory, (), {"disk": 10})
    where = space_of([view], {"abaqus": 1})
    request = Request(resources=(("disk", 6),), licences=(("abaqus", 1),))
    takes = find(request, where)
    assert takes is not None
    where.take(takes)
    assert find(request, where) is None
    assert find(Request(resources=(("disk", 4),)), where) is not None
    where.take_licences(request.licences)
    assert find(Request(licences=(("abaqus", 1),)), where) is None


REQUESTS = st.builds(
    Request,
    cores=st.integers(1, 8),
    memory=st.integers(0, 3).map(lambda n: n * GB),
    mode=st.sampled_from([Mode.BY_CORE, Mode.BY_CORE_1, Mode.BY_NODE]),
    n=st.integers(1, 3),
    cores_per_node=st.integers(0, 4),
    exclusive=st.booleans(),
)
BARS = st.lists(st.text("*.", min_size=1, max_size=6), min_size=1, max_size=5)


@given(REQUESTS, BARS)
def test_nobody_gets_what_is_not_free(request: Request, bars: list[str]) -> None:
    """Whatever is asked of whatever cluster, a placement only takes what is free."""
    where = space("\n".join(f"[{bar}] n{i}" for i, bar in enumerate(bars)), memory=2 * GB)
    takes = find(request, where)
    if takes is not None:
        assert len({take.spot for take in takes}) == len(takes)
        for take in takes:
            assert 0 < take.cores <= where.cores[take.spot]
            assert 0 <= take.memory <= where.rest[take.spot][0]
        if request.mode is not Mode.BY_NODE and not request.exclusive:
            assert sum(take.cores for take in takes) == request.cores


@given(st.integers(1, 12), BARS)
def test_cores_anywhere_are_found_exactly_if_there_are_enough(
    n: int, bars: list[str]
) -> None:
    """The search is complete."""
    where = space("\n".join(f"[{bar}] n{i}" for i, bar in enumerate(bars)))
    free = sum(bar.count(".") for bar in bars)
    assert (find(Request(cores=n, mode=Mode.BY_CORE), where) is not None) == (n <= free)


@pytest.mark.parametrize("mode", list(Mode))
def test_an_empty_cluster_has_no_place(mode: Mode) -> None:
    """And says so without falling over."""
    assert find(Request(mode=mode, host="h", group=("g",)), space("")) is None
