"""Where a server is, and a connection to there.

unix:/path/of/a/socket      any length of path
http://host:port            [::1] in brackets
https://host:port#sha256=…  the server with that certificate; without #: a trusted one
"""

from __future__ import annotations

import errno
import os
import socket
from typing import TYPE_CHECKING, NamedTuple, Optional

from rota.core.pin import split_pin

if TYPE_CHECKING:
    from rota.agent.tls import Tls


class Line(NamedTuple):
    """A connection, made or being made: its socket, the host to ask for, its security."""

    socket: socket.socket
    host: str
    tls: "Optional[Tls]" = None


def dial(url: str) -> Line:
    """Return a connection to *url*, made or being made.

    Raises:
        OSError: nobody is there.
        ValueError: it is no address; see ``check``.
    """
    check(url)
    if url.startswith("unix:"):
        return Line(_dial_unix(url[5:]), "localhost")
    bare, pin = split_pin(url)
    host, port = _host_and_port(bare)
    family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    connection = socket.socket(family, socket.SOCK_STREAM)
    connection.setblocking(False)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    number = connection.connect_ex(address)
    if number not in (0, errno.EINPROGRESS):
        connection.close()
        raise OSError(number, os.strerror(number))
    authority = bare.partition("://")[2].rstrip("/")
    if url.startswith("http://"):
        return Line(connection, authority)
    from rota.agent.tls import Tls

    return Line(connection, authority, Tls(host, pin))


def check(url: str) -> str:
    """Return *url* as it is.

    Raises:
        ValueError: it is no address; the sentence says what is allowed.
    """
    if url.startswith("unix:/"):
        return url
    bare, _ = split_pin(url)
    is_web = bare.startswith(("http://", "https://"))
    host, port = _host_and_port(bare) if is_web else ("", 0)
    if not (host and 0 < port < 65536):
        raise ValueError(
            f"{url!r} is neither unix:/path nor http://host:port "
            "nor https://host:port#sha256=…"
        )
    return url


def _dial_unix(path: str) -> socket.socket:
    folder, name = os.path.split(path)
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    # A server that does not accept must not hold us up: no waiting here.
    connection.setblocking(False)
    try:
        at = os.open(folder, os.O_DIRECTORY | os.O_RDONLY)
        try:
            connection.connect(f"/proc/self/fd/{at}/{name}")
        finally:
            os.close(at)
    except OSError:
        connection.close()
        raise
    return connection


def _host_and_port(url: str) -> "tuple[str, int]":
    host, _, port = url.partition("://")[2].rstrip("/").rpartition(":")
    return host.strip("[]"), int(port) if port.isdigit() else 0
