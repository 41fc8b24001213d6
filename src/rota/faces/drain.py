"""``rota drain`` and ``rota undrain``: close nodes to new work, and open them again."""

from __future__ import annotations

from rota.faces import terminal
from rota.faces.connect import client_of
from rota.faces.options import why

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace


def options(parser: ArgumentParser) -> None:
    """Say what ``drain`` and ``undrain`` take."""
    parser.add_argument("which", nargs="+", metavar="NODE", help="names, or all")
    why(parser)


def run(args: Namespace) -> int:
    """Drain or undrain nodes."""
    client = client_of(args)
    names = [node.name for node in client.nodes()] if args.which == ["all"] else args.which
    if args.verb == "drain":
        done = client.drain(*names, why=args.why)
    else:
        done = client.undrain(*names)
    if args.json:
        terminal.show_json("nodes_asked", {"verb": args.verb, **done})
        return 0
    word = "takes no new work" if args.verb == "drain" else "takes work again"
    for name in done["nodes"]:
        terminal.out(f"{terminal.clean(name)} {word}")
    return 0
