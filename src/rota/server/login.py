"""Logging in to the page by the site's provider: there, back, and a session of the page.

    GET /login       ──▶ cookie rota_login: a secret ──▶ the provider, with its state
    GET /login/done  ◀── code and state ── the provider
                     ──▶ state is that of the cookie? ──▶ claims ──▶ name, groups
                     ──▶ cookie of the page (``scopes``), and on to /

Nothing is kept here between the two: state, nonce and PKCE's verifier are made of the
secret in the browser's cookie.  What goes wrong is a sentence on a page of its own.
"""

from __future__ import annotations

import asyncio
import html
import pwd
import re
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from rota.core.account import User
from rota.core.errors import Missing, NotAllowed, RotaError, TooMany, Unreachable
from rota.core.login import Provider
from rota.server.auth import Caller, hash_of, new_token
from rota.server.loop import log
from rota.server.oidc import Attempt, begin, finish
from rota.server.parts import Parts
from rota.server.scopes import COOKIE, LOGIN, LOGIN_MS, SCOPES
from rota.server.site import HEADERS
from rota.store.contract import Token

ATTEMPT = "rota_login"
ATTEMPT_S = 600
THREADS = 4
UNDER_WAY_MAX = 40
"""So many may be at the provider's at a time: strangers must not fill our memory."""

WHOLE_S = 45.0
NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.+@-]{0,63}")

T = TypeVar("T")


