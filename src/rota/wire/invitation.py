"""What ``rota invite`` prints and ``rota join`` takes: all a stranger needs, in a word.

    rota1-…  =  base64 of  {"urls": […], "secret": …, "expires_at": …}  and a check sum

The check sum tells a token that was cut or mistyped from one that is not known.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from typing import NamedTuple

from rota.core.errors import Malformed
from rota.core.pin import split_pin, with_pin

MARK = "rota1-"
_SUM = 6


class Invitation(NamedTuple):
    """An invitation to be a node of a server.

    Shapes:
        urls:       where the server is, the likeliest first, with its fingerprint
        secret:     what is exchanged for the agent's own token
        expires_at: ms since the epoch by the server's clock; for people, it decides
    """

    urls: tuple[str, ...]
    secret: str
    expires_at: int


def to_text(invitation: Invitation) -> str:
    """Return *invitation* as one word; the fingerprint stands in it once."""
    bare = [split_pin(url) for url in invitation.urls]
    told = {
        "u": [url for url, _ in bare],
        "p": next((pin for _, pin in bare if pin), None),
        "s": invitation.secret,
        "e": invitation.expires_at,
    }
    data = json.dumps(told, separators=(",", ":")).encode()
    return MARK + base64.urlsafe_b64encode(data + _sum(data)).decode().rstrip("=")


def from_text(text: str) -> Invitation:
    """Return the invitation that *text* is.

    Raises:
        Malformed: it is none, or not all of one.
    """
    word = "".join(text.split())
    if not word.startswith(MARK):
        raise Malformed(
            f"{word[:20]!r} is no token of rota invite: those begin with {MARK}"
        )
    body = word.removeprefix(MARK)
    try:
        raw = base64.b64decode(body + "=" * (-len(body) % 4), altchars=b"-_", validate=True)
        data, found = raw[:-_SUM], raw[-_SUM:]
        if found != _sum(data):
            raise ValueError
        told = json.loads(data)
        urls = tuple(with_pin(str(url), told["p"]) for url in told["u"])
        return Invitation(urls, str(told["s"]), int(told["e"]))
    except (ValueError, KeyError, TypeError, binascii.Error):
        raise Malformed(
            "this token is not whole: something was cut off or changed when it was copied; "
            "copy the line of rota invite again"
        ) from None


def _sum(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()[:_SUM]
