"""Nodes kept from round to round."""

from __future__ import annotations

import random

from rota.core.reasons import reason
from rota.core.resources import Grant
from rota.sched.fleet import Fleet
from tests.drawing import draw


def test_what_is_taken_is_gone_until_it_is_given_back() -> None:
    """Ids and counts alike."""
    fleet = Fleet(draw("[....] n1\n[..] n2"))
    grants = (Grant("n1", (1, 2), memory=5), Grant("n2", (0,)))
    fleet.take(7, grants, ends_by=100)
    assert [view.cores for view in fleet] == [(0, 3), (1,)]
    assert fleet.space.cores == [2, 1]
    assert [held.ends_by for held in fleet.all_held()] == [100, 100]
    fleet.give(7, grants)
    assert [view.cores for view in fleet] == [(0, 1, 2, 3), (0, 1)]
    assert list(fleet.all_held()) == []


def test_giving_back_twice_or_on_a_node_that_left_does_nothing() -> None:
    """A late report must not make cores out of nothing."""
    fleet = Fleet(draw("[....] n1\n[..] n2"))
    grants = (Grant("n1", (0,)), Grant("n2", (0,)))
    fleet.take(1, grants, ends_by=None)
    fleet.leave("n1")
    assert [view.node.name for view in fleet] == ["n2"]
    assert fleet[0].cores == (1,)
    fleet.give(1, grants)
    fleet.give(1, grants)
    assert fleet[0].cores == (0, 1)
    assert fleet.cores == 2


def test_a_node_that_joins_again_replaces_what_was_known() -> None:
    """It may have lost or gained cores meanwhile."""
    fleet = Fleet(draw("[....] n1"))
    fleet.join(draw("[*.] n1")[0])
    assert (len(fleet), fleet.cores, fleet[0].cores) == (1, 2, (1,))
    fleet.close("n1", reason("drained", who="ann", why="x"))
    assert fleet[0].closed is not None
    assert fleet.node("n1").name == "n1"


def test_ids_and_counts_never_disagree() -> None:
    """Whatever comes and goes."""
    chance = random.Random(4)
    fleet = Fleet(draw("[........] n1\n[....] n2\n[......] n3"))
    held: dict[int, tuple[Grant, ...]] = {}
    for alloc in range(300):
        if held and chance.random() < 0.5:
            gone = chance.choice(list(held))
            fleet.give(gone, held.pop(gone))
        view = chance.choice(fleet[:])
        if view.cores:
            cores = tuple(
                sorted(chance.sample(view.cores, chance.randint(1, len(view.cores))))
            )
            held[alloc] = (Grant(view.node.name, cores),)
            fleet.take(alloc, held[alloc], ends_by=alloc)
        assert [len(view.cores) for view in fleet] == fleet.space.cores
