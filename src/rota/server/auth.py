"""Who is asking: the kernel says it on the unix socket, a token on TCP; and who may at all.

    unix socket   SO_PEERCRED → uid → User          nobody states a name
    TCP           Host checked → Authorization: Bearer TOKEN → its hash in the store → User
                  or the page's cookie, and then only with the page's own header (G33)
    agents        their token opens the agents' door and no other, on either socket

What a token opens is its scope, one row each of ``SCOPES``.  Tokens are random; the store
keeps hashes only.  No token is ever logged.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import os
import pwd
import secrets
import socket
import struct
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from rota.core.account import User
from rota.core.errors import NotAllowed
from rota.store.contract import Store, Token

COOKIE = "rota_page"
PAGE_HEADER = b"x-rota-page"
USER, READ, ADMIN, AGENT, INVITE = "user", "read", "admin", "agent", "invite"
PAGE = "page:"
SCOPES: Mapping[str, str] = {
    USER: "do what its user may do, who is no administrator by it",
    READ: "look, and change nothing",
    ADMIN: "do everything",
    AGENT: "be a node, and nothing else",
    INVITE: "be exchanged for an agent's token by rota join",
}
ID_SIZE = 10
"""So many digits of a token's hash name it in lists: they open nothing."""
KNOWN_MAX = 10_000
_PEER = struct.Struct("3i")


class NotIdentified(NotAllowed):
    """Nobody knows who is asking."""

    status = 401


class PeerProtocol(HttpToolsProtocol):
    """uvicorn's protocol, which also asks the kernel who is at the other end.

    ``scope["state"]["peer"]`` is the uid on the unix socket and None on TCP; a WebSocket
    inherits it, as uvicorn hands the state on.
    """

    def connection_made(self, transport: Any) -> None:
        """Note the uid of whoever connected."""
        super().connection_made(transport)
        self.app_state = {**self.app_state, "peer": peer_uid(transport)}


def peer_uid(transport: Any) -> int | None:
    """Return the uid at the other end of a unix socket; None on TCP."""
    sock = transport.get_extra_info("socket")
    if sock is None or sock.family != socket.AF_UNIX:
        return None
    raw = sock.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _PEER.size)
    return int(_PEER.unpack(raw)[1])


class Caller(NamedTuple):
    """Who asks; ``by_cookie`` says that a browser may have been talked into it.

    may_change: False for who may only look
    agent: what it may be, if it is one: then it is no user in particular
    """

    user: User
    by_cookie: bool = False
    may_change: bool = True
    agent: Pass | None = None


class Pass(NamedTuple):
    """What an agent may be.

    Shapes:
        token: the hash of its token;  node: the only name it may have, None: any
    """

    token: str
    node: str | None


class Doorkeeper:
    """Says who is asking, or refuses."""

    def __init__(
        self, *, store: Store, hosts: frozenset[str], clock: Callable[[], int]
    ) -> None:
        self._store, self._hosts, self._clock = store, hosts, clock
        self._owner = os.getuid()
        self._owner_name = name_of(self._owner)
        self._users: dict[int, User] = {}
        self._known: dict[str, Token] = {}

    def caller(self, scope: Mapping[str, Any], *, agents: bool = False) -> Caller:
        """Return who sent this request; *agents*: an agent's token does as well.

        Raises:
            NotIdentified: no token, or none that is known.
            NotAllowed: a token that opens another door, or a request from another site.
        """
        found = self._caller(scope, agents=agents)
        if not found.may_change and scope["method"] not in ("GET", "HEAD"):
            raise NotAllowed("this token is for looking only: it changes nothing")
        return found

    def _caller(self, scope: Mapping[str, Any], *, agents: bool) -> Caller:
        peer = scope["state"]["peer"]
        if peer is not None:
            return Caller(self._by_uid(peer))
        headers = dict(scope["headers"])
        token = bearer(headers)
        if token is not None:
            scopes = (USER, READ, ADMIN, AGENT) if agents else (USER, READ, ADMIN)
            return self._by_token(token, scopes=scopes)
        cookie = cookie_of(headers)
        if cookie is None:
            raise NotIdentified(
                "this address wants a token: Authorization: Bearer …; "
                "the owner's is in the file token of the server's home"
            )
        if scope["method"] != "GET" and PAGE_HEADER not in headers:
            raise NotAllowed("this request did not come from the server's own page")
        pages = (PAGE + USER, PAGE + READ, PAGE + ADMIN)
        return self._by_token(cookie, scopes=pages)._replace(by_cookie=True)

    def agent(self, scope: Mapping[str, Any]) -> Pass:
        """Let an agent in that shows an agent's token; return what it may be.

        Raises:
            NotIdentified, NotAllowed: it shows none.
        """
        token = bearer(dict(scope["headers"]))
        if token is None:
            raise NotIdentified("agents show an agent's token of this server")
        return self._pass(*self._known_token(token, scopes=(AGENT,)))

    def _pass(self, digest: str, found: Token) -> Pass:
        return Pass(digest, found.node)

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

    def trade(self, token: str) -> str:
        """Return the cookie for the page of whoever shows *token*, a user's.

        Raises:
            NotIdentified: nobody has it.
        """
        digest, found = self._known_token(token, scopes=(USER, READ, ADMIN))
        cookie = hmac.new(token.encode(), b"rota page", hashlib.sha256).hexdigest()
        if self._store.token(hash_of(cookie)) is None:
            page = found._replace(
                scope=PAGE + found.scope, created_at=self._clock(), parent=digest
            )
            self._store.add_token(hash_of(cookie), page)
        return cookie

    def forget(self) -> None:
        """Look tokens up anew: some have been changed."""
        self._known.clear()

    def _by_uid(self, uid: int) -> User:
        user = self._users.get(uid)
        if user is None:
            is_admin = uid in (0, self._owner)
            user = self._users[uid] = User(name_of(uid), uid, is_admin)
        return user

    def _by_token(self, token: str, *, scopes: tuple[str, ...]) -> Caller:
        digest, found = self._known_token(token, scopes=scopes)
        if found.scope == AGENT:
            return Caller(User("an agent"), agent=self._pass(digest, found))
        role = found.scope.removeprefix(PAGE)
        user = User(found.user, found.uid, role == ADMIN)
        return Caller(user, may_change=role != READ)

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


def cookie_of(headers: Mapping[bytes, bytes]) -> str | None:
    """Return the page's cookie."""
    for part in headers.get(b"cookie", b"").decode("latin-1").split(";"):
        name, _, value = part.strip().partition("=")
        if name == COOKIE and value:
            return value
    return None


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
