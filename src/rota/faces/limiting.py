"""``rota user limit``, ``rota account limit``, ``rota queue limit``: limits set live.

rota user limit ann --cores 64 --memory 1TB     ann's tasks together
rota user limit '*' --queued 10000              each user's
rota queue limit night --jobs none              whatever config.yaml says
rota user limit ann --remove                    what config.yaml says holds again
"""

from __future__ import annotations

from rota.faces import terminal
from rota.faces.config import told
from rota.faces.options import why

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from typing import Any

    from rota.client import Client

LIMIT = "limit"


def words(parser: ArgumentParser, *, of: str) -> None:
    """Say what verbs that list and limit take: NAME, or limit NAME with its options."""
    from rota.formats.limits import LIMIT_KEYS

    parser.add_argument(
        "words", nargs="*", metavar=f"[{LIMIT}] NAME",
        help=f"only this {of}; with {LIMIT}: set what bounds it, \"*\" is each",
    )  # fmt: skip
    group = parser.add_argument_group(f"limits, with {LIMIT}; none: no limit of that")
    for key, (kind, says) in LIMIT_KEYS.items():
        if key == "starts_per_minute" and of != "user":
            continue
        group.add_argument(
            f"--{key.replace('_', '-')}", dest=f"key_{key}", metavar=kind.metavar,
            help=says,
        )  # fmt: skip
    why(parser)
    group.add_argument(
        "--remove", action="store_true", help="remove what was set so: config.yaml holds"
    )


def name_of(args: Namespace) -> str | None:
    """Return the one name to list, or None for all.

    Raises:
        Malformed: more words than one, or options of ``limit`` without that word.
    """
    from rota.core.errors import Malformed

    if len(args.words) > 1 or args.remove or _given(args):
        verb = f"rota {args.verb} {LIMIT} NAME"
        raise Malformed(f"to set limits write `{verb}`; to list, at most one NAME")
    return args.words[0] if args.words else None


def limit(args: Namespace, client: Client) -> int:
    """Set or remove limits; say what is in force then."""
    from rota.core.errors import Malformed

    given = _given(args)
    if len(args.words) != 2:
        raise Malformed(f'rota {args.verb} {LIMIT} needs one NAME, or "*" for each')
    if bool(given) == args.remove:
        raise Malformed(f"give limits such as --cores 20, or --remove: {args.verb} limit")
    name = args.words[1]
    if args.remove:
        shown = client.unlimit(args.verb, name)
    else:
        shown = client.limit(args.verb, name, **given)
    if args.json:
        terminal.show_json("limits", shown)
        return 0
    rows = [told(row) for row in shown["limits"]]
    terminal.out(terminal.clean(f"{args.verb} {name}: {'; '.join(rows) or 'no limit'}"))
    return 0


def _given(args: Namespace) -> dict[str, Any]:
    from rota.formats.limits import LIMIT_KEYS, NONE

    found: dict[str, Any] = {}
    for key, (kind, _) in LIMIT_KEYS.items():
        text = getattr(args, f"key_{key}", None)
        if text is not None:
            found[key] = NONE if text == NONE else kind.parse(text)
    return found
