"""Who may do what: four roles, and whose job it is."""

from __future__ import annotations

import pytest

from rota.core.account import ROLES, Role, User

OWNER = User("ann", 1000)
OTHER = User("bob", 1001)
WATCHER = User("ann", 1000, Role.VIEWER)
OPERATOR = User("op", 1002, Role.OPERATOR)
ADMIN = User("root", 0, Role.ADMIN)


@pytest.mark.parametrize(
    ("user", "acts", "enters", "reads"),
    [
        (OWNER, True, True, True),
        (OTHER, False, False, False),
        (WATCHER, False, False, True),
        (OPERATOR, True, False, False),
        (ADMIN, True, True, True),
    ],
)
def test_g30_owners_act_on_their_own_and_others_by_role(
    user: User, acts: bool, enters: bool, reads: bool
) -> None:
    """An operator ends a job of ann's, and neither reads it nor types to it."""
    told = user.may_act("ann"), user.may_enter("ann"), user.may_read("ann")
    assert told == (acts, enters, reads)


def test_g30_what_is_shared_may_be_read_and_nothing_else() -> None:
    """By name, or by everybody."""
    assert OTHER.may_read("ann", ("bob",))
    assert OTHER.may_read("ann", ("*",))
    assert not OTHER.may_read("ann", ("bobby",))
    assert not OTHER.may_enter("ann")


def test_a_larger_role_may_all_that_a_smaller_one_may() -> None:
    """They are in one order, and have one word each."""
    assert list(ROLES) == ["viewer", "user", "operator", "admin"]
    assert sorted(ROLES.values()) == list(ROLES.values())
