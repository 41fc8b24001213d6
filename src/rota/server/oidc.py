"""What an OpenID Connect provider is asked, and what of its answers is believed.

    begin    discovery ──▶ the address where the browser logs in, with state, nonce, PKCE
    finish   discovery ──▶ code for ID token ──▶ keys ──▶ signature, issuer, audience,
             expiry, nonce ──▶ claims

Everything here blocks, with a bound on time and size: ``server.login`` calls it in threads
of its own.  Nothing is kept: keys that were changed and a file that was read anew hold for
the next one who logs in.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import http.client
import json
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote_plus, urlencode

from rota.core.errors import NotAllowed, Refused, Unreachable
from rota.core.login import Provider, is_safe

ASK_S = 10.0
ANSWER_MAX = 1 << 20
LEEWAY_S = 60
"""So far may the provider's clock and ours be apart."""

ALGORITHMS = (
    "RS256",
    "RS384",
    "RS512",
    "PS256",
    "PS384",
    "PS512",
    "ES256",
    "ES384",
    "EdDSA",
)
"""Signatures by a key that only the provider has: none, and HS256, are no proof to us."""

_KEY_KINDS = ("RSA", "EC", "OKP")


class Attempt(NamedTuple):
    """One login under way: all of it comes of a secret that one browser keeps.

    Shapes:
        back: the address of ours that the provider sends the browser back to
    """

    secret: str
    back: str

    def word(self, what: str) -> str:
        """Return its word for *what*: state, nonce or verifier."""
        digest = hmac.new(self.secret.encode(), what.encode(), hashlib.sha256).digest()
        return _base64(digest)


def begin(provider: Provider, attempt: Attempt) -> str:
    """Return the address where the browser is sent to log in.

    Raises:
        Unreachable: the provider is away;  Refused: it says what makes no sense.
    """
    about = _discover(provider)
    challenge = hashlib.sha256(attempt.word("verifier").encode()).digest()
    asked = {
        "response_type": "code",
        "client_id": provider.client_id,
        "redirect_uri": attempt.back,
        "scope": " ".join(provider.scopes),
        "state": attempt.word("state"),
        "nonce": attempt.word("nonce"),
        "code_challenge": _base64(challenge),
        "code_challenge_method": "S256",
    }
    address = _endpoint(about, "authorization_endpoint")
    return f"{address}{'&' if '?' in address else '?'}{urlencode(asked)}"


def finish(provider: Provider, attempt: Attempt, code: str, *, at: int) -> dict[str, Any]:
    """Return the claims of the ID token that *code* is good for at *at*.

    Raises:
        NotAllowed: the token proves nothing;  Unreachable, Refused: as ``begin``.
    """
    about = _discover(provider)
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": attempt.back,
        "client_id": provider.client_id,
        "code_verifier": attempt.word("verifier"),
    }
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    secret = _secret(provider)
    if secret and _takes_posted(about):
        form["client_secret"] = secret
    elif secret:
        both = f"{quote_plus(provider.client_id)}:{quote_plus(secret)}"
        headers["Authorization"] = "Basic " + base64.b64encode(both.encode()).decode()
    url = _endpoint(about, "token_endpoint")
    told = _ask(url, "the code was refused", body=urlencode(form).encode(), headers=headers)
    token = told.get("id_token")
    if not isinstance(token, str):
        raise Refused(f"{provider.issuer} gave no ID token; is the scope openid allowed?")
    keys = _ask(_endpoint(about, "jwks_uri"), "it does not show its keys").get("keys")
    return _verified(provider, token, keys, nonce=attempt.word("nonce"), at=at)


def _verified(
    provider: Provider, token: str, keys: Any, *, nonce: str, at: int
) -> dict[str, Any]:
    try:
        from joserfc import jwt
        from joserfc.errors import JoseError
        from joserfc.jwk import KeySet
    except ImportError:
        raise Refused("oidc needs joserfc here: pip install 'rota[oidc]'") from None
    rules = jwt.JWTClaimsRegistry(
        now=at // 1000,
        leeway=LEEWAY_S,
        iss={"essential": True, "value": provider.issuer},
        aud={"essential": True, "value": provider.client_id},
        nonce={"essential": True, "value": nonce},
        exp={"essential": True},
        sub={"essential": True},
    )
    try:
        ours = [key for key in keys if key.get("kty") in _KEY_KINDS]
        held = KeySet.import_key_set({"keys": ours})
        claims = jwt.decode(token, held, algorithms=ALGORITHMS).claims
        rules.validate(claims)
    except (JoseError, ValueError, TypeError, AttributeError, KeyError) as error:
        raise NotAllowed(f"the ID token proves nothing: {_shown(error)}") from None
    # A token for several, or got by another client, is ours only if it says so.
    others = isinstance(claims["aud"], list) and len(claims["aud"]) > 1
    if (others or "azp" in claims) and claims.get("azp") != provider.client_id:
        raise NotAllowed("the ID token proves nothing: it was made for another client")
    return dict(claims)


def _discover(provider: Provider) -> dict[str, Any]:
    url = provider.issuer.rstrip("/") + "/.well-known/openid-configuration"
    about = _ask(url, "it does not describe itself")
    if about.get("issuer") != provider.issuer:
        raise Refused(
            f"{url} is of the issuer {_shown(about.get('issuer'))}: oidc.issuer in "
            "config.yaml must be written as it is there"
        )
    return about


def _endpoint(about: Mapping[str, Any], name: str) -> str:
    url = about.get(name)
    if not isinstance(url, str) or not is_safe(url):
        raise Refused(
            f"the provider's {name} is {_shown(url)}: it must be an https address"
        )
    return url


def _takes_posted(about: Mapping[str, Any]) -> bool:
    ways = about.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
    return "client_secret_basic" not in ways and "client_secret_post" in ways


def _secret(provider: Provider) -> str:
    if not provider.secret_file:
        return ""
    try:
        return Path(provider.secret_file).read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise Refused(f"cannot read oidc.client_secret_file: {error}") from None


class _StayHere(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        """Never: a secret goes to the address that was named, and to no other."""
        return


def _ask(
    url: str, refused: str, *, body: bytes | None = None, headers: Mapping[str, str] = {}
) -> dict[str, Any]:
    """Return the JSON object at *url*; *refused*: what its answer of refusal means."""
    asked = urllib.request.Request(
        url, body, {"Accept": "application/json", "User-Agent": "rota", **headers}
    )
    try:
        with urllib.request.build_opener(_StayHere).open(asked, timeout=ASK_S) as answer:
            raw = _read(answer, until=time.monotonic() + ASK_S)
    except urllib.error.HTTPError as error:
        with error:
            raise Refused(f"{url}: {refused} ({error.code})") from None
    except (OSError, http.client.HTTPException) as error:
        cause = getattr(error, "reason", error)
        raise Unreachable(f"the login provider does not answer: {url}: {cause}") from None
    try:
        told = json.loads(raw) if len(raw) <= ANSWER_MAX else None
    except (ValueError, RecursionError):
        told = None
    if not isinstance(told, dict):
        raise Refused(f"{url} did not answer with a JSON object")
    return told


def _read(answer: http.client.HTTPResponse, *, until: float) -> bytes:
    """Return the body; one that trickles in must not keep a thread."""
    raw = bytearray()
    while len(raw) <= ANSWER_MAX and (piece := answer.read1(1 << 16)):
        raw += piece
        if time.monotonic() > until:
            raise TimeoutError("it has not answered in time")
    return bytes(raw)


def _shown(value: Any) -> str:
    return repr(str(value)[:200])


def _base64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
