"""What is in force, asked by both clients; the routes are tried in ``tests/server``."""

from __future__ import annotations

import inspect

from rota.client import ruling
from rota.client.ruling import AsyncRulingVerbs, RulingVerbs


def test_both_clients_have_the_same_verbs() -> None:
    """One is the other with await."""

    def verbs(cls: type) -> dict[str, list[str]]:
        found = inspect.getmembers(cls, inspect.isfunction)
        return {name: list(inspect.signature(f).parameters) for name, f in found}

    assert verbs(RulingVerbs) == verbs(AsyncRulingVerbs)


def test_users_and_accounts_are_asked_for_by_path() -> None:
    """Nothing to say but that."""
    assert ruling.users().path.endswith("/users")
    assert ruling.accounts().path.endswith("/accounts")
