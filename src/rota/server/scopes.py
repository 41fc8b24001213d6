"""What a token opens: its scope; and the sessions of the page, which are made of tokens.

    /?token=… ──▶ cookie (HttpOnly, SameSite=Strict) ─┬─▶ looking
                  GET /session ──▶ csrf ──▶ header ───┴─▶ changing: both, from our Origin

Somebody else's page can make a browser send our cookie, but it can neither read the csrf
nor send a header of its own (G33).
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping

from rota.core.account import Role
from rota.store.contract import Token

COOKIE = "rota_page"
PAGE_HEADER = b"x-rota-page"
USER, READ, OPERATOR, ADMIN = "user", "read", "operator", "admin"
AGENT, JOINED, MINE = "agent", "joined", "mine"
AGENTS = (AGENT, JOINED, MINE)
"""Each lets be a node: of the one who made it, of the account that its agent runs under,
of its user's jobs only."""

INVITE, INVITE_MINE = "invite", "invite-mine"
INVITED = {INVITE: JOINED, INVITE_MINE: MINE}
"""{scope of an invitation: that of what it is exchanged for by ``rota join``}."""

PAGE = "page:"
SCOPES: Mapping[str, Role] = {
    READ: Role.VIEWER,
    USER: Role.USER,
    OPERATOR: Role.OPERATOR,
    ADMIN: Role.ADMIN,
}
"""{scope of a token of people: the most that its user is by it}; others open one door."""

PAGES = tuple(PAGE + scope for scope in SCOPES)
SESSION_MS = 7 * 86_400_000
"""So long a session of the page lasts."""
LOGIN, LOGIN_MS = "login:", 12 * 3_600_000
"""What the parent of a session by a provider begins with, who is asked twice a day."""
SESSIONS_MAX = 20
"""So many may be open by one token; the oldest end for new ones."""


def session_of(digest: str, token: Token, *, at: int) -> Token:
    """Return a session that who shows *token* begins *at*: it ends with that token."""
    ends = [at + SESSION_MS, *([token.expires_at] if token.expires_at else [])]
    return token._replace(
        scope=PAGE + token.scope, created_at=at, parent=digest, expires_at=min(ends)
    )


def stale(tokens: Mapping[str, Token], *, parent: str, at: int) -> list[str]:
    """Return the sessions that are over, and the oldest of *parent* if it has too many."""
    sessions = [(digest, one) for digest, one in tokens.items() if one.scope in PAGES]
    over = [d for d, one in sessions if one.expires_at is not None and one.expires_at <= at]
    own = [d for d, one in sessions if one.parent == parent and d not in over]
    return [*over, *own[: max(0, len(own) - SESSIONS_MAX + 1)]]


def csrf_of(cookie: str) -> str:
    """Return what requests of the session with *cookie* must show: pages of others can
    make a browser send the cookie, but neither read this nor send the header it goes in."""
    return hmac.new(cookie.encode(), b"rota csrf", hashlib.sha256).hexdigest()


def is_from_page(headers: Mapping[bytes, bytes], cookie: str) -> bool:
    """Whether a request with *cookie* shows that it is the page's own (G33)."""
    shown = headers.get(PAGE_HEADER, b"")
    return hmac.compare_digest(shown, csrf_of(cookie).encode())


def cookie_of(headers: Mapping[bytes, bytes]) -> str | None:
    """Return the page's cookie."""
    for part in headers.get(b"cookie", b"").decode("latin-1").split(";"):
        name, _, value = part.strip().partition("=")
        if name == COOKIE and value:
            return value
    return None
