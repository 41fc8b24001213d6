"""Who may touch whose jobs."""

from __future__ import annotations

from rota.core.account import User


def test_owners_act_on_their_own_jobs_and_administrators_on_all() -> None:
    """G30 in one line."""
    ann, root = User("ann", 1000), User("root", 0, is_admin=True)

    assert ann.may_touch("ann") and not ann.may_touch("bob")
    assert root.may_touch("bob")
