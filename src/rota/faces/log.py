"""``rota log``: what a job wrote, byte for byte, and on as it writes with -f."""

from __future__ import annotations

import sys

from rota.faces.connect import client_of
from rota.faces.options import count

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from rota.client.http import Client

TAIL_BLOCK = 65_536

EPILOG = """\
  rota log -f last             the output of my last job, as it comes
  rota log 12[7] --stderr      what task 7 complained about
  rota log 12 --attempt 1      what the first try said
  rota log 12 --tail 20        the last 20 lines
  rota log 12 --file job.sta -f  a file that the job's key monitor names
"""


def options(parser: ArgumentParser) -> None:
    """Say what ``log`` takes."""
    add = parser.add_argument
    add("which", metavar="JOB", help="12, 12[7], last, a name")
    add("-f", "--follow", action="store_true", help="go on until the job is over")
    add("--stderr", action="store_true", help="its standard error instead of its output")
    add("--file", metavar="NAME", help="a file that its key monitor names")
    add("--files", action="store_true", help="list those files, and how large they are")
    add("--stages", action="store_true", help="how its files were brought in and out")
    add("--task", type=int, metavar="INDEX", help="of an array: this task, as in 12[7]")
    add("--attempt", type=count, metavar="N", help="this attempt; without it the latest")
    add("--head", type=count, metavar="N", help="only the first N lines")
    add("--tail", type=count, metavar="N", help="only the last N lines")


def run(args: Namespace) -> int:
    """Print what a job wrote."""
    from rota.faces.selectors import one

    client = client_of(args)
    job, task = one(client, args.which)
    task = args.task if task is None else task
    _check(client, args, job=job, task=task)
    if args.files:
        return _list(client, args, job=job, task=task)
    if args.follow and args.attempt is None and not args.json:
        return _follow(client, args, job=job, task=task)
    offset = _tail_offset(client, args, job=job, task=task) if args.tail else 0
    pieces = client.log(
        job, task=task, attempt=args.attempt, stream=_stream(args), offset=offset,
        follow=args.follow,
    )  # fmt: skip
    if args.json:
        from rota.faces.terminal import show_json

        text = b"".join(pieces).decode("utf-8", "replace")
        show_json("log", {"id": job, "task": task, "stream": _stream(args), "text": text})
        return 0
    left = args.head
    for piece in pieces:
        piece, left = head_of(piece, left)
        write(piece)
        if left == 0:
            break
    return 0


def write(piece: bytes, *, to_stderr: bool = False) -> None:
    """Pass on what a job wrote, exactly, and at once."""
    stream = sys.stderr.buffer if to_stderr else sys.stdout.buffer
    stream.write(piece)
    stream.flush()


def head_of(piece: bytes, left: int | None) -> tuple[bytes, int | None]:
    """Return what of *piece* lies within the next *left* lines, and how many are left."""
    if left is None:
        return piece, None
    kept = piece.splitlines(keepends=True)[:left]
    return b"".join(kept), left - sum(1 for line in kept if line.endswith(b"\n"))


def tail_start(text: bytes, lines: int) -> int | None:
    """Return where the last *lines* lines of *text* begin; None when it holds fewer."""
    at = len(text) - 1 if text.endswith(b"\n") else len(text)
    for _ in range(lines):
        at = text.rfind(b"\n", 0, at)
        if at < 0:
            return None
    return at + 1


def _check(client: Client, args: Namespace, *, job: int, task: int | None) -> None:
    from rota.core.errors import Malformed

    if args.head and (args.tail or args.follow):
        raise Malformed("--head goes with neither --tail nor --follow")
    if args.json and args.follow:
        raise Malformed(
            "--follow never ends, so it cannot answer in JSON; leave out --json"
        )
    if task is None and client.job(job).get("array"):
        raise Malformed(f"job {job} is an array; say which task: rota log {job}[INDEX]")


def _follow(client: Client, args: Namespace, *, job: int, task: int | None) -> int:
    from rota.faces.follow import Follower

    offset = 0
    if args.tail and client.job(job, task).get("attempt"):
        offset = _tail_offset(client, args, job=job, task=task)
    follower = Follower(client, job, task, stream=_stream(args))
    for piece in follower.pieces(offset=offset):
        write(piece)
    return 0


def _tail_offset(client: Client, args: Namespace, *, job: int, task: int | None) -> int:
    """Return at which byte the last lines begin, reading backwards in growing pieces."""
    size, block = None, TAIL_BLOCK
    while True:
        text = b"".join(
            client.log(
                job, task=task, attempt=args.attempt, stream=_stream(args), offset=-block
            )
        )
        start = tail_start(text, args.tail)
        if start is not None:
            return start - len(text)
        if size == len(text):
            return 0
        size, block = len(text), block * 8


def _list(client: Client, args: Namespace, *, job: int, task: int | None) -> int:
    """Print which files are watched, with their sizes and when they last changed."""
    import json
    from datetime import UTC, datetime

    from rota.core.units import show_size
    from rota.faces.tables import Column, table
    from rota.faces.terminal import out, show_json

    pieces = client.log(job, task=task, attempt=args.attempt, stream="files")
    files = json.loads(b"".join(pieces))
    for row in files:
        at = datetime.fromtimestamp(row.pop("at") / 1000, UTC)
        row["modified_at"] = at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    if args.json:
        show_json("files", {"id": job, "task": task, "files": files})
        return 0
    columns = (Column("FILE"), Column("SIZE", right=True), Column("CHANGED"))
    cells = [(row["name"], show_size(row["size"]), row["modified_at"]) for row in files]
    for line in table(columns, cells):
        out(line)
    return 0


def _stream(args: Namespace) -> str:
    if args.file:
        return f"file:{args.file}"
    if args.stages:
        return "stages"
    return "stderr" if args.stderr else "stdout"
