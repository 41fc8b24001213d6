"""Who asks, what they may do, and what they and others asked for."""

from __future__ import annotations

from rota.core.errors import NotAllowed
from rota.server.parts import Parts
from rota.server.route import Call
from rota.server.routes.listing import since_when
from rota.server.scopes import cookie_of, csrf_of
from rota.server.views import show_instant
from rota.store.contract import AuditQuery
from rota.wire import api


async def list_audit(parts: Parts, call: Call) -> api.AuditPage:
    """List who changed what, from where and why: one's own, or, for an operator, all."""
    asked: api.AuditQuery = call.query
    users = asked.user
    if not call.user.is_operator:
        if set(users) - {call.user.name}:
            raise NotAllowed("what others asked for is shown to operators only")
        users = [call.user.name]
    query = AuditQuery(
        users=users,
        actions=asked.action,
        refused=asked.refused,
        since=since_when(asked.since, parts.clock.now()),
        before=int(asked.cursor) if asked.cursor else None,
        limit=asked.limit + 1,
    )
    await parts.audit.written()
    rows = await parts.read(parts.store.audit, query)
    shown = [
        api.AuditLine(**{**row, "at": show_instant(row["at"])})
        for row in rows[: asked.limit]
    ]
    more = len(rows) > asked.limit
    return api.AuditPage(audit=shown, next=str(shown[-1].id) if more else None)


async def show_session(parts: Parts, call: Call) -> api.SessionView:
    """Say who asks, what they may do, and what the page needs to change things."""
    cookie = cookie_of(dict(call.request.scope["headers"]))
    return _view(call, csrf_of(cookie) if cookie else None)


async def show_login(parts: Parts, call: Call) -> api.LoginView:
    """Say how one logs in to the page, besides by a token."""
    provider = parts.mind.memory.rules.provider
    if provider is None:
        return api.LoginView(name=None, address=None)
    return api.LoginView(name=provider.name, address="/login")


async def end_session(parts: Parts, call: Call) -> api.SessionView:
    """Log out: the cookie of this session of the page opens nothing any more."""
    cookie = cookie_of(dict(call.request.scope["headers"]))
    if cookie is not None:
        await parts.read(parts.door.end_session, cookie)
    return _view(call, None)


def _view(call: Call, csrf: str | None) -> api.SessionView:
    return api.SessionView(user=call.user.name, role=call.user.role.word, csrf=csrf)
