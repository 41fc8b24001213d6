"""Finding the server: which address, which token, and what to say when nobody is there.

    --server URL  >  ROTA_SERVER          unix:/path/rota.sock, http://host:port, https://…
    --home DIR    >  ROTA_HOME            a home: its rota.sock, else the TCP address that
    $XDG_STATE_HOME/rota, ~/.local/state  its server.json names, with its token

Several servers may take turns: ROTA_SERVER=A,B, or those that servers.json of a home names.

Only strings of ``os`` here, no ``pathlib``: it would cost more than all the rest.
"""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

SOCKET, STATUS, SERVERS, TOKEN = "rota.sock", "server.json", "servers.json", "token"


class Address:
    """Where a server listens.

    Shapes:
        kind:  "unix", "http" or "https"
        where: the path of the socket, or the host;  port: 0 for a socket
        home:  the home it was found by, None when the address was given
        pin:   fingerprint of the only certificate it may show, see ``core.pin``
        others: further servers that were named with it, any of which may lead
    """

    __slots__ = ("home", "host", "kind", "others", "pin", "port", "token", "where")

    def __init__(
        self, kind: str, where: str, *, port: int = 0, token: str | None = None
    ) -> None:
        self.kind = kind
        self.where = where
        self.port = port
        self.token = token
        self.home: str | None = None
        self.pin: str | None = None
        self.others: list[Address] = []
        self.host = "localhost" if kind == "unix" else _authority(kind, where, port)

    def __str__(self) -> str:
        return f"unix:{self.where}" if self.kind == "unix" else f"{self.kind}://{self.host}"


def home_of(home: str | None = None, env: Mapping[str, str] = os.environ) -> str:
    """Return the home: the one given, or ROTA_HOME, or the usual place; absolute."""
    given = home or env.get("ROTA_HOME")
    if not given:
        state = env.get("XDG_STATE_HOME") or os.path.expanduser("~/.local/state")
        given = os.path.join(state, "rota")
    return os.path.abspath(os.path.expanduser(given))


def find(
    server: str | None = None,
    *,
    home: str | None = None,
    token: str | None = None,
    env: Mapping[str, str] = os.environ,
) -> Address:
    """Return where the server is: the one named, or that of a home.

    Raises:
        Malformed: the address cannot be read.
    """
    text = server or (env.get("ROTA_SERVER") if home is None else None)
    if text:
        found = [parse_address(one) for one in text.split(",") if one] or [
            parse_address(text)
        ]
        for address in found:
            if address.kind != "unix":
                address.token = token or token_for(
                    address, home=home_of(home, env), env=env
                )
        found[0].others = found[1:]
        return found[0]
    place = home_of(home, env)
    address = Address("unix", os.path.join(place, SOCKET))
    address.home = place
    return address


def elsewhere(first: Address, env: Mapping[str, str] = os.environ) -> list[Address]:
    """Return where else the server may be that did not answer at *first*."""
    if first.home is None:
        return first.others
    urls = [read_status(first.home).get("tcp")]
    urls += read_status(first.home, SERVERS).get("urls", [])
    found = []
    for url in urls:
        if isinstance(url, str):
            address = parse_address(url)
            address.home = first.home
            address.token = token_for(address, home=first.home, env=env, is_own=True)
            found.append(address)
    return found


def has_others(first: Address) -> bool:
    """Whether a server that is gone may be followed by another, found by *first*."""
    if first.home is None:
        return bool(first.others)
    return bool(read_status(first.home, SERVERS).get("urls"))


def read_status(home: str, name: str = STATUS) -> dict[str, Any]:
    """Return what the server wrote about itself into *home*; {} when none is up."""
    import json

    try:
        with open(os.path.join(home, name), encoding="utf-8") as file:
            status = json.load(file)
    except (OSError, ValueError):
        return {}  # it is written whole or not at all: unreadable means not there
    return status if isinstance(status, dict) else {}


def token_for(
    address: Address,
    *,
    home: str,
    env: Mapping[str, str] = os.environ,
    is_own: bool = False,
) -> str | None:
    """Return the token to show at *address*: ROTA_TOKEN_FILE's, or the home's.

    The home's own token is shown to this machine, or where the home itself says that its
    server is (*is_own*): whoever answers elsewhere has not earned it.
    """
    path = env.get("ROTA_TOKEN_FILE")
    if path:
        return _read_token(path)
    if not is_own and address.where not in ("127.0.0.1", "localhost", "::1"):
        return None
    path = os.path.join(home, TOKEN)
    return _read_token(path) if os.path.exists(path) else None


def parse_address(text: str) -> Address:
    """Return the address that *text*, such as "unix:/x/rota.sock", names.

    Raises:
        Malformed: it names none.
    """
    kind, colon, rest = text.partition(":")
    if kind == "unix" and rest:
        path = rest[2:] if rest.startswith("//") else rest
        return Address("unix", os.path.abspath(path))
    pin = None
    if kind == "https" and "#" in rest:
        rest, pin = _pinned(rest)
    where, port = _host_port(rest.removeprefix("//").rstrip("/"))
    if kind in ("http", "https") and colon and rest.startswith("//") and where:
        number = port or ("443" if kind == "https" else "80")
        if number.isdigit() and 0 < int(number) < 65536:
            address = Address(kind, where, port=int(number))
            address.pin = pin
            return address
    from rota.core.errors import Malformed

    raise Malformed(
        f"{text!r} is no address of a server; "
        "write unix:/path/to/rota.sock, http://127.0.0.1:PORT "
        "or https://HOST:PORT#sha256=…"
    )


def _pinned(rest: str) -> tuple[str, str | None]:
    from rota.core.errors import Malformed
    from rota.core.pin import split_pin

    try:
        return split_pin(rest)
    except ValueError as error:
        raise Malformed(str(error)) from None


def _host_port(text: str) -> tuple[str, str]:
    if text.startswith("["):
        where, _, port = text[1:].partition("]")
        return where, port.removeprefix(":")
    where, _, port = text.partition(":")
    return ("", "") if "/" in text or "@" in text else (where, port)


def _authority(kind: str, where: str, port: int) -> str:
    shown = f"[{where}]" if ":" in where else where
    return shown if port == {"http": 80, "https": 443}.get(kind) else f"{shown}:{port}"


def _read_token(path: str) -> str:
    try:
        with open(os.path.expanduser(path), encoding="utf-8") as file:
            return file.read().strip()
    except OSError as error:
        from rota.core.errors import Malformed

        raise Malformed(
            f"cannot read the token file {path}: {error.strerror}; "
            "ROTA_TOKEN_FILE names the file with your token"
        ) from None
