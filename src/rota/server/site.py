"""The page's files: handed out as they are, under a strict policy; no template, no data.

    /?token=…  ──▶  cookie (HttpOnly, SameSite=Strict), and on to /      once a browser
    /app.js, /style.css …                                   what lies in ``rota/web``

The page is a client of the API like any other; nothing here knows what is in it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable
from pathlib import Path

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

import rota
from rota.server.parts import Parts
from rota.server.scopes import COOKIE, SESSION_MS

FOLDER = Path(rota.__file__).parent / "web"

MEDIA = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
}
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-cache",
}
COOKIE_S = SESSION_MS // 1000

Serve = Callable[[Request], Awaitable[Response]]


def site_routes(parts: Parts) -> list[Route]:
    """Return a route for each file of the page; nothing else can be asked for."""
    files = sorted(path for path in FOLDER.rglob("*") if path.suffix in MEDIA)
    routes = [
        Route(f"/{path.relative_to(FOLDER)}", _file(path), methods=["GET"])
        for path in files
    ]
    return [Route("/", _front(parts), methods=["GET"]), *routes]


def _front(parts: Parts) -> Serve:
    page = _file(FOLDER / "index.html")

    async def front(request: Request) -> Response:
        token = request.query_params.get("token")
        if token is None:
            return await page(request)
        cookie = await parts.read(parts.door.begin_session, token)
        response = RedirectResponse("/", 303, headers=HEADERS)
        is_secure = request.url.scheme == "https"
        response.set_cookie(
            COOKIE, cookie, COOKIE_S, secure=is_secure, httponly=True, samesite="strict"
        )
        return response

    return front


def _file(path: Path) -> Serve:
    async def serve(request: Request) -> Response:
        body = path.read_bytes()
        etag = '"' + hashlib.sha256(body).hexdigest()[:32] + '"'
        headers = {**HEADERS, "ETag": etag}
        if request.headers.get("if-none-match") == etag:
            return Response(status_code=304, headers=headers)
        return Response(body, headers=headers, media_type=MEDIA[path.suffix])

    return serve
