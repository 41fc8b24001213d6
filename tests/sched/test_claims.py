"""Promised starts, held."""

from __future__ import annotations

from rota.core.resources import Grant, Request
from rota.sched.claims import Claims
from rota.sched.future import Claim
from rota.sched.problem import Running, Snapshot
from rota.sched.releases import Release
from rota.sched.space import Take, space_of
from tests.drawing import draw, mirrored

RUNS = Running(9, "u", "", Request(cores=2), (Grant("n1", (0, 1)),), 0, 100)
CLAIM = Claim(100, 150, (Take(0, 3),), ())


def claims() -> Claims:
    views = draw("[**..] n1\n[....] n2")
    return Claims(Snapshot(0, views, [], [RUNS]), space_of(views))


def test_who_ends_before_is_not_concerned_who_runs_on_is() -> None:
    """Of four cores at 100 three are promised: one may be used beyond."""
    held = claims()
    held.add(1, CLAIM)
    assert not held.hide(100).spots
    hidden = held.hide(101)
    assert held._space.cores == [1, 4]
    held.show(hidden)
    assert held._space.cores == [2, 4]


def test_a_start_that_runs_on_uses_up_what_is_left() -> None:
    """Then nobody else may."""
    held = claims()
    held.add(1, CLAIM)
    held.hide(0)
    held._space.take([Take(0, 1)])
    held.started(Release(500, (Take(0, 1),), ()))
    hidden = held.hide(500)
    assert held._space.cores[0] == 0
    held.show(hidden)


def test_a_claim_is_good_as_long_as_its_place_is_there() -> None:
    """Not beside another that needs the same, nor on a node that closed."""
    held = claims()
    assert held.good(CLAIM)
    assert not held.good(CLAIM._replace(start=99))
    held.add(1, CLAIM)
    assert not held.good(CLAIM)
    assert held.good(CLAIM._replace(start=150, end=200))
    assert held.lift(1) == CLAIM
    assert held.good(CLAIM)


def test_nodes_that_are_kept_know_by_themselves_what_ends_when() -> None:
    """A server need not list all that runs."""
    mirror = mirrored("[**..] n1")
    mirror.releases.put(1, Release(100, (Take(0, 2),), ()))
    held = Claims(Snapshot(0, mirror, []), mirror.space)
    assert held.good(CLAIM)
    assert not held.good(CLAIM._replace(start=99))
    held.started(Release(50, (Take(0, 1),), ()))
    assert [release.at for release in held.releases()] == [50, 100]
    assert [release.at for release in mirror.releases] == [100]
