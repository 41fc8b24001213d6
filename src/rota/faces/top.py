"""``rota top``: the queue as a live screen; keys kill, hold and rerun.

The screen is ``faces.screen``; its library is an extra, ``pip install 'rota[top]'``.
"""

from __future__ import annotations

import os
import sys

from rota.core.errors import Refused
from rota.faces.connect import client_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

EVERY_S = 2.0
EPILOG = """\
keys: up and down choose, Enter or l shows the log, n nodes, Escape the queue again;
k kills (asks once), h holds or releases, r reruns, q leaves
"""


def options(parser: ArgumentParser) -> None:
    """Say what ``top`` takes."""
    parser.add_argument(
        "--every", type=float, default=EVERY_S, metavar="SECONDS",
        help=f"look again so often [{EVERY_S:g}]; larger over slow lines",
    )  # fmt: skip
    parser.add_argument("--mine", action="store_true", help="your own jobs only")


def run(args: Namespace) -> int:
    """Show the screen until it is left."""
    if args.json:
        raise Refused("rota top is for eyes; rota ls --json is for programs")
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise Refused("rota top needs a terminal; rota ls prints the queue once")
    try:
        from rota.faces.screen import Top
    except ImportError:
        sentence = "rota top needs Textual here: pip install 'rota[top]'"
        raise Refused(f"{sentence}; rota ls --watch does without") from None
    # What a shell exported would be taken for the size, and never change.
    for name in ("COLUMNS", "LINES"):
        os.environ.pop(name, None)
    with client_of(args) as client:
        user = client.info()["user"] if args.mine else None
        Top(client, every_s=max(0.5, args.every), user=user).run()
    return 0
