"""``rota spread``: become the program that a job of several nodes brings along.

Its options are read by that program, so that they are the same where Rota is installed and
where it is not: see ``rota.agent.spread``.
"""

from __future__ import annotations

import os
import sys

from rota.core.errors import Malformed
from rota.core.spreading import OPTIONS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

HANDS_ON = True
CODE = "import sys; from rota.agent.spread import main; sys.exit(main())"


def options(parser: ArgumentParser) -> None:
    """Say what ``spread`` takes."""
    for option in OPTIONS:
        if option.metavar is None:
            parser.add_argument(*option.names, action="store_true", help=option.help)
        else:
            parser.add_argument(*option.names, metavar=option.metavar, help=option.help)


def run(args: Namespace) -> int:
    """Become the program; what it is told comes after the verb, as it was written."""
    words = list(args.words)
    given = os.environ.get("ROTA_SPREAD")
    if given is not None:
        os.execv(given, [given, *words])
    if "ROTA_JOB_ID" not in os.environ:
        raise Malformed(
            "rota spread starts programs on the nodes of the job it is called in; "
            "this is not inside a job (there is no ROTA_JOB_ID)"
        )
    # A job of one node has no door: all its ranks are children of this process.
    os.execv(sys.executable, [sys.executable, "-c", CODE, "", "spread", *words])
