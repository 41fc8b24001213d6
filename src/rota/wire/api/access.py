"""Who asks and what they may do; and the log of who asked for what."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from rota.wire.api.words import Cursor, Instant, Limit, Query, View


class SessionView(View, kw_only=True):
    """Who asks, as what; *csrf* is what the page shows in X-Rota-Page to change things."""

    schema: str = "rota.session/1"
    user: str
    role: Annotated[str, Meta(description="viewer, user, operator or admin")]
    csrf: str | None


class LoginView(View, kw_only=True):
    """How one logs in to the page, besides by a token; null: not at all."""

    schema: str = "rota.login/1"
    name: Annotated[str | None, Meta(description="of the provider, for a button")]
    address: Annotated[str | None, Meta(description="where the browser is sent")]


class AuditQuery(Query, kw_only=True):
    """Which lines: every condition that is given must hold."""

    user: Annotated[list[str], Meta(description="of others: operators only")] = []
    action: Annotated[list[str], Meta(description="operations: kill_jobs")] = []
    refused: Annotated[bool, Meta(description="only what was refused")] = False
    since: Annotated[str, Meta(description="an instant, or how long ago: 2h")] | None = None
    limit: Limit = 100
    cursor: Cursor | None = None


class AuditLine(View, kw_only=True):
    """Who asked for what, as what, from where and why; *refused* says why not."""

    id: int
    at: Instant
    user: str
    role: str
    origin: str
    action: Annotated[str, Meta(description="the operation, as this document names it")]
    subject: str
    why: str
    refused: str | None


class AuditPage(View, kw_only=True):
    """Lines of the audit log, newest first."""

    schema: str = "rota.audit/1"
    audit: list[AuditLine]
    next: str | None
