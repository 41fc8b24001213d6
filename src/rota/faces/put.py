"""``rota put``: files laid into the working folder of a job that runs."""

from __future__ import annotations

from rota.faces import terminal
from rota.faces.connect import client_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

EPILOG = """\
  rota put 12 stop.flag                 into the folder that job 12 works in
  rota put 12 'data/*.csv -> data'      patterns, and other names
"""


def options(parser: ArgumentParser) -> None:
    """Say what ``put`` takes."""
    add = parser.add_argument
    add("which", metavar="JOB", help="12, 12[7], last, a name; it must be running")
    add("files", nargs="+", metavar="FILE", help="files, folders, patterns; FROM -> TO")


def run(args: Namespace) -> int:
    """Lay files into the folder of a job."""
    from rota.faces.moving import moving
    from rota.faces.selectors import one

    client = client_of(args)
    job, task = one(client, args.which)
    with moving(client, "sending"):
        told = client.put(job, *args.files, task=task)
    if args.json:
        terminal.show_json("put", {"id": job, "task": task, **told})
    else:
        count = told["files"]
        files = "1 file is" if count == 1 else f"{count} files are"
        terminal.say(f"{files} in the folder of job {job}")
    return 0
