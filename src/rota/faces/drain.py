"""``rota drain`` and ``rota undrain``: close nodes to new work, and open them again."""

from __future__ import annotations

from rota.faces import terminal
from rota.faces.connect import client_of
from rota.faces.options import duration, why

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace


def options(parser: ArgumentParser) -> None:
    """Say what ``drain`` and ``undrain`` take."""
    parser.add_argument("which", nargs="+", metavar="NODE", help="names, or all")
    why(parser)
    if parser.get_default("verb") == "drain":
        ends = parser.add_mutually_exclusive_group()
        ends.add_argument("--for", dest="length", type=duration, metavar="TIME",
            help="open again after so long")  # fmt: skip
        ends.add_argument("--until", metavar="TIME",
            help="open again then: 18:00, 2026-03-01, now+2h")  # fmt: skip


def run(args: Namespace) -> int:
    """Drain or undrain nodes."""
    client = client_of(args)
    names = [node.name for node in client.nodes()] if args.which == ["all"] else args.which
    if args.verb == "drain":
        done = client.drain(*names, why=args.why, for_s=_seconds(args))
    else:
        done = client.undrain(*names)
    if args.json:
        terminal.show_json("nodes_asked", {"verb": args.verb, **done})
        return 0
    word = "takes no new work" if args.verb == "drain" else "takes work again"
    for name in done["nodes"]:
        terminal.out(f"{terminal.clean(name)} {word}")
    return 0


def _seconds(args: Namespace) -> int | None:
    """Return how long the nodes stay closed, in seconds; None: until they are opened."""
    if args.length is not None:
        return max(1, int(args.length) // 1000)
    if args.until is None:
        return None
    from rota.core.errors import Malformed
    from rota.faces.moments import instant_of, ms_of, now_ms

    try:
        left_ms = (ms_of(instant_of(args.until)) or 0) - now_ms()
    except ValueError as error:
        raise Malformed(f"--until {args.until}: {error}") from error
    if left_ms <= 0:
        raise Malformed(f"--until {args.until} is over already")
    return -(-left_ms // 1000)
