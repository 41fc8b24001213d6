"""``rota edit``: change keys of a waiting job; the keys are those of a job file."""

from __future__ import annotations

from rota.faces import act
from rota.faces.connect import client_of
from rota.faces.options import why
from rota.faces.selectors import HELP, LIVE, targets

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from typing import Any

EPILOG = """\
  rota edit 12 cores=4 memory=10GB
  rota edit last time=none priority=high
"""


def options(parser: ArgumentParser) -> None:
    """Say what ``edit`` takes."""
    parser.add_argument("which", metavar="JOB", help=HELP)
    parser.add_argument("set", nargs="+", metavar="KEY=VALUE", help="what to change")
    why(parser)


def run(args: Namespace) -> int:
    """Change jobs."""
    wanted = changes(args.set)
    client = client_of(args)
    found = targets(client, [args.which], which=LIVE)
    done: list[dict[str, Any]] = []
    for target in found:
        done += client.edit(target, set=wanted)
    act.tell(done, args)
    return 0


def changes(words: list[str]) -> dict[str, Any]:
    """Return the keys that *words*, "cores=4" and the like, set, as a document has them.

    Raises:
        Malformed: with a complaint for each word that sets nothing we know.
    """
    from rota.core.errors import Complaint, Malformed
    from rota.core.fields import FIELDS, find, unknown

    wanted: dict[str, Any] = {}
    complaints = []
    for word in words:
        name, equals, text = word.partition("=")
        row = find(name)
        if not equals:
            complaints.append(Complaint(word, "sets nothing", "write KEY=VALUE"))
        elif row is None:
            complaints.append(Complaint(name, *unknown(name)))
        else:
            value = FIELDS[row.name].kind.parse(text)
            old = wanted.get(row.name)
            wanted[row.name] = value if old is None else row.kind.join(old, value)
    if complaints:
        raise Malformed(complaints=complaints)
    return wanted
