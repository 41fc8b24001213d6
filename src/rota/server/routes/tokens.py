"""Tokens: made, listed, revoked; invitations, and who comes by one.

    POST /invitations ──▶ a word for rota join ──▶ POST /join ──▶ the agent's own token

Every token that is made or revoked is in the server's log, without itself.
"""

from __future__ import annotations

import logging
import pwd

from rota.core.account import Role, User
from rota.core.errors import Conflict, Malformed, Missing, NotAllowed
from rota.core.pin import with_pin
from rota.core.pool import pilot_of
from rota.server.auth import ID_SIZE, Caller, NotIdentified, hash_of, new_token
from rota.server.listen import parse_address
from rota.server.parts import Parts
from rota.server.route import Call
from rota.server.scopes import AGENT, INVITE, INVITE_MINE, INVITED, MINE, PAGE, SCOPES
from rota.server.views import instant, show_instant
from rota.store.contract import Token
from rota.wire import api
from rota.wire.invitation import Invitation, to_text

log = logging.getLogger("rota.tokens")


async def list_tokens(parts: Parts, call: Call) -> api.TokensPage:
    """List tokens: one's own, or, for an administrator, all."""
    found = await parts.read(parts.store.tokens)
    at = parts.clock.now()
    return api.TokensPage(
        tokens=[
            _view(digest, token, at)
            for digest, token in found.items()
            if _may_see(call.user, token) and not token.scope.startswith(PAGE)
        ]
    )


async def create_token(parts: Parts, call: Call) -> api.NewToken:
    """Make a token for oneself; an administrator may make one for others."""
    body: api.TokenBody = call.body
    user, at = _user_of(parts, body, call.user), parts.clock.now()
    if body.scope == MINE and body.node is None:
        raise Malformed("a token of one's own agent is for one node: say which (--node)")
    if body.node is not None:
        await _check_name(parts, body.node, user=user)
    ends_at = at + body.expires_s * 1000 if body.expires_s else None
    parent = await parts.read(parts.store.token, call.caller.token or "")
    if parent is not None and parent.expires_at is not None:
        # Who found a token that ends tomorrow must not make one of it that never does.
        ends_at = min(parent.expires_at, ends_at or parent.expires_at)
    token = Token(user.name, user.uid, body.scope, at, body.note, ends_at, node=body.node)
    return await _made(parts, call.user, token=token)


async def revoke_tokens(parts: Parts, call: Call) -> api.Revoked:
    """Let tokens open nothing any more, at once; agents that use them are hung up on."""
    found = await parts.read(parts.store.tokens)
    mine = {
        digest[:ID_SIZE]: digest
        for digest, token in found.items()
        if _may_see(call.user, token)
    }
    missing = [one for one in call.body.ids if one not in mine]
    if missing:
        raise Missing(f"there is no token {missing[0]!r}; rota token ls lists them")
    for one in call.body.ids:
        await parts.read(parts.store.drop_token, mine[one])
        parts.gateway.revoke(mine[one])
        log.info("%s revoked token %s", call.user.name, one)
    parts.door.forget()
    return api.Revoked(ids=list(call.body.ids))


async def invite_nodes(parts: Parts, call: Call) -> api.NewToken:
    """Make an invitation: whoever shows it may add a node, so often, until then.

    Anybody may invite nodes that run one's own jobs only.
    """
    body: api.InviteBody = call.body
    if not (call.user.is_admin or body.mine):
        raise NotAllowed(
            f"{call.user.name} may not invite nodes that everybody's jobs run on; ask an "
            "administrator, or `rota invite --mine` for one that runs yours only"
        )
    urls = _urls(parts, body.addresses)
    at = parts.clock.now()
    ends_at = at + body.expires_s * 1000
    scope = INVITE_MINE if body.mine else INVITE
    token = Token(
        call.user.name, call.user.uid, scope, at, body.note, ends_at, body.uses,
        labels=tuple(body.labels),
    )  # fmt: skip
    made = await _made(parts, call.user, token=token)
    made.token = to_text(Invitation(tuple(urls), made.token, ends_at))
    return made


