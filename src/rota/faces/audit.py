"""``rota history --audit``: who changed what, from where and why; and who was refused.

One's own actions; an operator sees everybody's.
"""

from __future__ import annotations

from rota.client.calls import PAGE_MAX
from rota.faces import terminal
from rota.faces.moments import local
from rota.faces.report import listed
from rota.faces.tables import Column, table

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Mapping
    from typing import Any

    from rota.client.http import Client

COLUMNS = (
    Column("WHEN"),
    Column("WHO"),
    Column("AS"),
    Column("FROM"),
    Column("DID"),
    Column("TO"),
    Column("WHY", roomy=True),
)


def options(parser: ArgumentParser) -> None:
    """Say what ``--audit`` takes."""
    group = parser.add_argument_group("who did what; with --user, --since, --limit")
    add = group.add_argument
    add("--audit", action="store_true", help="list what people did, and were refused")
    add("--action", type=listed, metavar="WORD,…", help="only these: kill_jobs")
    add("--refused", action="store_true", help="only what was refused")


def run(args: Namespace, client: Client) -> int:
    """List who did what."""
    rows: list[dict[str, Any]] = []
    cursor: str | None = None
    while len(rows) < args.limit:
        page = client.audit(
            user=args.user or (), action=args.action or (), refused=args.refused,
            since=args.since,
            limit=min(PAGE_MAX, args.limit - len(rows)), cursor=cursor,
        )  # fmt: skip
        rows += page["audit"]
        cursor = page["next"]
        if not cursor:
            break
    if args.jsonl:
        for row in rows:
            terminal.show_line(row)
        return 0
    if args.json:
        terminal.show_json("audit", {"audit": rows, "next": cursor})
        return 0
    fit = terminal.width() if terminal.is_live() else None
    for line in table(COLUMNS, [_cells(row) for row in rows], fit=fit):
        terminal.out(line)
    if cursor:
        terminal.say(f"… and more: these are the last {len(rows)}; --limit N shows others")
    return 0


def _cells(row: Mapping[str, Any]) -> tuple[str, ...]:
    why = [row["why"]] if row["why"] else []
    if row["refused"] is not None:
        why.append(f"refused: {row['refused']}")
    return (
        local(row["at"]),
        str(row["user"]),
        str(row["role"]),
        str(row["origin"]),
        str(row["action"]).replace("_", " "),
        str(row["subject"]),
        "; ".join(why),
    )
