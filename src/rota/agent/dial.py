"""Where a server is, and a connection to there.

unix:/path/of/a/socket      any length of path
http://host:port            [::1] in brackets
"""

from __future__ import annotations

import errno
import os
import socket
from typing import Tuple


def dial(url: str) -> Tuple[socket.socket, str]:
    """Return a connection to *url*, made or being made, and the host to ask for.

    Raises:
        OSError: nobody is there.
        ValueError: it is no address; see ``check``.
    """
    check(url)
    if url.startswith("unix:"):
        return _dial_unix(url[5:]), "localhost"
    host, port = _host_and_port(url)
    family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    connection = socket.socket(family, socket.SOCK_STREAM)
    connection.setblocking(False)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    number = connection.connect_ex(address)
    if number not in (0, errno.EINPROGRESS):
        connection.close()
        raise OSError(number, os.strerror(number))
    return connection, url[7:].rstrip("/")


def check(url: str) -> str:
    """Return *url* as it is.

    Raises:
        ValueError: it is no address; the sentence says what is allowed.
    """
    host, port = _host_and_port(url) if url.startswith("http://") else ("", 0)
    if not url.startswith("unix:/") and not (host and 0 < port < 65536):
        raise ValueError(f"{url!r} is neither unix:/path nor http://host:port")
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


def _host_and_port(url: str) -> Tuple[str, int]:
    host, _, port = url[7:].rstrip("/").rpartition(":")
    return host.strip("[]"), int(port) if port.isdigit() else 0
