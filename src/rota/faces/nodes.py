"""``rota nodes``: the machines, what they have, what of it is in use, what runs there."""

from __future__ import annotations

from rota.core.units import show_count
from rota.faces import terminal
from rota.faces.connect import client_of
from rota.faces.stat import pilot_text, used_of
from rota.faces.tables import STATE_STYLES, Column, table, usage_bar

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Mapping
    from typing import Any

    View = Mapping[str, Any]

COLUMNS = (
    Column("NODE"),
    Column("STATE", styles=STATE_STYLES),
    Column("CORES"),
    Column("MEMORY"),
    Column("GPUS"),
    Column("LOAD", right=True),
    Column("JOBS", roomy=True),
    Column("OFFERS", roomy=True),
    Column("PILOT", rare=True),
    Column("WHY", roomy=True),
)
_JOBS_SHOWN = 6
CLOCK_S = 5.0


def options(parser: ArgumentParser) -> None:
    """Say what ``nodes`` takes."""
    parser.add_argument("which", nargs="*", metavar="NODE", help="only these")


def run(args: Namespace) -> int:
    """List nodes."""
    client = client_of(args)
    rows = [node.raw for node in client.nodes()]
    if args.which:
        rows = _picked(rows, args.which)
    if args.json:
        terminal.show_json("nodes", {"nodes": rows})
        return 0
    if not rows:
        terminal.say("no node is connected; rota up starts one here")
        return 0
    fit = terminal.width() if terminal.is_live() else None
    for line in table(COLUMNS, [_cells(row) for row in rows], fit=fit):
        terminal.out(line)
    return 0


def _picked(rows: list[dict[str, Any]], names: list[str]) -> list[dict[str, Any]]:
    from rota.core.errors import Missing, did_you_mean

    known = {str(row["name"]): row for row in rows}
    for name in names:
        if name not in known:
            near = did_you_mean(name, list(known))
            cure = f"did you mean {near}?" if near else f"there are {', '.join(known)}"
            raise Missing(f"there is no node {name!r}; {cure}")
    return [known[name] for name in names]


def _cells(node: View) -> tuple[str, ...]:
    load, used, cores = node.get("load"), node["cores_used"], node["cores"]
    offers = [f"{k}={show_count(k, n)}" for k, n in (node.get("resources") or {}).items()]
    return (
        str(node["name"]),
        str(node["state"]),
        f"{usage_bar(used, cores)} {used}/{cores}",
        used_of(node["memory_used"], node["memory"]),
        f"{node['gpus_used']}/{node['gpus']}" if node.get("gpus") else "",
        "" if load is None else f"{load:.2f}",
        _running(node.get("running") or ()),
        ", ".join([*(node.get("labels") or ()), *offers, *_whose(node)]),
        pilot_text(node),
        str((node.get("reason") or {}).get("text", "")) or _clock(node),
    )


def _whose(node: View) -> list[str]:
    return [f"jobs of {node['serves']} only"] if node.get("serves") else []


def _clock(node: View) -> str:
    """Say how wrong a node's clock is, if it is; nothing of ours depends on it."""
    off_s = float((node.get("facts") or {}).get("clock_off_s", 0))
    if abs(off_s) < CLOCK_S:
        return ""
    return f"its clock is {abs(off_s):.0f} s {'fast' if off_s > 0 else 'slow'}"


def _running(running: Any) -> str:
    from rota.faces.cells import label

    names = [label(row) for row in running]
    hidden = len(names) - _JOBS_SHOWN
    return " ".join(names[:_JOBS_SHOWN]) + (f" and {hidden} more" if hidden > 0 else "")
