"""``rota backup FILE``: a copy of the queue and its history, while the server serves."""

from __future__ import annotations

from rota.faces import terminal
from rota.faces.connect import client_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

EPILOG = """\
  rota backup /backup/rota-$(date +%F).db     from cron, each night

  To restore it: rota down; lay it into the home as rota.db, with no rota.db-wal
  beside it; rota up.  docs/how-to/backup.md says what else to keep.
"""


def options(parser: ArgumentParser) -> None:
    """Say what ``backup`` takes."""
    parser.add_argument("file", metavar="FILE", help="where to; never overwritten")


def run(args: Namespace) -> int:
    """Write a copy."""
    from rota.core.units import show_size

    size = client_of(args).backup(args.file)
    if args.json:
        terminal.show_json("backup", {"file": args.file, "bytes": size})
    else:
        terminal.say(f"{args.file}: {show_size(size)}, as of now")
    return 0
