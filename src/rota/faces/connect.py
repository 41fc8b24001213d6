"""From the options of a verb to a client for the server that they name."""

from __future__ import annotations

from rota.client.http import Client

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Protocol

    class Where(Protocol):
        """The options that say which server; both may be None."""

        server: str | None
        home: str | None


def client_of(args: Where) -> Client:
    """Return the client for the server that the options name; it says their ``--why``."""
    return Client(args.server, home=args.home, why=getattr(args, "why", None) or "")
