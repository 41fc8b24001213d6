"""Tokens, invitations, and what a machine says that joins by one."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from rota.wire.api.words import Body, Instant, View

TOKENS_SCHEMA = "rota.tokens/1"
_YEARS_10 = 315_360_000

Word = Annotated[str, Meta(min_length=1, max_length=255, pattern=r"^[^\s\x00-\x1f]+$")]
Note = Annotated[str, Meta(max_length=200)]
Lasts = Annotated[int, Meta(ge=1, le=_YEARS_10, description="seconds; null: no end")]


class TokenBody(Body, kw_only=True):
    """What a new token shall open, for whom, and for how long."""

    scope: Literal["user", "read", "operator", "admin", "agent", "mine"] = "user"
    user: Annotated[Word, Meta(description="null: who asks")] | None = None
    note: Note = ""
    expires_s: Lasts | None = None
    node: Annotated[Word, Meta(description="the only node it may speak for")] | None = None


class InviteBody(Body, kw_only=True):
    """How long an invitation holds, how often, and what nodes get that come by it."""

    expires_s: Annotated[int, Meta(ge=1, le=_YEARS_10)] = 3600
    uses: Annotated[int, Meta(ge=1, le=10_000)] = 1
    labels: list[Word] = []
    addresses: Annotated[
        list[Word], Meta(max_length=20, description="HOST:PORT, instead of its own")
    ] = []
    note: Note = ""
    mine: Annotated[bool, Meta(description="they run the jobs of who asks only")] = False


class JoinBody(Body, kw_only=True):
    """The secret of an invitation, and the name of the machine that shows it."""

    secret: Annotated[str, Meta(max_length=1000)]
    node: Word


class RevokeBody(Body, kw_only=True):
    """Ids of tokens, as they are listed."""

    ids: Annotated[list[Word], Meta(min_length=1, max_length=1000)]


class TokenView(View, kw_only=True):
    """A token without itself; ``uses`` is how often it can still be used, null: always."""

    id: str
    scope: str
    user: str
    note: str
    node: str | None
    labels: list[str]
    uses: int | None
    created_at: Instant
    expires_at: Instant | None
    expired: bool


class NewToken(TokenView, kw_only=True):
    """A token; it is told this once and never again."""

    token: str


class TokensPage(View, kw_only=True):
    """The tokens of who asks; an administrator sees everybody's."""

    schema: str = TOKENS_SCHEMA
    tokens: list[TokenView]


class Revoked(View, kw_only=True):
    """The tokens that open nothing any more."""

    ids: list[str]


class Joined(View, kw_only=True):
    """The agent's own token, told once, and what the node is to offer."""

    token: str
    server: str
    node: str
    labels: list[str]
