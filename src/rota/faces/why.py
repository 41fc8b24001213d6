"""``rota why``: why a job waits, or how it ended, as a sentence."""

from __future__ import annotations

from rota.faces.connect import client_of
from rota.faces.terminal import clean, out, show_json

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace


def options(parser: ArgumentParser) -> None:
    """Say what ``why`` takes."""
    parser.add_argument("which", nargs="+", metavar="JOB", help="12, 12[7], last, a name")


def run(args: Namespace) -> int:
    """Say why."""
    from rota.faces.selectors import one

    client = client_of(args)
    told = [client.why(*one(client, word)) for word in args.which]
    if args.json:
        show_json("why", told[0] if len(told) == 1 else {"jobs": told})
        return 0
    for row in told:
        out(clean(row["text"]))
        for name, value in (row.get("reason") or {}).get("evidence", {}).items():
            if value not in (None, "", [], {}) and str(value) not in row["text"]:
                out(f"  {clean(str(name))}: {clean(str(value))}")
    return 0
