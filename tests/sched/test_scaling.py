"""How many pilots are worth having."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from rota.core.pool import Pool
from rota.core.resources import Mode, Request
from rota.sched.scaling import Demand, Offer, capacity, could, samples, slots, wanted

BIG = Pool("big", "slurm", cores=4, memory=8 << 30, most=10, time_ms=3_600_000)
TINY = Pool("tiny", "slurm", cores=1, most=10)


def test_a_node_holds_what_its_scarcest_part_allows() -> None:
    """Cores, memory, time, labels, and several nodes."""
    assert capacity(BIG, Request()) == 4
    assert capacity(BIG, Request(memory=4 << 30)) == 2
    assert capacity(BIG, Request(gpus=1)) == 0
    assert capacity(BIG, Request(time_ms=7_200_000)) == 0
    assert capacity(BIG, Request(group=("gpu",))) == 0
    assert capacity(BIG, Request(require=("pool:big",))) == 4
    assert capacity(BIG, Request(mode=Mode.BY_NODE, n=2)) == 0.5
    assert capacity(BIG, Request(mode=Mode.BY_CORE, cores=8)) == 0.5
    assert capacity(BIG, Request(mode=Mode.BY_HOST, host="x")) == 0


def test_a_pool_that_says_nothing_of_its_size_is_tried_with_one_task_each() -> None:
    """Nobody can say more before the first agent came."""
    assert capacity(Pool("any", "slurm"), Request(cores=16)) == 1


def test_pools_that_come_first_are_asked_first() -> None:
    """The second gets what the first could not take."""
    offers = [Offer(TINY, 9, 0, True), Offer(BIG, 0, 0, True)]
    assert wanted(offers, [Demand(Request(), 6)]) == {"tiny": 1, "big": 2}
    assert could([TINY, BIG], Request(cores=2)) == [BIG]


def test_what_is_on_its_way_is_not_asked_for_again() -> None:
    """Two pilots of four cores will take eight tasks."""
    assert wanted([Offer(BIG, 2, 2, True)], [Demand(Request(), 8)]) == {}
    assert wanted([Offer(BIG, 2, 2, True)], [Demand(Request(), 9)]) == {"big": 1}


def test_short_tasks_are_worth_fewer_slots() -> None:
    """A thousand tasks of a tenth of a second: two slots have them done in a minute."""
    assert slots(1000, 100.0) == 2
    assert slots(1000, None) == 1000
    assert slots(3, 3_600_000.0) == 3


def test_a_backlog_bounds_what_waits_over_there() -> None:
    """Some sites want few waiting jobs of one user."""
    pool = Pool("few", "slurm", cores=1, most=100, backlog=3)
    assert wanted([Offer(pool, 1, 1, True)], [Demand(Request(), 50)]) == {"few": 2}


def test_samples_are_called_as_pilots_are() -> None:
    """So many as it may bring."""
    assert [node.name for node in samples([TINY])][:2] == ["tiny-0", "tiny-1"]
    assert len(samples([TINY])) == 10


@given(
    st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5), st.booleans()), max_size=4),
    st.lists(st.tuples(st.integers(1, 6), st.integers(1, 500)), max_size=5),
)
def test_never_more_than_max_and_nothing_where_it_is_closed(
    pools: list[tuple[int, int, bool]], asked: list[tuple[int, int]]
) -> None:
    """Whatever waits, whatever is there."""
    offers = [
        Offer(Pool(f"p{at}", "slurm", cores=4, most=6), live, min(live, starting), is_open)
        for at, (live, starting, is_open) in enumerate(pools)
    ]
    found = wanted(offers, [Demand(Request(cores=c), n) for c, n in asked])
    for offer in offers:
        count = found.get(offer.pool.name, 0)
        assert 0 <= count <= (offer.pool.most - offer.live if offer.is_open else 0)
