"""An OpenID Connect provider on this machine: HTTP, real signatures, and lies on demand.

with FakeProvider() as provider:   provider.issuer, .claims, .lies, .signs
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

CLIENT, SECRET = "rota", "of the client"


class FakeProvider:
    """See the head of the file.

    Shapes:
        claims: of the one who is logged in at the provider
        lies:   what is done to the claims of a token before it is signed
        signs:  the key that tokens are signed with; shown is always ``key``
        forges: "none" or "HS256": tokens are made without the key
        codes:  {code: what the browser was sent with}
    """

    def __init__(self) -> None:
        self.key = RSAKey.generate_key(2048, {"kid": "k1", "use": "sig"})
        self.signs = self.key
        self.claims: dict[str, Any] = {"sub": "7", "preferred_username": "ann"}
        self.lies: Callable[[dict[str, Any]], dict[str, Any]] = dict
        self.forges = ""
        self.codes: dict[str, dict[str, str]] = {}
        self.released = threading.Event()
        self.released.set()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.issuer = f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> FakeProvider:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.released.set()
        self._server.shutdown()
        self._server.server_close()

    def log_in(self, address: str) -> str:
        """Return where a browser at *address* is sent back to: path and query."""
        where = urlsplit(address)
        assert f"{where.scheme}://{where.netloc}{where.path}" == f"{self.issuer}/auth"
        asked = dict(parse_qsl(where.query))
        assert (asked["response_type"], asked["client_id"]) == ("code", CLIENT)
        assert asked["code_challenge_method"] == "S256"
        code = f"code-{len(self.codes)}"
        self.codes[code] = asked
        back = urlsplit(asked["redirect_uri"])
        return f"{back.path}?{urlencode({'code': code, 'state': asked['state']})}"

    def _token(self, form: dict[str, str]) -> dict[str, Any] | None:
        asked = self.codes.pop(form["code"], None)
        if asked is None or asked["redirect_uri"] != form["redirect_uri"]:
            return None
        digest = hashlib.sha256(form["code_verifier"].encode()).digest()
        if _base64(digest) != asked["code_challenge"]:
            return None
        claims = {
            "iss": self.issuer, "aud": CLIENT, "exp": int(time.time()) + 300,
            "iat": int(time.time()), "nonce": asked["nonce"], **self.claims,
        }  # fmt: skip
        head = {"alg": "RS256", "kid": "k1"}
        if self.forges:
            return {"id_token": self._forged(claims)}
        return {"id_token": jwt.encode(head, self.lies(claims), self.signs)}

    def _forged(self, claims: dict[str, Any]) -> str:
        """Return a token as whoever knows only what everybody does could make it."""
        head = {"alg": self.forges, "kid": "k1"}
        parts = [_base64(json.dumps(part).encode()) for part in (head, claims)]
        text, known = ".".join(parts), self.key.as_pem(private=False)
        digest = hmac.new(known, text.encode(), hashlib.sha256).digest()
        return f"{text}.{_base64(digest) if self.forges == 'HS256' else ''}"

    def about(self) -> dict[str, Any]:
        ways = ("auth", "authorization_endpoint"), ("token", "token_endpoint")
        found = {name: f"{self.issuer}/{path}" for path, name in ways}
        return {"issuer": self.issuer, "jwks_uri": f"{self.issuer}/keys", **found}

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        provider = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                provider.released.wait(30)
                if self.path == "/keys":
                    self.say({"keys": [provider.key.as_dict(private=False)]})
                elif self.path == "/.well-known/openid-configuration":
                    self.say(provider.about())
                else:
                    self.say({}, 404)

            def do_POST(self) -> None:
                raw = self.rfile.read(int(self.headers["Content-Length"])).decode()
                both = base64.b64encode(f"{CLIENT}:{SECRET}".replace(" ", "+").encode())
                form = {name: one[0] for name, one in parse_qs(raw).items()}
                is_client = self.headers["Authorization"] == f"Basic {both.decode()}"
                told = provider._token(form) if is_client else None
                self.say(told or {"error": "invalid_grant"}, 200 if told else 400)

            def say(self, told: dict[str, Any], status: int = 200) -> None:
                raw = json.dumps(told).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(raw)))
                self.end_headers()
                self.wfile.write(raw)

            def log_message(self, *_: Any) -> None:
                """Nothing: tests read what they need from the provider itself."""

        return Handler


def _base64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
