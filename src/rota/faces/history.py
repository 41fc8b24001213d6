"""``rota history``: everything that happened to a job, oldest first.

With ``--report`` what was used by everybody, added up: ``faces.report``.
With ``--audit`` who changed what, from where and why: ``faces.audit``.
"""

from __future__ import annotations

from rota.client.calls import PAGE_MAX
from rota.faces import audit, report, terminal
from rota.faces.connect import client_of
from rota.faces.moments import local
from rota.faces.options import count
from rota.faces.tables import STATE_STYLES, Column, table

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Mapping
    from typing import Any

COLUMNS = (
    Column("WHEN"),
    Column("TASK", right=True),
    Column("WHAT"),
    Column("STATE", styles=STATE_STYLES),
    Column("BY"),
    Column("WHY", roomy=True),
)


EPILOG = report.EPILOG
OPTIONS_OF = {
    ("since", "user"): ("report", "audit"),
    ("by", "until", "queue", "csv", "html"): ("report",),
    ("action", "refused"): ("audit",),
}
"""{options: what they go with, one of}."""


def options(parser: ArgumentParser) -> None:
    """Say what ``history`` takes."""
    add = parser.add_argument
    add("which", metavar="JOB", nargs="?", help="12, 12[7], last, a name")
    add("--limit", type=count, default=1000, metavar="N", help="at most so many [1000]")
    add("--jsonl", action="store_true", help="answer in JSON, one line of history a line")
    report.options(parser)
    audit.options(parser)


def run(args: Namespace) -> int:
    """List what happened, or add up what was used."""
    from rota.faces.selectors import one

    _check(args)
    client = client_of(args)
    if args.report:
        return report.run(args, client)
    if args.audit:
        return audit.run(args, client)
    job, task = one(client, args.which)
    rows: list[dict[str, Any]] = []
    cursor: str | None = None
    while len(rows) < args.limit:
        size = min(PAGE_MAX, args.limit - len(rows))
        page = client.history(job, task=task, limit=size, cursor=cursor)
        rows += page["history"]
        cursor = page.get("next")
        if not cursor:
            break
    if args.jsonl:
        for row in rows:
            terminal.show_line(row)
    elif args.json:
        terminal.show_json("history", {"history": rows, "next": cursor})
    else:
        _print(rows, more=bool(cursor))
    return 0


def _check(args: Namespace) -> None:
    """Refuse a job with a report, and a report's options without one."""
    from rota.core.errors import Malformed

    if args.report and args.which:
        raise Malformed("a report is about everybody's jobs; see --user, --queue, --since")
    if args.audit and (args.which or args.report):
        raise Malformed("--audit is about what people did; see --user, --action, --since")
    for options, takes in OPTIONS_OF.items():
        for name in options:
            if getattr(args, name) and not any(getattr(args, take) for take in takes):
                words = " or ".join(f"--{take}" for take in takes)
                raise Malformed(f"--{name} goes with {words}")
    if not args.report and not args.audit and not args.which:
        raise Malformed("it needs a job: 12, 12[7], last, a name; or --report, or --audit")


def _print(rows: list[dict[str, Any]], *, more: bool) -> None:
    fit = terminal.width() if terminal.is_live() else None
    for line in table(COLUMNS, [_cells(row) for row in rows], fit=fit):
        terminal.out(line)
    if more:
        terminal.say(f"… and more: these are the first {len(rows)}; --limit N shows others")


def _cells(row: Mapping[str, Any]) -> tuple[str, ...]:
    task, attempt = row.get("task"), row.get("attempt")
    return (
        local(row["at"]),
        ("" if task is None else str(task)) + (f"#{attempt}" if attempt else ""),
        str(row["move"]),
        str(row["after"]),
        str(row["source"]),
        str((row.get("reason") or {}).get("text", "")),
    )
