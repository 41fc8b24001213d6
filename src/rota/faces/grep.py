"""``rota grep``: lines that match, in what the selected jobs wrote.

    rota grep -i 'error|nan' 12 fit-*      →   12[7]:ERROR at step 3

Read here, piece by piece and line by line: the server passes bytes on and never sees the
expression.  Exit code 0: something matched; 1: nothing did.
"""

from __future__ import annotations

import re

from rota.faces.connect import client_of
from rota.faces.selectors import HELP, targets
from rota.faces.terminal import clean, out, say, show_json

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Iterable, Iterator
    from typing import Any

    from rota.client.http import Client

NONE_FOUND = 1
LINE_MAX = 1 << 20
"""Characters of a line that are looked at; the rest of a longer one is left out."""

UNREAD_SHOWN = 5

EPILOG = """\
  rota grep Traceback all            which of my running jobs have one
  rota grep -c -i warning 12         how often, task by task
  rota grep -l 'nan|inf' tag:paper   the names of those jobs only
  rota grep -C 2 --stderr KeyError 12
"""


def options(parser: ArgumentParser) -> None:
    """Say what ``grep`` takes."""
    add = parser.add_argument
    add("pattern", metavar="PATTERN", help="a regular expression, as Python's re has them")
    add("which", nargs="*", metavar="JOB", help=f"{HELP} [last]")
    add("-i", "--ignore-case", action="store_true", help="capitals and small are alike")
    add("-v", "--invert", action="store_true", help="lines that do not match")
    add("-l", "--names", action="store_true", help="only which jobs match")
    add("-c", "--count", action="store_true", help="only how many lines match, job by job")
    add("-m", "--max", type=_whole, metavar="N", help="of each job at most N lines")
    add("-C", "--context", type=_whole, default=0, metavar="N", help="N lines around each")
    add("--stderr", action="store_true", help="in standard error")
    add("--both", action="store_true", help="in standard output, then in standard error")
    add("--failed", action="store_true", help="only in what failed")


def run(args: Namespace) -> int:
    """Print the lines that match."""
    matches = _compiled(args)
    client = client_of(args)
    found = targets(client, args.which or ["last"], failed=args.failed)
    names = [name for target in found for name in _tasks(client, target)]
    unread: list[str] = []
    rows: list[dict[str, Any]] = []
    for name in names:
        for stream in _streams(args):
            try:
                lines = _found(_lines(_pieces(client, name, stream)), matches, args)
                rows += _tell(lines, args, name=name, alone=len(names) == 1)
            except _unreadable() as error:
                unread.append(f"{name}: {error}")
    if args.json:
        show_json("grep", {"pattern": args.pattern, "matches": rows, "unread": unread})
    for line in unread[:UNREAD_SHOWN]:
        say(f"not read: {clean(line)}")
    if len(unread) > UNREAD_SHOWN:
        say(f"not read: {len(unread) - UNREAD_SHOWN} more")
    return 0 if any(row["count"] for row in rows) else NONE_FOUND


def _compiled(args: Namespace) -> re.Pattern[str]:
    from rota.core.errors import Malformed

    try:
        return re.compile(args.pattern, re.IGNORECASE if args.ignore_case else 0)
    except re.error as error:
        raise Malformed(f"{args.pattern!r} is no regular expression: {error}") from None


def _tasks(client: Client, target: str) -> Iterator[str]:
    """Yield the tasks of *target* that have an attempt: itself, if it is no array."""
    if "[" in target or not client.job(int(target)).get("array"):
        yield target
        return
    for task in client.all_tasks(int(target)):
        if task.get("attempt"):
            yield task.label


def _streams(args: Namespace) -> list[str]:
    return ["stdout", "stderr"] if args.both else ["stderr" if args.stderr else "stdout"]


def _pieces(client: Client, name: str, stream: str) -> Iterable[bytes]:
    job, _, task = name.partition("[")
    index = int(task.rstrip("]")) if task else None
    return client.log(int(job), task=index, stream=stream)


def _lines(pieces: Iterable[bytes]) -> Iterator[str]:
    """Yield the lines of *pieces*, none longer than LINE_MAX."""
    rest = b""
    for piece in pieces:
        *whole, rest = (rest + piece).split(b"\n")
        for line in whole:
            yield line[:LINE_MAX].decode("utf-8", "replace")
        rest = rest[:LINE_MAX]
    if rest:
        yield rest.decode("utf-8", "replace")


def _found(
    lines: Iterable[str], matches: re.Pattern[str], args: Namespace
) -> Iterator[tuple[int, str, bool]]:
    """Yield (number, line, whether it matches): those that do and the context of each."""
    before: list[tuple[int, str]] = []
    after = taken = 0
    for number, line in enumerate(lines, start=1):
        if bool(matches.search(line)) is not args.invert:
            yield from ((at, text, False) for at, text in before)
            yield number, line, True
            before, after, taken = [], args.context, taken + 1
            if args.max is not None and taken >= args.max:
                return
        elif after:
            yield number, line, False
            after -= 1
        elif args.context:
            before = [*before, (number, line)][-args.context :]


def _tell(
    lines: Iterable[tuple[int, str, bool]], args: Namespace, *, name: str, alone: bool
) -> list[dict[str, Any]]:
    """Print what was found in one output; return it as --json has it."""
    quiet = args.json or args.names or args.count
    kept, count = [], 0
    for number, line, is_match in lines:
        count += is_match
        if args.names and count:
            break
        if args.json and not args.count:
            kept.append({"line": number, "text": line, "match": is_match})
        if not quiet:
            mark = ":" if is_match else "-"
            out(clean(line if alone else f"{name}{mark}{line}"))
    if args.names and count and not args.json:
        out(name)
    if args.count and not args.json and not args.names:
        out(str(count) if alone else f"{name}:{count}")
    return [{"job": name, "count": count, "lines": kept}]


def _unreadable() -> tuple[type[Exception], ...]:
    from rota.core.errors import Missing, NotAllowed, Unreachable

    return (Missing, NotAllowed, Unreachable)


def _whole(text: str) -> int:
    from argparse import ArgumentTypeError

    if not text.isdigit() or len(text) > 9:
        raise ArgumentTypeError(f"{text!r} is not a whole number")
    return int(text)
