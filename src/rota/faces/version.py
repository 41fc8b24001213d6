"""``rota version``: which Rota this is, and which one the server runs."""

from __future__ import annotations

from rota.faces.connect import client_of
from rota.faces.terminal import out, show_json

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace


def options(parser: ArgumentParser) -> None:
    """Say what ``version`` takes: nothing of its own."""


def run(args: Namespace) -> int:
    """Print versions."""
    from importlib.metadata import version

    from rota.core.errors import Unreachable

    server: str | None = None
    try:
        server = str(client_of(args).info()["version"])
    except Unreachable:
        server = None  # nobody there is an answer, too: that of a machine without a server
    if args.json:
        show_json("version", {"version": version("rota"), "server": server})
    else:
        out(
            f"rota {version('rota')}"
            + (f", server {server}" if server else ", no server here")
        )
    return 0
