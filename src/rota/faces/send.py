"""``rota send``: text or bytes for the standard input of a job that runs."""

from __future__ import annotations

import os

from rota.faces import terminal
from rota.faces.connect import client_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Iterator

PIECE = 64 << 10

EPILOG = """\
  rota submit --stdin open -- python3 -i     a job that reads what it is sent
  rota send 12 'print(6 * 7)'                a line of text
  rota send 12 --file more.txt               a file; - is our own standard input
  rota send 12 --end                         the end of its input, as Ctrl-D
"""


def options(parser: ArgumentParser) -> None:
    """Say what ``send`` takes."""
    add = parser.add_argument
    add("which", metavar="JOB", help="12, 12[7], last, a name; handed in with stdin: open")
    add("text", nargs="*", metavar="TEXT", help="a line; several words are one line")
    add("--file", "-f", metavar="FILE", help="the bytes of a file instead; - is stdin")
    add("--end", action="store_true", help="then the end of its input")


def run(args: Namespace) -> int:
    """Send a job what it reads."""
    from rota.client.sending import Sender
    from rota.core.errors import Malformed
    from rota.faces.selectors import one

    if bool(args.text) + (args.file is not None) + args.end == 0:
        raise Malformed("say what to send: a text, --file FILE, or --end alone")
    if args.text and args.file is not None:
        raise Malformed("a text and --file do not go together; send them one by one")
    client = client_of(args)
    job, task = one(client, args.which)
    sender = Sender(client, job, task=task)
    count = 0
    for piece in _pieces(args):
        count += len(piece)
        sender.send(piece)
    if args.end:
        sender.send(b"", end=True)
    if args.json:
        told = {"id": job, "task": task, "attempt": sender.attempt, "bytes": count}
        terminal.show_json("sent", {**told, "end": args.end})
    return 0


def _pieces(args: Namespace) -> Iterator[bytes]:
    """Yield what is to be sent, as it comes."""
    if args.text:
        line = " ".join(args.text) + "\n"
        yield line.encode("utf-8", "surrogateescape")
    elif args.file == "-":
        while piece := os.read(0, PIECE):
            yield piece
    elif args.file is not None:
        with open(args.file, "rb") as file:
            while piece := file.read(PIECE):
                yield piece
