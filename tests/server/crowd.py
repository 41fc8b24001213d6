"""Several people at one server, each with a token of their own.

crowd = Crowd(server); crowd("bob", "GET", "/jobs") → (status, data), as bob
"""

from __future__ import annotations

import http.client
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlsplit

from tests.server.running import WAIT_S, Server

ROLES = 'roles: {op: operator, eve: viewer, chief: admin, ann: user, "*": user}\n'


class Crowd:
    """See the head of the file; ``root`` is who started the server."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.tokens: dict[tuple[str, str], str] = {}

    def token(self, name: str, scope: str = "user") -> str:
        """Return a token of *name*, made once."""
        if (name, scope) not in self.tokens:
            made = self.server.good("POST", "/tokens", {"user": name, "scope": scope})
            self.tokens[name, scope] = made["token"]
        return self.tokens[name, scope]

    def __call__(
        self, name: str, method: str, path: str, body: Any = None, *,
        scope: str | None = None, why: str = "", headers: Mapping[str, str] = {},
    ) -> tuple[int, Any]:  # fmt: skip
        """Send one request as *name*, by a token of their role or of *scope*."""
        usual = {"op": "operator", "chief": "admin", "eve": "read"}.get(name, "user")
        head = {"Authorization": f"Bearer {self.token(name, scope or usual)}", **headers}
        if why:
            head["X-Rota-Why"] = quote(why)
        where = urlsplit(self.server.facts()["tcp"]).netloc
        link = http.client.HTTPConnection(where, timeout=WAIT_S)
        try:
            link.request(method, f"/api/v1{path}", _data(body), head)
            answer = link.getresponse()
            raw = answer.read()
            return answer.status, json.loads(raw) if raw[:1] in (b"{", b"[") else raw
        finally:
            link.close()

    def submit(self, who: str, **job: Any) -> int:
        """Submit a held job as *who*; return its id."""
        doc = {"cwd": "/", "held": True, **job}
        if "command" not in doc:
            doc["argv"] = ["true"]
        status, told = self(who, "POST", "/jobs", {"jobs": [doc]})
        assert status == 201, told
        return int(told["jobs"][0]["id"])


def _data(body: Any) -> bytes | None:
    return body if isinstance(body, bytes | None) else json.dumps(body).encode()
