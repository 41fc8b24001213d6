"""``rota clean``: stored files of jobs that ended long ago are thrown away."""

from __future__ import annotations

from rota.faces import terminal
from rota.faces.connect import client_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Mapping
    from typing import Any

SHOWN = 10

EPILOG = """\
  rota clean --dry-run              what would go: files of jobs over for 30 days
  rota clean --older 7d             let what is older than a week go
  rota clean --pin 12               files of job 12 stay whatever happens
  rota clean --unpin 12             and now they may go like others
"""


def options(parser: ArgumentParser) -> None:
    """Say what ``clean`` takes."""
    add = parser.add_argument
    add("--older", metavar="TIME", default="30d", help="of jobs over so long (30d)")
    add("--dry-run", action="store_true", help="only say what would go")
    add("--pin", metavar="JOB", nargs="+", default=[], help="keep the files of these jobs")
    add("--unpin", metavar="JOB", nargs="+", default=[], help="do not keep them any more")


def run(args: Namespace) -> int:
    """Throw files away, or say which would go."""
    from rota.faces.selectors import one

    client = client_of(args)
    pin = [one(client, word)[0] for word in args.pin]
    unpin = [one(client, word)[0] for word in args.unpin]
    told = client.clean(older=args.older, dry_run=args.dry_run, pin=pin, unpin=unpin)
    if args.json:
        terminal.show_json("clean", told)
        return 0
    for line in page(told, is_pinning=bool(pin or unpin)):
        terminal.out(line)
    return 0


def page(told: Mapping[str, Any], *, is_pinning: bool) -> list[str]:
    """Return what is said of a cleaning."""
    from rota.core.units import show_size

    pinned = ", ".join(map(str, told["pinned"]))
    kept = [f"pinned: {pinned}"] if pinned else []
    if is_pinning:
        return kept or ["nothing is pinned"]
    files = "1 file" if told["files"] == 1 else f"{told['files']} files"
    verb = "would go" if told["dry_run"] else "gone"
    lines = [f"{verb}: {files}, {show_size(told['bytes'])}"]
    jobs = [f"job {row['id']}, over since {row['ended_at'][:10]}" for row in told["jobs"]]
    lines += [f"  {line}" for line in jobs[:SHOWN]]
    if len(jobs) > SHOWN:
        lines.append(f"  … and {len(jobs) - SHOWN} jobs more; --json shows all")
    return lines + kept
