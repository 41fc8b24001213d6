"""Sockets: where the server can be reached, and uvicorn's part of serving them.

unix:HOME/rota.sock          always; the kernel says who connects
http://127.0.0.1:PORT        unless --no-tcp; a token says who connects
https://HOST:PORT            --listen beyond this machine: TLS only, and a token
"""

from __future__ import annotations

import asyncio
import fcntl
import ipaddress
import socket
import struct
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import uvicorn

from rota.core.errors import Complaint, Malformed, Refused, RotaError
from rota.core.pin import with_pin
from rota.server.guard import Guarded
from rota.server.home import write_whole
from rota.wire.agent import FRAME_MAX

if TYPE_CHECKING:
    import ssl

BACKLOG = 1024
CONNECTIONS_MAX = 4000
KEEP_ALIVE_S = 75
STOP_S_MAX = 3
HANDSHAKE_S_MAX = 15.0
EVERY = ("0.0.0.0", "::")
_SIOCGIFADDR = 0x8915


@dataclass(frozen=True, slots=True)
class Tcp:
    """A TCP socket that listens; *tls* secures it, None only on loopback.

    Shapes:
        pin: fingerprint of its certificate, None when clients need none
    """

    socket: socket.socket
    host: str
    tls: ssl.SSLContext | None = None
    pin: str | None = None

    @property
    def port(self) -> int:
        """The port, also when any free one was asked for."""
        return int(self.socket.getsockname()[1])

    def url(self, host: str | None = None) -> str:
        """Return the address for clients that call this machine *host*."""
        if host is None:
            host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self.host, self.host)
        shown = f"[{host}]" if ":" in host else host
        bare = f"{'https' if self.tls else 'http'}://{shown}:{self.port}"
        return with_pin(bare, self.pin)

    def urls(self) -> list[str]:
        """Return addresses for other machines, the likeliest first."""
        if self.host in EVERY:
            hosts = own_addresses()
        else:
            hosts = [self.host]
        return [self.url(host) for host in hosts]


class Front(uvicorn.Server):
    """uvicorn without its main loop: it polls nothing, and signals are the caller's."""

    def __init__(self, app: Any) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                http=Guarded,
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

    async def open(self, unix: socket.socket, tcp: Tcp | None = None) -> None:
        """Begin to serve them; uvicorn itself knows one sort of security for all."""
        self.config.load()
        self.lifespan = self.config.lifespan_class(self.config)
        plain = [unix] if tcp is None or tcp.tls else [unix, tcp.socket]
        await self.startup(plain)
        if tcp is not None and tcp.tls:
            running = asyncio.get_running_loop()
            self.servers.append(
                await running.create_server(
                    self._protocol, sock=tcp.socket, ssl=tcp.tls, backlog=BACKLOG,
                    ssl_handshake_timeout=HANDSHAKE_S_MAX,
                )
            )  # fmt: skip

    def _protocol(self) -> asyncio.Protocol:
        return Guarded(
            self.config, server_state=self.server_state, app_state=self.lifespan.state
        )

    async def close(self) -> None:
        """Finish what is being answered, within bounds, and hang up."""
        if self.started:
            await self.shutdown()
        await asyncio.sleep(0)


def listen_again(where: str, noted: Path) -> socket.socket:
    """Return a socket that listens at *where*; any free port is the one of last time.

    A page that is open in a browser, or a client elsewhere, finds the next server where
    this one was.  The port is noted in the file *noted*.

    Raises:
        Malformed: it is no address;  Refused: it cannot be had.
    """
    host, port = parse_address(where)
    if port:
        return listen_tcp(where)
    shown = f"[{host}]" if ":" in host else host
    try:
        listening = listen_tcp(f"{shown}:{int(noted.read_text(encoding='ascii'))}")
    except (FileNotFoundError, ValueError, RotaError):
        # There was none, or somebody else has it now.
        listening = listen_tcp(where)
    write_whole(noted, f"{listening.getsockname()[1]}\n")
    return listening


def listen_tcp(where: str) -> socket.socket:
    """Return a socket that listens at *where*, HOST:PORT.

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
    return listening


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


def host_names(where: str | None, also: Iterable[str] = ()) -> frozenset[str]:
    """Return the names by which clients may call this server (G33).

    Shapes:
        also: further ones, such as those its certificate is made out to
    """
    names = {"localhost", *also}
    if where is not None:
        names.add(parse_address(where)[0].lower())
        if not is_loopback(where):
            names |= {socket.gethostname().lower(), socket.getfqdn().lower()}
    return frozenset(names)


def own_addresses() -> list[str]:
    """Return how other machines may call this one: its addresses, then its name."""
    found = []
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        for _, name in socket.if_nameindex():
            wanted = struct.pack("256s", name.encode()[:15])
            try:
                told = fcntl.ioctl(asking.fileno(), _SIOCGIFADDR, wanted)
            except OSError:
                continue  # an interface without an address
            found.append(socket.inet_ntoa(told[20:24]))
    outside = [one for one in found if not ipaddress.ip_address(one).is_loopback]
    named = [name for name in (socket.getfqdn(),) if not name.startswith("localhost")]
    return [*dict.fromkeys(outside), *named]
