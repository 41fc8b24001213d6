"""Who is asking: the kernel says it on the unix socket, a token on TCP; and who may at all.

    unix socket   SO_PEERCRED → uid → User          nobody states a name
    TCP           Host checked → Authorization: Bearer TOKEN → its hash in the store → User
                  or the cookie of a session of the page (G33; see ``scopes``)
    agents        their token opens the agents' door and no other, on either socket

What somebody may do is a role, by the operator's file; what a token opens is its scope, one
row each of ``scopes.SCOPES``: it gives no more than its user has.  Tokens are random; the
store keeps hashes only.  No token is ever logged.
"""

from __future__ import annotations

import hashlib
import ipaddress
import os
import pwd
import secrets
import socket
import struct
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from rota.core.account import Role, User
from rota.core.errors import NotAllowed
from rota.server.scopes import (
    AGENT,
    AGENTS,
    LOGIN,
    MINE,
    PAGE,
    PAGES,
    SCOPES,
    cookie_of,
    is_from_page,
    session_of,
    stale,
)
from rota.store.contract import Store, Token

ID_SIZE = 10
"""So many digits of a token's hash name it in lists: they open nothing."""
KNOWN_MAX = 10_000
_PEER = struct.Struct("3i")


class NotIdentified(NotAllowed):
    """Nobody knows who is asking."""

    status = 401


class Peer(NamedTuple):
    """The process at the other end of a unix socket, as the kernel says."""

    pid: int
    uid: int


class PeerProtocol(HttpToolsProtocol):
    """uvicorn's protocol, which also asks the kernel who is at the other end.

    ``scope["state"]["peer"]`` is a ``Peer`` on the unix socket and None on TCP; a WebSocket
    inherits it, as uvicorn hands the state on.
    """

    def connection_made(self, transport: Any) -> None:
        """Note who connected."""
        super().connection_made(transport)
        self.app_state = {**self.app_state, "peer": peer_of(transport)}


def peer_of(transport: Any) -> Peer | None:
    """Return who is at the other end of a unix socket; None on TCP."""
    sock = transport.get_extra_info("socket")
    if sock is None or sock.family != socket.AF_UNIX:
        return None
    raw = sock.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _PEER.size)
    return Peer(*_PEER.unpack(raw)[:2])


class Caller(NamedTuple):
    """Who asks, and from where.

    Shapes:
        origin: for the audit log: "pid 4711 here", "192.0.2.7 by token 3fa81c02de"
        token:  the hash of what was shown, None on the unix socket
        agent:  what it may be, if it is one: then it is no user in particular
    """

    user: User
    origin: str = ""
    token: str | None = None
    agent: Pass | None = None


class Pass(NamedTuple):
    """What an agent may be.

    Shapes:
        token:  the hash of its token;  node: the only name it may have, None: any
        serves: the only user whose jobs it may run, None: not only one's
        uid:    the account it runs jobs of, whatever its own one is called there; None:
                those of its own
    """

    token: str
    node: str | None
    serves: str | None = None
    uid: int | None = None

    def acts_for(self, user: User) -> bool:
        """Whether it runs jobs of *user* without being of the same account."""
        return self.serves == user.name or None is not user.uid == self.uid