class Login:
    """See the head of the file."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._threads = ThreadPoolExecutor(THREADS, "rota-login")
        self._under_way = 0

    def routes(self) -> list[Route]:
        """Return what the browser asks for."""
        return [
            Route("/login", self.go, methods=["GET"]),
            Route("/login/done", self.come_back, methods=["GET"]),
        ]

    async def go(self, request: Request) -> Response:
        """Send the browser to the provider."""
        attempt = Attempt(new_token(), _back(request))
        try:
            provider = self._provider()
            address = await self._aside(lambda: begin(provider, attempt))
        except RotaError as error:
            return _told(error)
        response = RedirectResponse(address, 303, headers=HEADERS)
        # Lax: the way back begins at the provider's, and that is another site.
        response.set_cookie(
            ATTEMPT, attempt.secret, ATTEMPT_S, path="/login", httponly=True,
            secure=request.url.scheme == "https", samesite="lax",
        )  # fmt: skip
        return response

    async def come_back(self, request: Request) -> Response:
        """Let in whom the provider names, or say why not."""
        try:
            cookie = await self._come_back(request)
        except RotaError as error:
            log.warning("a login was refused: %s", error.sentence)
            return _told(error)
        is_secure = request.url.scheme == "https"
        response = RedirectResponse("/", 303, headers=HEADERS)
        response.delete_cookie(ATTEMPT, path="/login")
        response.set_cookie(
            COOKIE, cookie, LOGIN_MS // 1000, secure=is_secure, httponly=True,
            samesite="strict",
        )  # fmt: skip
        return response

    async def _come_back(self, request: Request) -> str:
        provider, parts = self._provider(), self._parts
        attempt = Attempt(request.cookies.get(ATTEMPT, ""), _back(request))
        told = request.query_params
        state = told.get("state", "")
        if not attempt.secret or state != attempt.word("state"):
            raise NotAllowed(
                "this login was not begun in this browser, or more than 10 minutes ago"
            )
        if "error" in told or not told.get("code"):
            why = f"{told.get('error', 'no code')} {told.get('error_description', '')}"
            raise NotAllowed(f"{provider.issuer} did not let you in: {_clean(why)}")
        if told.get("iss", provider.issuer) != provider.issuer:
            raise NotAllowed("this answer is of another provider than was asked")
        at = parts.clock.now()
        claims = await self._aside(lambda: finish(provider, attempt, told["code"], at=at))
        name = named(provider, claims)
        origin = (request.scope.get("client") or ("",))[0]
        return await self._let_in(provider, name, claims, origin=origin)

    async def _let_in(
        self, provider: Provider, name: str, claims: Mapping[str, Any], *, origin: str
    ) -> str:
        """Return the cookie of a new session of *name*; the audit log has it first."""
        parts, at = self._parts, self._parts.clock.now()
        uid = await parts.read(_uid_of, name)
        role = parts.mind.memory.rules.role_of(name)
        caller = Caller(User(name, uid, role), f"{origin} by {provider.issuer}")
        line = parts.audit.taken(caller, "log_in", subject=_clean(claims["sub"]), why="")
        try:
            check_person(provider, claims, name=name, uid=uid)
        except NotAllowed as error:
            parts.audit.refused(line, error)
            raise
        await parts.audit.written()
        by = hash_of(f"{provider.issuer} {name}")
        scope = next(word for word, most in SCOPES.items() if most == role)
        token = Token(name, uid, scope, at, f"login by {provider.issuer}", at + LOGIN_MS)
        return await parts.read(parts.door.open_session, LOGIN + by, token)

    def _provider(self) -> Provider:
        provider = self._parts.mind.memory.rules.provider
        if provider is None:
            raise Missing("nobody logs in here this way: config.yaml has no oidc")
        return provider

    async def _aside(self, what: Callable[[], T]) -> T:
        """Return what blocking *what* returns, while the server goes on."""
        if self._under_way >= UNDER_WAY_MAX:
            raise TooMany("too many are logging in just now; try again in a minute")
        self._under_way += 1
        running = asyncio.get_running_loop().run_in_executor(self._threads, what)
        running.add_done_callback(self._over)
        try:
            async with asyncio.timeout(WHOLE_S):
                return await asyncio.shield(running)
        except TimeoutError:
            raise Unreachable("the login provider takes too long to answer") from None

    def _over(self, done: asyncio.Future[Any]) -> None:
        self._under_way -= 1
        done.cancelled() or done.exception()


def named(provider: Provider, claims: Mapping[str, Any]) -> str:
    """Return who *claims* are about.

    Raises:
        NotAllowed: they name nobody, or what is no name here.
    """
    name = claims.get(provider.claim)
    if not isinstance(name, str) or not NAME.fullmatch(name):
        raise NotAllowed(
            f"the claim {provider.claim} of {provider.issuer} is {_clean(str(name))!r}, "
            "which is no name here; oidc.user in config.yaml says which claim is"
        )
    return name


def check_person(
    provider: Provider, claims: Mapping[str, Any], *, name: str, uid: int | None
) -> None:
    """Refuse who is in none of the groups; and root, whom no provider makes.

    Raises:
        NotAllowed: with the groups that would do.
    """
    if uid == 0:
        raise NotAllowed(f"{name} is root on the server's machine: not by a provider")
    held = claims.get(provider.groups_claim)
    mine = held if isinstance(held, list) else [held]
    if provider.groups and not any(group in mine for group in provider.groups):
        raise NotAllowed(
            f"{name} is in none of the groups {', '.join(provider.groups)}, by the claim "
            f"{provider.groups_claim} of {provider.issuer}"
        )


def _uid_of(name: str) -> int | None:
    try:
        return pwd.getpwnam(name).pw_uid
    except KeyError:
        return None


def _back(request: Request) -> str:
    return f"{request.url.scheme}://{request.url.netloc}/login/done"


def _clean(text: str) -> str:
    return "".join(c if c.isprintable() else " " for c in text)[:300].strip()


def _told(error: RotaError) -> Response:
    """Return a page that says what went wrong: a browser is here, and no program."""
    again = '<p><a href="/login">Log in again</a> · <a href="/">The page</a></p>'
    text = (
        '<!doctype html><html lang="en"><meta charset="utf-8"><title>Rota</title>'
        '<link rel="stylesheet" href="/style.css"><main><p class="notice">'
        f"{html.escape(error.sentence)}</p>{again}</main></html>"
    )
    return Response(text, error.status, HEADERS, "text/html; charset=utf-8")
