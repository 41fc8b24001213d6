"""``rota errors``: the failures of a job by kind, the most frequent first.

#  FAILED  CAUSE      ON      TASKS   WHAT
1     412  exit_code  n3, n7  7-418   exit code 1: PATH:N: bad value N
2       3  oom        n3      90-92   out of memory: used N GiB of N GiB
#1 first: 12[7] attempt 1: bad.dat:3: bad value 0.7
"""

from __future__ import annotations

from rota.faces.connect import client_of
from rota.faces.tables import Column, table
from rota.faces.terminal import is_live, out, show_json, width

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Mapping
    from typing import Any

NODES_SHOWN = 3

COLUMNS = (
    Column("#", right=True),
    Column("FAILED", right=True),
    Column("CAUSE"),
    Column("ON"),
    Column("TASKS"),
    Column("WHAT", roomy=True),
)


def options(parser: ArgumentParser) -> None:
    """Say what ``errors`` takes."""
    parser.add_argument("which", metavar="JOB", help="12, last, a name")


def run(args: Namespace) -> int:
    """Show what failed, by kind."""
    from rota.faces.selectors import one

    client = client_of(args)
    job, _ = one(client, args.which)
    found = client.errors(job)
    if args.json:
        show_json("errors", {key: held for key, held in found.items() if key != "schema"})
        return 0
    if not found["groups"]:
        out(f"nothing of job {job} has failed")
        return 0
    rows = [_row(group) for group in found["groups"]]
    for line in table(COLUMNS, rows, fit=width() if is_live() else None):
        out(line)
    for group in found["groups"]:
        out(_first(job, group))
    most = found["groups"][0]
    out(f"again: rota rerun {job} --signature {most['number']}{_more(most)}")
    return 0


def _row(group: Mapping[str, Any]) -> list[str]:
    return [
        str(group["number"]), str(group["count"]), group["code"], _nodes(group["nodes"]),
        _cut(group["tasks"], 16), group["text"],
    ]  # fmt: skip


def _nodes(nodes: Mapping[str, int]) -> str:
    names = list(nodes)
    more = f" and {len(names) - NODES_SHOWN} more" if len(names) > NODES_SHOWN else ""
    return ", ".join(names[:NODES_SHOWN]) + more


def _first(job: int, group: Mapping[str, Any]) -> str:
    from rota.faces.terminal import clean

    first = group["first"]
    name = job if first["task"] is None else f"{job}[{first['task']}]"
    told = first["said"] or first["text"]
    return clean(f"#{group['number']} first: {name} attempt {first['attempt']}: {told}")


def _more(group: Mapping[str, Any]) -> str:
    return {"oom": " --memory x2", "time_limit": " --time x2"}.get(group["code"], "")


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 2] + " …"