class Doorkeeper:
    """Says who is asking, or refuses."""

    def __init__(
        self,
        *,
        store: Store,
        hosts: frozenset[str],
        clock: Callable[[], int],
        role_of: Callable[[str], Role] = lambda name: Role.USER,
    ) -> None:
        self._store, self._hosts, self._clock = store, hosts, clock
        self._role_of = role_of
        self._owner = os.getuid()
        self._owner_name = name_of(self._owner)
        self._names: dict[int, str] = {}
        self._known: dict[str, Token] = {}

    def caller(self, scope: Mapping[str, Any], *, agents: bool = False) -> Caller:
        """Return who sent this request; *agents*: an agent's token does as well.

        Raises:
            NotIdentified: no token, or none that is known.
            NotAllowed: a token that opens another door, or a request from another site.
        """
        peer: Peer | None = scope["state"]["peer"]
        if peer is not None:
            return Caller(self._by_uid(peer.uid), f"pid {peer.pid} here")
        headers = dict(scope["headers"])
        token = bearer(headers)
        host = (scope.get("client") or ("",))[0]
        if token is not None:
            scopes = (*SCOPES, *AGENTS) if agents else tuple(SCOPES)
            return self._by_token(token, scopes=scopes, host=host)
        cookie = cookie_of(headers)
        if cookie is None:
            raise NotIdentified(
                "this address wants a token: Authorization: Bearer …; "
                "the owner's is in the file token of the server's home"
            )
        found = self._by_token(cookie, scopes=PAGES, host=host)
        if scope["method"] != "GET" and not is_from_page(headers, cookie):
            raise NotAllowed(
                "this request did not come from the server's own page; load the page again"
            )
        return found

    def agent(self, scope: Mapping[str, Any]) -> Pass:
        """Let an agent in that shows an agent's token; return what it may be.

        Raises:
            NotIdentified, NotAllowed: it shows none.
        """
        token = bearer(dict(scope["headers"]))
        if token is None:
            raise NotIdentified("agents show an agent's token of this server")
        return self._pass(*self._known_token(token, scopes=AGENTS))

    def _pass(self, digest: str, found: Token) -> Pass:
        serves = found.user if found.scope == MINE else None
        uid = found.uid if found.scope == AGENT else None
        return Pass(digest, found.node, serves, uid)

    def check_site(self, scope: Mapping[str, Any]) -> None:
        """Refuse what comes over TCP by a name that is not ours, or from another site.

        A page of somebody else whose name was made to point here (DNS rebinding) still
        sends its own name as Host; a form of somebody else sends its Origin (G33).
        """
        if scope["state"]["peer"] is not None:
            return
        headers = dict(scope["headers"])
        host = headers.get(b"host", b"").decode("latin-1").lower()
        if not is_ours(host, self._hosts):
            raise NotAllowed(f"this server does not answer to the name {host[:100]!r}")
        origin = headers.get(b"origin")
        if (
            origin is not None
            and origin.decode("latin-1") != f"{scope_scheme(scope)}://{host}"
        ):
            raise NotAllowed("requests from other sites are not taken")

    def begin_session(self, token: str) -> str:
        """Return the cookie of a new session of the page for who shows *token*, a user's.

        Raises:
            NotIdentified: nobody has it.
        """
        return self.open_session(*self._known_token(token, scopes=tuple(SCOPES)))

    def open_session(self, parent: str, token: Token) -> str:
        """Return the cookie of a new session for whom *token* is; *parent*: its hash, or
        of no token but of a login, which it is one of so many by."""
        at = self._clock()
        for old in stale(self._store.tokens(), parent=parent, at=at):
            self._store.drop_token(old)
        cookie = new_token()
        self._store.add_token(hash_of(cookie), session_of(parent, token, at=at))
        return cookie

    def end_session(self, cookie: str) -> None:
        """Let *cookie* open nothing any more."""
        self._store.drop_token(hash_of(cookie))
        self.forget()

    def forget(self) -> None:
        """Look tokens up anew: some have been changed."""
        self._known.clear()

    def role_of(self, name: str, uid: int | None) -> Role:
        """Return what *name* may do: who started the server, and root, may all."""
        return Role.ADMIN if uid in (0, self._owner) else self._role_of(name)

    def _by_uid(self, uid: int) -> User:
        name = self._names.get(uid)
        if name is None:
            name = self._names[uid] = name_of(uid)
        return User(name, uid, self.role_of(name, uid))

    def _by_token(self, token: str, *, scopes: tuple[str, ...], host: str) -> Caller:
        digest, found = self._known_token(token, scopes=scopes)
        origin = f"{host} by token {digest[:ID_SIZE]}"
        if found.scope in AGENTS:
            nobody = User("an agent", role=Role.VIEWER)
            return Caller(nobody, origin, digest, self._pass(digest, found))
        role = self.role_of(found.user, found.uid)
        if found.scope in PAGES and found.parent is not None:
            by = f"token {found.parent[:ID_SIZE]}"
            if found.parent.startswith(LOGIN):
                # Who may choose a name at the provider must not become the owner here.
                by, role = found.note, self._role_of(found.user)
            origin = f"{host} by the page, {by}"
        role = min(SCOPES[found.scope.removeprefix(PAGE)], role)
        return Caller(User(found.user, found.uid, role), origin, digest)

    def _known_token(self, token: str, *, scopes: tuple[str, ...]) -> tuple[str, Token]:
        digest = hash_of(token)
        found = self._known.get(digest)
        if found is None:
            found = self._store.token(digest)
            if found is None:
                raise NotIdentified("this token is not known here, or not any more")
            if len(self._known) >= KNOWN_MAX:
                self._known.clear()
            self._known[digest] = found
        if found.expires_at is not None and found.expires_at <= self._clock():
            raise NotIdentified("this token has expired; rota token create makes another")
        if found.scope not in scopes:
            raise NotAllowed(f"this token is for {found.scope}: it does not open this door")
        return digest, found


def is_ours(host: str, names: frozenset[str]) -> bool:
    """Whether *host*, as a Host header has it, is an address or one of *names*.

    An address is always fine: nobody can make an address point elsewhere.
    """
    name = host if host.endswith("]") else host.rsplit(":", 1)[0]
    if name in names:
        return True
    try:
        ipaddress.ip_address(name.removeprefix("[").removesuffix("]"))
    except ValueError:
        return False
    return True


def bearer(headers: Mapping[bytes, bytes]) -> str | None:
    """Return the token of an Authorization header."""
    kind, _, token = headers.get(b"authorization", b"").decode("latin-1").partition(" ")
    return token.strip() if kind.lower() == "bearer" and token.strip() else None


def new_token() -> str:
    """Return a fresh token, 256 bits of chance."""
    return secrets.token_urlsafe(32)


def hash_of(token: str) -> str:
    """Return what the store keeps of *token*."""
    return hashlib.sha256(token.encode()).hexdigest()


def name_of(uid: int) -> str:
    """Return the login name of *uid*, or the number when it has none."""
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def scope_scheme(scope: Mapping[str, Any]) -> str:
    """Return http or https, for a WebSocket too."""
    scheme = str(scope["scheme"])
    return {"ws": "http", "wss": "https"}.get(scheme, scheme)
