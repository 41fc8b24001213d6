"""Who may log in to the page by a provider of the site: what its operator says of it.

    oidc: {issuer: https://login.example.org, client_id: rota, client_secret_file: …}

The way there and back is ``server.oidc``; what people may do is by ``roles``, as ever.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

HERE = re.compile(r"http://(?:localhost|127\.0\.0\.1|\[::1\])(?::[0-9]{1,5})?(?:/[!-~]*)?")
"""Addresses on this machine."""


@dataclass(frozen=True, slots=True)
class Provider:
    """An OpenID Connect provider, and what of its tokens is believed.

    Shapes:
        issuer: its URL, without a slash at the end unless it calls itself so
        secret_file: where the client's secret lies; "": it has none, PKCE stands alone
        claim:  of the ID token, the one that names the user here
        groups: one of these must be in the claim *groups_claim*; (): anybody may come
        name:   what the page's button calls it
    """

    issuer: str
    client_id: str
    secret_file: str = ""
    claim: str = "preferred_username"
    scopes: tuple[str, ...] = ("openid", "profile")
    groups: tuple[str, ...] = ()
    groups_claim: str = "groups"
    name: str = ""


def provider_of(said: Mapping[str, Any] | None) -> Provider | None:
    """Return what *said*, the setting ``oidc`` as it was read, stands for."""
    if not said:
        return None
    usual = Provider(said["issuer"], said["client_id"])
    scopes = tuple(dict.fromkeys(("openid", *said.get("scopes", usual.scopes))))
    return Provider(
        issuer=usual.issuer,
        client_id=usual.client_id,
        secret_file=said.get("client_secret_file", ""),
        claim=said.get("user", usual.claim),
        scopes=scopes,
        groups=tuple(said.get("groups", ())),
        groups_claim=said.get("groups_claim", usual.groups_claim),
        name=said.get("name") or host_of(usual.issuer),
    )


def host_of(url: str) -> str:
    """Return the host that *url* names, in brackets if it is an address with colons."""
    place = url.partition("://")[2].partition("/")[0]
    return place[: place.find("]") + 1] if "]" in place else place.partition(":")[0]


def is_safe(url: str) -> bool:
    """Whether nobody between here and *url* can read along: https, or this machine."""
    return url.startswith("https://") or HERE.fullmatch(url) is not None
