"""``rota queue`` and ``rota licence``: the queues and the licences, and what is in use."""

from __future__ import annotations

from rota.faces import cells, terminal
from rota.faces.config import told
from rota.faces.connect import client_of
from rota.faces.tables import Column, table

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Mapping
    from typing import Any

    View = Mapping[str, Any]

QUEUES: tuple[Column, ...] = (Column("QUEUE"), Column("TASKS"), Column("RULES", roomy=True))
LICENCES: tuple[Column, ...] = (
    Column("LICENCE"),
    Column("FREE", right=True),
    Column("OF", right=True),
    Column("OTHERS", right=True),
    Column("HELD BY", roomy=True),
    Column("NOTE", roomy=True),
)


def options(parser: ArgumentParser) -> None:
    """Say what ``queue`` takes, ``licence`` nothing of its own."""
    from rota.faces import limiting

    if parser.prog.split()[-1] == "queue":
        limiting.words(parser, of="queue")


def run(args: Namespace) -> int:
    """List queues or licences."""
    client = client_of(args)
    if args.verb == "queue":
        from rota.faces import limiting

        if args.words[:1] == [limiting.LIMIT]:
            return limiting.limit(args, client)
        shown, columns = _queues(client.queues(), limiting.name_of(args)), QUEUES
        rows = [queue_cells(row) for row in shown["queues"]]
    else:
        shown, columns = client.licences(), LICENCES
        rows = [licence_cells(row) for row in shown["licences"]]
    if args.json:
        terminal.show_json(f"{args.verb}s", shown)
        return 0
    if not rows:
        terminal.say("no licence is declared; rota config --help shows how")
        return 0
    fit = terminal.width() if terminal.is_live() else None
    for line in table(columns, rows, fit=fit):
        terminal.out(line)
    return 0


def _queues(shown: View, name: str | None) -> dict[str, Any]:
    queues = [row for row in shown["queues"] if name in (None, row["name"])]
    return {**shown, "queues": queues}


def queue_cells(queue: View) -> tuple[str, ...]:
    """Return name, live tasks and rules of *queue*."""
    rules = [told(rules) for rules in (queue["rules"], *queue["limits"]) if rules]
    return str(queue["name"]), cells.counts(queue["counts"]), "; ".join(rules)


def licence_cells(licence: View) -> tuple[str, ...]:
    """Return name, what is free of how many, who holds the rest, and what is amiss."""
    users = sorted(licence["users"].items())
    held = ", ".join(f"{user} {count}" for user, count in users)
    foreign = str(licence.get("foreign", "")) if licence.get("measured_at") else ""
    return (
        str(licence["name"]), str(licence["free"]), str(licence["count"]), foreign, held,
        str(licence.get("note", "")),
    )  # fmt: skip
