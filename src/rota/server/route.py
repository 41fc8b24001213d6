"""What a route is: one row with its types, from which it is served and documented.

    Route("POST", "/jobs/hold", hold, body=TargetsBody, answer=Asked)
         ╰─▶ endpoint: query and body checked, handler called, answer encoded
         ╰─▶ openapi:  the same row as a path of the document

A handler checks, translates and hands over; it decides nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, get_type_hints

import msgspec
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from rota.core.account import Role, User
from rota.core.errors import Complaint, Malformed, did_you_mean
from rota.core.units import show_size
from rota.wire import api

if TYPE_CHECKING:
    from rota.server.auth import Caller, Pass
    from rota.server.parts import Parts

SMALL_MAX = 4 << 20
INLINE_MAX = 64 << 10
BODY_S = 30.0
"""So long the next piece of a body may take to come."""


@dataclass(frozen=True, slots=True)
class Call:
    """One request, checked: who, which, and what; *why* is in the words of who asks."""

    caller: Caller
    request: Request
    path: Mapping[str, int]
    query: Any
    body: Any
    why: str = ""

    @property
    def user(self) -> User:
        """Who asks."""
        return self.caller.user

    @property
    def agent(self) -> Pass | None:
        """What it may be, when an agent asks."""
        return self.caller.agent


Handler = Callable[["Parts", Call], Awaitable[Any]]


@dataclass(frozen=True, slots=True)
class Route:
    """One row of the API.

    Shapes:
        takes_media: of the body, when it is not JSON
        media:      of the answer, when it is not JSON
        is_open:    anybody may ask
        for_agents: an agent's token opens it, too
        role:       who may ask; None: to look everybody, to change who may hand in
        is_noted:   what it changes is in the audit log
        is_direct:  it changes something by itself, not by way of the inbox: its line of
                    the audit log is on disk before
        reads_body: the handler reads the body itself, as it may be very large
        other:      {status: type} of answers besides the usual one
        errors:     statuses of refusals besides those that every route may give
    """

    method: str
    path: str
    handler: Handler
    answer: Any = None
    query: type[api.Query] | None = None
    body: type[api.Body] | None = None
    status: int = 200
    media: str = "application/json"
    takes_media: str | None = None
    is_open: bool = False
    for_agents: bool = False
    role: Role | None = None
    is_noted: bool = True
    is_direct: bool = False
    reads_body: bool = False
    errors: tuple[int, ...] = ()
    takes_headers: tuple[str, ...] = ()
    gives_headers: tuple[str, ...] = ()
    other: Mapping[int, Any] = field(default_factory=dict)

    @property
    def needs(self) -> Role:
        """The role that it takes."""
        if self.role is not None:
            return self.role
        return Role.VIEWER if self.method == "GET" else Role.USER

    @property
    def is_action(self) -> bool:
        """Whether it is in the audit log that somebody asked for it."""
        return self.is_noted and self.method != "GET" and not self.is_open

    @property
    def name(self) -> str:
        """Its operation id."""
        return self.handler.__name__

    @property
    def summary(self) -> str:
        """What it does, the first line of its handler's docstring."""
        return (self.handler.__doc__ or "").strip().split("\n")[0]


_encode = msgspec.json.Encoder().encode
_HEADERS = {
    "Content-Type": "application/json",
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
}


def json_response(value: Any, *, status: int = 200) -> Response:
    """Return *value*, of msgspec's types or plain, as a JSON response."""
    return Response(_encode(value), status, _HEADERS)


async def read_body(request: Request, *, size_max: int) -> bytes:
    """Return the body of *request*.

    Raises:
        Malformed: it is larger than *size_max*.
    """
    told = request.headers.get("content-length", "0")
    if told.isdigit() and int(told) > size_max:
        raise _too_large(size_max)
    parts = bytearray()
    try:
        async for part in in_time(request):
            parts += part
            if len(parts) > size_max:
                raise _too_large(size_max)
    except ClientDisconnect:
        raise Malformed("the request ended before its body did") from None
    return bytes(parts)


async def in_time(request: Request) -> AsyncIterator[bytes]:
    """Yield the body of *request*, piece by piece.

    Raises:
        Malformed: the next piece does not come.
    """
    pieces = request.stream()
    while True:
        try:
            async with asyncio.timeout(BODY_S):
                piece = await anext(pieces)
        except StopAsyncIteration:
            return
        except TimeoutError:
            raise Malformed(f"nothing of the body came in {BODY_S:.0f} s") from None
        yield piece


def decode_body(raw: bytes, kind: type[api.Body]) -> Any:
    """Return *raw*, JSON, as a *kind*.

    Raises:
        Malformed: it is not, with the place and what is allowed there.
    """
    try:
        return msgspec.json.decode(raw or b"{}", type=kind)
    except msgspec.ValidationError as error:
        raise Malformed(complaints=[_located(str(error), kind)]) from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Malformed(f"the body is not JSON: {error}") from None
    except RecursionError:
        raise Malformed("the body is nested too deeply") from None


def decode_query(pairs: list[tuple[str, str]], kind: type[api.Query]) -> Any:
    """Return the *pairs* of a query string as a *kind*, every complaint at once.

    Raises:
        Malformed: unknown names, or values that do not fit.
    """
    types = {f.encode_name: f.type for f in msgspec.structs.fields(kind)}
    found: dict[str, Any] = {}
    complaints: list[Complaint] = []
    for name, text in pairs:
        if name not in types:
            near = did_you_mean(name, list(types))
            remedy = f"did you mean {near}?" if near else f"known are: {', '.join(types)}"
            complaints.append(Complaint(name, "there is no such parameter", remedy))
        elif _is_list(types[name]):
            found.setdefault(name, []).extend(part for part in text.split(",") if part)
        else:
            found[name] = text
    for name, value in list(found.items()):
        try:
            found[name] = msgspec.convert(value, types[name], strict=False)
        except msgspec.ValidationError as error:
            complaints.append(Complaint(name, str(error)))
    for one in msgspec.structs.fields(kind):
        if one.required and one.encode_name not in dict(pairs):
            complaints.append(Complaint(one.encode_name, "is missing", "say which"))
    if complaints:
        raise Malformed(complaints=complaints)
    return kind(**found)


def query_types(kind: type[api.Query]) -> dict[str, Any]:
    """Return {name: type} of a query, for the document."""
    return get_type_hints(kind, include_extras=True)


def _is_list(kind: Any) -> bool:
    origin = getattr(kind, "__origin__", kind)
    if hasattr(kind, "__metadata__"):
        return _is_list(kind.__origin__)
    return origin is list


def _located(sentence: str, kind: type[api.Body]) -> Complaint:
    problem, _, place = sentence.partition(" - at `$")
    field_name = place.rstrip("`").lstrip(".")
    remedy = ""
    if "unknown field" in problem:
        word = problem.split("`")[1]
        known = [f.encode_name for f in msgspec.structs.fields(kind)]
        near = did_you_mean(word, known)
        remedy = f"did you mean {near}?" if near else f"known are: {', '.join(known)}"
        field_name = field_name or word
    return Complaint(field_name, problem, remedy)


def _too_large(size_max: int) -> Malformed:
    return Malformed(f"the body is larger than {show_size(size_max)}; send it in parts")
