"""Sessions of the page: they end, there are not ever more of them, and their secret."""

from __future__ import annotations

from rota.server.scopes import (
    PAGE_HEADER,
    SCOPES,
    SESSION_MS,
    SESSIONS_MAX,
    csrf_of,
    is_from_page,
    session_of,
    stale,
)
from rota.store.contract import Token

OWNER = Token("ann", 1000, "user", 5)


def test_a_session_ends_with_its_token_or_before() -> None:
    """It opens what that opens, and is known to be made of it."""
    session = session_of("digest", OWNER, at=100)
    assert (session.scope, session.parent) == ("page:user", "digest")
    assert session.expires_at == 100 + SESSION_MS
    assert session_of("d", OWNER._replace(expires_at=200), at=100).expires_at == 200


def test_g34_the_oldest_sessions_go_for_new_ones_and_those_that_are_over() -> None:
    """Nobody fills the store by loading the page; sessions of others stay."""
    open_ = {f"s{n:02}": session_of("mine", OWNER, at=n) for n in range(SESSIONS_MAX)}
    over = {"over": session_of("other", OWNER._replace(expires_at=10), at=5)}
    theirs = {"theirs": session_of("other", OWNER, at=0)}
    tokens = {"mine": OWNER, **open_, **over, **theirs}
    assert stale(tokens, parent="mine", at=50) == ["over", "s00"]
    assert stale({"mine": OWNER, **theirs}, parent="mine", at=50) == []


def test_g33_the_cookie_alone_is_not_the_page() -> None:
    """The header must have what only a page of ours could read."""
    assert is_from_page({PAGE_HEADER: csrf_of("cookie").encode()}, "cookie")
    for shown in (b"", b"1", csrf_of("other").encode(), "é".encode()):
        assert not is_from_page({PAGE_HEADER: shown}, "cookie")
    assert not is_from_page({}, "cookie")


def test_scopes_are_in_the_order_of_what_they_open() -> None:
    """The least first."""
    assert list(SCOPES) == ["read", "user", "operator", "admin"]
    assert sorted(SCOPES.values()) == list(SCOPES.values())
