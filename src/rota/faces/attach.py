"""``rota attach``: the terminal of a job, on this one; it stays when we go."""

from __future__ import annotations

from rota.faces.connect import client_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

EPILOG = """\
  rota attach 12         what was shown last, and the keys are the job's
  rota attach last       the job submitted last
Ctrl-A d detaches, and the job goes on; Ctrl-A a types Ctrl-A.
"""


def options(parser: ArgumentParser) -> None:
    """Say what ``attach`` takes."""
    parser.add_argument("which", metavar="JOB", help="12, last, a name; one on a terminal")


def run(args: Namespace) -> int:
    """Attach to the terminal of a job."""
    from rota.core.errors import Conflict, Malformed
    from rota.faces.console import attend
    from rota.faces.selectors import one

    if args.json:
        raise Malformed("a terminal is for people: attach has no --json")
    client = client_of(args)
    job, _ = one(client, args.which)
    if client.job(job).is_final:
        raise Conflict(f"job {job} is over: `rota log {job}` prints what it has shown")
    return attend(client, args, job=job, is_ours=False)
