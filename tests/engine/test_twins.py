"""Jobs that say the same share what they say."""

from __future__ import annotations

from dataclasses import replace

from rota.core.account import Role, User
from rota.core.indexes import IndexSet
from rota.core.job import Array, JobSpec
from rota.core.resources import Request
from rota.engine.twins import MOST, Twins

SPEC = JobSpec(argv=("true",), env={"A": "1"}, request=Request(cores=2))


def test_who_says_the_same_is_kept_once() -> None:
    """Another word anywhere makes another job."""
    twins = Twins()
    first = twins.spec(SPEC)
    assert twins.spec(replace(SPEC, env={"A": "1"})) is first
    for other in (replace(SPEC, env={"A": "2"}), replace(SPEC, request=Request())):
        assert twins.spec(other) is other
    assert twins.user(User("ann", 7)) is twins.user(User("ann", 7))
    assert twins.user(User("ann", 7)) is not twins.user(User("ann", 7, Role.ADMIN))


def test_arrays_are_left_alone() -> None:
    """To compare a million indexes costs more than is saved."""
    twins = Twins()
    array = replace(SPEC, array=Array(IndexSet([[0, 9]])))
    assert twins.spec(array) is array
    again = replace(SPEC, array=Array(IndexSet([[0, 9]])))
    assert twins.spec(again) is again


def test_it_remembers_a_bounded_number() -> None:
    """And goes on as if there had been none before."""
    twins = Twins()
    first = twins.spec(SPEC)
    for number in range(2 * MOST):
        twins.spec(replace(SPEC, name=f"n{number}"))
        twins.user(User(f"u{number}"))
    assert len(twins._specs) <= MOST and len(twins._users) <= MOST
    later = replace(SPEC)
    assert twins.spec(later) is later == first
