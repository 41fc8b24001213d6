"""``rota reservation``: nodes kept for a course, a deadline or a repair, set live.

rota reservation ls                                    what is kept, for whom, until when
rota reservation add course --nodes n1,n2 --users ann --start 2026-05-02T08:00 --duration 4h
rota reservation add paper --count 2 --labels gen4 --accounts physics --duration 2d
rota reservation add cooling --nodes n1 --start now+2h --duration 1h --maintenance
rota reservation show course                           and what runs in it and waits for it
rota reservation remove course                         its nodes are everybody's again
"""

from __future__ import annotations

from rota.faces import terminal
from rota.faces.config import nodes_told
from rota.faces.connect import client_of
from rota.faces.moments import instant_of, local
from rota.faces.options import count, why
from rota.faces.tables import STATE_STYLES, Column, table

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Callable, Mapping
    from typing import Any

    View = Mapping[str, Any]

COLUMNS = (
    Column("NAME"),
    Column("STATE", styles=STATE_STYLES),
    Column("FROM"),
    Column("UNTIL"),
    Column("NODES", roomy=True),
    Column("FOR", roomy=True),
    Column("SET BY"),
)
LISTS = ("nodes", "labels", "users", "accounts")
EPILOG = (__doc__ or "").split("\n\n", 1)[1]


def options(parser: ArgumentParser) -> None:
    """Say what ``reservation`` takes."""
    add = parser.add_argument
    add("what", choices=("ls", "add", "show", "remove"), nargs="?", default="ls")
    add("name", nargs="?", metavar="NAME", help="with add, show and remove: which one")
    add("--all", action="store_true", help="with ls: also what is over or was removed")
    why(parser)
    group = parser.add_argument_group("with add")
    add = group.add_argument
    add("--start", metavar="TIME", help="2026-05-01T18:00, or now+2h [now]")
    add("--end", metavar="TIME", help="this, or --duration")
    add("--duration", metavar="TIME", help="for so long: 4h, 2d")
    add("--nodes", metavar="NAMES", help="these: n1,n2")
    add("--count", type=count, metavar="N", help="so many nodes, whichever are there")
    add("--cores", type=count, metavar="N", help="nodes with so many cores together")
    add("--labels", metavar="WORDS", help="of nodes with these: gen4,fast")
    add("--users", metavar="NAMES", help="for these")
    add("--accounts", metavar="NAMES", help="for jobs charged to these")
    add("--maintenance", action="store_true", help="for nobody: nothing runs there")


def run(args: Namespace) -> int:
    """List, add, show or remove."""
    from rota.core.errors import Malformed

    if args.what != "ls" and not args.name:
        raise Malformed(f"rota reservation {args.what} needs a NAME")
    verbs: dict[str, Callable[[Namespace], int]] = {
        "ls": _ls, "add": _add, "show": _show, "remove": _remove,
    }  # fmt: skip
    return verbs[args.what](args)


def _ls(args: Namespace) -> int:
    shown = client_of(args).reservations()
    rows = [
        row
        for row in shown["reservations"]
        if args.all or row["state"] in ("coming", "on")
        if args.name in (None, row["name"])
    ]
    if args.json:
        terminal.show_json("reservations", {**shown, "reservations": rows})
        return 0
    if not rows:
        terminal.say("nothing is kept for anybody; rota reservation --help shows how")
        return 0
    fit = terminal.width() if terminal.is_live() else None
    for line in table(COLUMNS, map(cells_of, rows), fit=fit):
        terminal.out(line)
    return 0


def _add(args: Namespace) -> int:
    said = {
        "start": _instant(args.start, "--start"), "end": _instant(args.end, "--end"),
        "duration": args.duration, "count": args.count, "cores": args.cores,
        "maintenance": args.maintenance or None,
        **{key: _listed(getattr(args, key)) for key in LISTS},
    }  # fmt: skip
    given = {key: value for key, value in said.items() if value is not None}
    answer = client_of(args).reserve(args.name, **given)
    if args.json:
        terminal.show_json("reservation", answer)
        return 0
    for line in page(answer["reservation"]):
        terminal.out(terminal.clean(line))
    beyond = answer["beyond"]
    if beyond:
        told = ", ".join(beyond[:10]) + (" …" if len(beyond) > 10 else "")
        terminal.say(f"these may still run there when it begins: {told}")
    return 0


def _show(args: Namespace) -> int:
    rows = client_of(args).reservations()["reservations"]
    named = [row for row in rows if row["name"] == args.name]
    if not named:
        from rota.core.errors import Missing

        told = ", ".join(row["name"] for row in rows) or "none"
        raise Missing(f"there is no reservation {args.name}; reservations are {told}")
    if args.json:
        terminal.show_json("reservation", {"reservation": named[-1], "beyond": []})
        return 0
    for line in page(named[-1]):
        terminal.out(terminal.clean(line))
    return 0


def _remove(args: Namespace) -> int:
    answer = client_of(args).give_up(args.name)
    if args.json:
        terminal.show_json("reservation", answer)
    else:
        terminal.out(f"{args.name} is given up")
    return 0


def cells_of(row: View) -> tuple[str, ...]:
    """Return a cell for each column of one reservation."""
    return (
        str(row["name"]), str(row["state"]), local(row["start"]), local(row["end"]),
        nodes_told(row), whom(row), str(row["set_by"]) or "config.yaml",
    )  # fmt: skip


def page(row: View) -> list[str]:
    """Return the lines that show one reservation."""
    lines = [
        f"{row['kind']} {row['name']}: {row['state']}",
        f"  from    {local(row['start'])} until {local(row['end'])}",
        f"  nodes   {nodes_told(row)}{_chosen(row)}",
    ]
    if whom(row):
        lines.append(f"  for     {whom(row)}")
    lines += [f"  {k:<7} {', '.join(row[k])}" for k in ("running", "waiting") if row[k]]
    by = f"{row['set_by']}, {local(row['set_at'])}" if row["set_by"] else "config.yaml"
    lines.append(f"  set by  {by}")
    if row["removed_by"]:
        lines.append(f"  removed by {row['removed_by']}, {local(row['removed_at'])}")
    return lines


def whom(row: View) -> str:
    """Return whom it is for; "" for nobody."""
    return ", ".join([*row["users"], *(f"account {name}" for name in row["accounts"])])


def _chosen(row: View) -> str:
    if not (row["count"] or row["cores"]) or row["state"] not in ("coming", "on"):
        return ""
    return f": {', '.join(row['now'] or []) or 'none is there'}, as things are now"


def _listed(text: str | None) -> list[str] | None:
    if text is None:
        return None
    return [word.strip() for word in text.split(",") if word.strip()]


def _instant(text: str | None, option: str) -> str | None:
    from rota.core.errors import Malformed

    try:
        return None if text is None else instant_of(text)
    except ValueError as error:
        cure = "write 2026-05-01T18:00, with a zone or in yours, or now+2h"
        raise Malformed(f"{option}: {error}; {cure}") from None