async def join_node(parts: Parts, call: Call) -> api.Joined:
    """Exchange the secret of an invitation for a token of the agent's own."""
    body: api.JoinBody = call.body
    digest, at = hash_of(body.secret), parts.clock.now()
    invite = await parts.read(parts.store.token, digest)
    if invite is None or invite.scope not in INVITED:
        raise NotIdentified(
            "this invitation is not known here: it was revoked, or is another server's; "
            "ask for a new one (rota invite)"
        )
    if invite.expires_at is not None and invite.expires_at <= at:
        raise NotIdentified(
            f"this invitation expired at {show_instant(invite.expires_at)}; "
            "ask for a new one (rota invite)"
        )
    role = Role.ADMIN if invite.scope == INVITE else Role.USER
    by = User(invite.user, invite.uid, role)
    await _check_name(parts, body.node, user=by)
    if not await parts.read(parts.store.use_token, digest):
        raise NotIdentified(
            "this invitation was used already, as often as it could be; "
            "ask for a new one (rota invite --uses N)"
        )
    note = f"joined by invitation {digest[:ID_SIZE]}"
    token = Token(
        invite.user, invite.uid, INVITED[invite.scope], at, note, node=body.node,
        labels=invite.labels,
    )  # fmt: skip
    origin = f"{call.caller.origin} by invitation {digest[:ID_SIZE]}"
    parts.audit.taken(Caller(by, origin), "join_node", subject=body.node, why="")
    await parts.audit.written()
    made = await _made(parts, by, token=token)
    return api.Joined(
        token=made.token,
        server=parts.about.server,
        node=body.node,
        labels=list(invite.labels),
    )


async def _made(parts: Parts, by: User, *, token: Token) -> api.NewToken:
    secret = new_token()
    digest = hash_of(secret)
    await parts.read(parts.store.add_token, digest, token)
    log.info(
        "%s made token %s: %s of %s, %s",
        by.name, digest[:ID_SIZE], token.scope, token.user, token.node or "any node",
    )  # fmt: skip
    view = _view(digest, token, token.created_at)
    return api.NewToken(
        token=secret, **{f: getattr(view, f) for f in view.__struct_fields__}
    )


def _user_of(parts: Parts, body: api.TokenBody, asks: User) -> User:
    """Return whom a new token is for.

    Raises:
        NotAllowed: who *asks* may not make such a token.
    """
    name = body.user or asks.name
    if not asks.is_admin and name != asks.name:
        raise NotAllowed(
            f"{asks.name} may make tokens of their own only; ask an administrator"
        )
    if body.scope == AGENT and (not asks.is_admin or name != asks.name):
        raise NotAllowed(
            "everybody's jobs run on a node, as its agent's user: only an administrator "
            "makes tokens of agents, and for nobody else"
        )
    user = asks if name == asks.name else _named(parts, name)
    if SCOPES.get(body.scope, user.role) > user.role:
        raise NotAllowed(
            f"a token of scope {body.scope} is no use to {name}, who is "
            f"{user.role.word} here: tokens give no more than their user has; "
            f"config.yaml gives roles: {{{name}: {body.scope}}}"
        )
    return user


def _named(parts: Parts, name: str) -> User:
    """Return who *name* is, whether this machine knows them or not."""
    try:
        uid = pwd.getpwnam(name).pw_uid
    except KeyError:
        uid = None
    return User(name, uid, parts.door.role_of(name, uid))


async def _check_name(parts: Parts, node: str, *, user: User) -> None:
    """See that a newcomer does not take the name of a node that is in use.

    Raises:
        Conflict: it is somebody else's, a pilot's, or up, or has jobs.
    """
    pilot = pilot_of(node)
    if pilot is not None and (pilot[0] in parts.mind.memory.pools or not user.is_admin):
        raise Conflict(f"{node} is a name as pilots have them; choose another (--name)")
    known = {state.node.name: state for state in parts.mind.nodes()}.get(node)
    others = [
        token
        for token in (await parts.read(parts.store.tokens)).values()
        if token.node == node and token.user != user.name
    ]
    if others or (known and (known.session is not None or known.allocs)):
        raise Conflict(
            f"there is a node {node} already; choose another name (--name), or end that one"
        )


def _urls(parts: Parts, addresses: list[str]) -> list[str]:
    tcp = parts.tcp
    if tcp is not None and tcp.tls is not None:
        if not addresses:
            return tcp.urls()
        return [_told(address, pin=tcp.pin) for address in addresses]
    raise Conflict(
        "this server listens on its own machine only, others cannot reach it; "
        "start it with rota up --listen 0.0.0.0:8400"
    )


def _told(address: str, *, pin: str | None) -> str:
    host, port = parse_address(address)
    shown = f"[{host}]" if ":" in host else host
    return with_pin(f"https://{shown}:{port}", pin)


def _may_see(user: User, token: Token) -> bool:
    return user.is_admin or token.user == user.name


def _view(digest: str, token: Token, at: int) -> api.TokenView:
    return api.TokenView(
        id=digest[:ID_SIZE],
        scope=token.scope,
        user=token.user,
        note=token.note,
        node=token.node,
        labels=list(token.labels),
        uses=token.uses,
        created_at=show_instant(token.created_at),
        expires_at=instant(token.expires_at),
        expired=token.expires_at is not None and token.expires_at <= at,
    )
