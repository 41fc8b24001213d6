"""REST: a request meets its row of the table; a refusal becomes its status and body.

    request ──▶ site checked ──▶ caller known ──▶ query, body checked ──▶ handler ──▶ JSON
                      ╰───────────────┴──────────────────┴───────────────────┴──▶ refusal

Everything a handler raises leaves here: by the tree of ``core.errors`` and nothing else.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import ExitStack
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route as StarletteRoute
from starlette.routing import Router, WebSocketRoute
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket

from rota.core.account import User
from rota.core.errors import Broken, Malformed, Missing, NotAllowed, RotaError, TooMany
from rota.engine.records import Audited
from rota.server import spreading
from rota.server.audit import is_noted, subject_of, why_of
from rota.server.auth import Caller
from rota.server.login import Login
from rota.server.parts import Parts
from rota.server.route import (
    SMALL_MAX,
    Call,
    Route,
    decode_body,
    decode_query,
    json_response,
    read_body,
)
from rota.server.routes.table import ROUTES
from rota.server.site import site_routes
from rota.wire.agent import PATH as AGENT_PATH
from rota.wire.steps import PATH as SPREAD_PATH

log = logging.getLogger("rota.api")

NOT_ASKED = Caller(User("nobody"))


class Api:
    """The ASGI application; see the head of the file."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._router = Router(
            [
                *[_served(parts, row) for row in ROUTES],
                WebSocketRoute(AGENT_PATH, self._agent),
                WebSocketRoute(SPREAD_PATH, self._spread),
                *Login(parts).routes(),
                *site_routes(parts),
            ],
            redirect_slashes=False,
            default=_nothing_there,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection's request."""
        if scope["type"] == "lifespan":
            return
        scope["app"] = self
        started = _Started(send)
        try:
            self._parts.door.check_site(scope)
            with ExitStack() as scope["held"]:
                await self._router(scope, receive, started)
        except RotaError as error:
            await refuse(error, scope=scope, receive=receive, send=started)
        except HTTPException as error:
            await refuse(_of_http(error), scope=scope, receive=receive, send=started)
        except Exception as error:
            log.error("%s %s failed", scope.get("method"), scope["path"], exc_info=error)
            broken = Broken(f"the server could not do this: {type(error).__name__}")
            await refuse(broken, scope=scope, receive=receive, send=started)

    async def _agent(self, socket: WebSocket) -> None:
        shown = self._parts.door.agent(socket.scope)
        await self._parts.gateway.serve(socket, shown)

    async def _spread(self, socket: WebSocket) -> None:
        await spreading.serve(self._parts.steps, socket)


class _Started:
    """A ``send`` that knows whether an answer has begun: then it is too late to refuse."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self.has_begun = False

    async def __call__(self, message: Any) -> None:
        self.has_begun = True
        await self._send(message)


async def refuse(
    error: RotaError, *, scope: Scope, receive: Receive, send: _Started
) -> None:
    """Answer with *error*: its body, and the status of its class."""
    if send.has_begun:
        log.warning("%s broke off: %s", scope["path"], error.sentence)
        raise error
    response = json_response(error.to_dict(), status=error.status)
    if isinstance(error, TooMany):
        response.headers["Retry-After"] = str(error.after_s)
    if error.status == 401:
        response.headers["WWW-Authenticate"] = "Bearer"
    if scope["type"] == "websocket":
        await WebSocket(scope, receive, send).send_denial_response(response)
    else:
        await response(scope, receive, send)


def _served(parts: Parts, row: Route) -> StarletteRoute:
    return StarletteRoute(
        row.path, endpoint(parts, row), methods=[row.method], name=row.name
    )


def endpoint(parts: Parts, row: Route) -> Callable[[Request], Awaitable[Response]]:
    """Return what serves *row*: all the checking that its types allow, then its handler."""

    async def serve(request: Request) -> Response:
        caller = NOT_ASKED
        if not row.is_open:
            caller = parts.door.caller(request.scope, agents=row.for_agents)
        noted = _Noted(parts, row, caller)
        if not row.is_open and caller.agent is None:
            # Let go by ``Api`` when all of the answer is sent.
            request.scope["held"].enter_context(parts.turns.held(caller.user))
            await parts.turns.wait(caller.user)
        try:
            check_role(row, caller)
            call = await _call(row, caller, request)
            await noted.begin(call)
            began = time.perf_counter()
            answer = await row.handler(parts, call)
        except RotaError as error:
            noted.refuse(error, path=request.path_params)
            raise
        parts.loop.timings.request.add(time.perf_counter() - began)
        if isinstance(answer, Response):
            return answer
        return json_response(answer, status=row.status)

    return serve


def check_role(row: Route, caller: Caller) -> None:
    """Refuse what takes a larger role; what agents may, the door and handlers know.

    Raises:
        NotAllowed: with the role it takes.
    """
    user = caller.user
    if user.role < row.needs and not row.is_open and caller.agent is None:
        raise NotAllowed(
            f"{user.name} is {user.role.word} here, by role or by token, and may not do "
            f"this: it takes {row.needs.word}; roles are given in config.yaml"
        )


async def _call(row: Route, caller: Caller, request: Request) -> Call:
    query = body = None
    if row.query is not None:
        query = decode_query(request.query_params.multi_items(), row.query)
    if row.body is not None and not row.reads_body:
        raw = await read_body(request, size_max=SMALL_MAX)
        body = decode_body(raw, row.body)
    why = why_of(request.headers)
    return Call(caller, request, request.path_params, query, body, why)


class _Noted:
    """What the audit log says of one request; agents have logs of their own."""

    def __init__(self, parts: Parts, row: Route, caller: Caller) -> None:
        self._parts, self._row, self._caller = parts, row, caller
        self._line: Audited | None = None

    async def begin(self, call: Call) -> None:
        if self._row.is_action and self._caller.agent is None:
            subject = subject_of(call.path, call.body)
            why = call.why or getattr(call.body, "why", "")
            self._line = self._parts.audit.taken(
                self._caller, self._row.name, subject=subject, why=why
            )
            if self._row.is_direct:
                await self._parts.audit.written()

    def refuse(self, error: RotaError, *, path: Mapping[str, Any]) -> None:
        if self._line is not None:
            self._parts.audit.refused(self._line, error)
        elif is_noted(self._row, error) and self._caller is not NOT_ASKED:
            subject = subject_of(path, None)
            self._parts.audit.denied(
                self._caller, self._row.name, subject=subject, error=error
            )


async def _nothing_there(scope: Scope, receive: Receive, send: Send) -> None:
    raise Missing(f"there is nothing at {scope['path'][:200]}; see /api/openapi.json")


def _of_http(error: HTTPException) -> RotaError:
    if error.status_code == 405:
        refusal = Malformed("this path does not know that method; see /api/openapi.json")
        refusal.status = 405
        return refusal
    refusal = Malformed(str(error.detail))
    refusal.status = error.status_code
    return refusal
