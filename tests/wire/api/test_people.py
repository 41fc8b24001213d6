"""The shapes of users and accounts."""

from __future__ import annotations

import msgspec

from rota.wire import api


def test_pages_carry_the_name_of_their_schema() -> None:
    """Scripts tell versions by it."""
    row = api.StandingView(
        name="ann", account="", shares=1.0, entitled=0.5, used_core_s=0.0, effective=0.0,
        factor=1.0, running=0, cores=0, limits=[],
    )  # fmt: skip
    users = msgspec.to_builtins(api.UsersPage(users=[row]))
    assert (users["schema"], users["users"][0]["factor"]) == ("rota.users/1", 1.0)
    assert msgspec.to_builtins(api.AccountsPage(accounts=[]))["schema"] == "rota.accounts/1"
