"""Sockets: where the server can be reached, and uvicorn's part of serving them.

unix:HOME/rota.sock          always; the kernel says who connects
http://127.0.0.1:PORT        unless --no-tcp; a token says who connects
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections.abc import Sequence
from typing import Any

import uvicorn

from rota.core.errors import Complaint, Malformed, Refused
from rota.server.auth import PeerProtocol
from rota.wire.agent import FRAME_MAX

BACKLOG = 1024
CONNECTIONS_MAX = 4000
KEEP_ALIVE_S = 75
STOP_S_MAX = 3


class Front(uvicorn.Server):
    """uvicorn without its main loop: it polls nothing, and signals are the caller's."""

    def __init__(self, app: Any) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                http=PeerProtocol,
                ws="websockets-sansio",
                ws_max_size=FRAME_MAX,
                ws_ping_interval=None,
                ws_per_message_deflate=False,
                lifespan="off",
                log_config=None,
                access_log=False,
                proxy_headers=False,
                server_header=False,
                date_header=False,
                limit_concurrency=CONNECTIONS_MAX,
                timeout_keep_alive=KEEP_ALIVE_S,
                timeout_graceful_shutdown=STOP_S_MAX,
            )
        )

    async def open(self, sockets: Sequence[socket.socket]) -> None:
        """Begin to serve *sockets*."""
        self.config.load()
        self.lifespan = self.config.lifespan_class(self.config)
        await self.startup(list(sockets))

    async def close(self) -> None:
        """Finish what is being answered, within bounds, and hang up."""
        if self.started:
            await self.shutdown()
        await asyncio.sleep(0)


def listen_tcp(where: str) -> tuple[socket.socket, str]:
    """Return a socket that listens at *where*, HOST:PORT, and its URL.

    Raises:
        Malformed: it is no address;  Refused: it cannot be had.
    """
    host, port = parse_address(where)
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
    except OSError as error:
        listening.close()
        raise Refused(f"cannot listen at {where}: {error.strerror or error}") from None
    listening.listen(BACKLOG)
    listening.setblocking(False)
    shown = f"[{host}]" if ":" in host else host
    return listening, f"http://{shown}:{listening.getsockname()[1]}"


def parse_address(where: str) -> tuple[str, int]:
    """Return host and port of "127.0.0.1:8080", "[::1]:0" or "myhost:80".

    Raises:
        Malformed: it is none.
    """
    host, colon, port = where.rpartition(":")
    if not colon or not port.isdigit() or int(port) > 65_535 or not host:
        remedy = "write HOST:PORT, for example 127.0.0.1:8400"
        raise Malformed(
            complaints=[Complaint("--listen", f"{where!r} is no address", remedy)]
        )
    return host.removeprefix("[").removesuffix("]"), int(port)


def is_loopback(where: str) -> bool:
    """Whether only this machine can reach *where*."""
    host, _ = parse_address(where)
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def host_names(where: str | None) -> frozenset[str]:
    """Return the names by which clients may call this server (G33)."""
    names = {"localhost"}
    if where is not None:
        names.add(parse_address(where)[0].lower())
        if not is_loopback(where):
            names |= {socket.gethostname().lower(), socket.getfqdn().lower()}
    return frozenset(names)
