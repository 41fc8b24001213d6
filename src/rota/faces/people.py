"""``rota user`` and ``rota account``: shares, what was used of them, and limits.

rota user [NAME]        each user in each account: entitled, used, factor, limits
rota account [NAME]     each account, those above first
rota user limit NAME …  what bounds it: ``faces.limiting``
"""

from __future__ import annotations

from rota.core.units import show_duration
from rota.faces import terminal
from rota.faces.config import told
from rota.faces.connect import client_of
from rota.faces.tables import Column, table

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Mapping
    from typing import Any

    View = Mapping[str, Any]

REST = (
    Column("SHARES", right=True), Column("ENTITLED", right=True),
    Column("HAD", right=True), Column("USED", right=True), Column("FACTOR", right=True),
    Column("CORES", right=True), Column("LIMITS", roomy=True),
)  # fmt: skip
COLUMNS = {
    "user": (Column("USER"), Column("ACCOUNT"), *REST),
    "account": (Column("ACCOUNT"), Column("IN"), *REST),
}
EPILOG = """\
  rota user limit ann --cores 64 --memory 1TB     ann's tasks together, from now on
  rota user limit '*' --queued 10000              each user's
  rota account limit physics --remove             config.yaml holds again

  Administrators bound everybody; anybody may tighten their own, never loosen.

  ENTITLED  the part of everything that the share tree gives
  HAD       the part of all that was used, the others of the account counted in
  USED      core-hours used, fading by half_life of config.yaml
  FACTOR    1: has used nothing, 0.5: just the share, less: more than it
"""


def options(parser: ArgumentParser) -> None:
    """Say what ``user`` and ``account`` take."""
    from rota.faces import limiting

    limiting.words(parser, of=parser.prog.split()[-1])


def run(args: Namespace) -> int:
    """List users or accounts."""
    from rota.faces import limiting

    client = client_of(args)
    if args.words[:1] == [limiting.LIMIT]:
        return limiting.limit(args, client)
    name = limiting.name_of(args)
    shown = client.users() if args.verb == "user" else client.accounts()
    key = f"{args.verb}s"
    if name is not None:
        shown = {**shown, key: [row for row in shown[key] if row["name"] == name]}
    if args.json:
        terminal.show_json(key, shown)
        return 0
    if not shown[key]:
        terminal.say(nobody(args.verb, name))
        return 0
    fit = terminal.width() if terminal.is_live() else None
    for line in table(COLUMNS[args.verb], map(standing_cells, shown[key]), fit=fit):
        terminal.out(line)
    return 0


def nobody(verb: str, name: str | None) -> str:
    """Return what is said when there is none to show."""
    if name is not None:
        return f"there is no {verb} {name} yet: nobody submitted so, config.yaml names none"
    if verb == "user":
        return "nobody has submitted anything yet"
    return "no account is declared or was charged; rota config --help shows how"


def standing_cells(row: View) -> tuple[str, ...]:
    """Return a cell for each column of one user or account."""
    return (
        str(row["name"]), str(row["account"]) or "-", f"{row['shares']:g}",
        f"{row['entitled']:.1%}", f"{row['effective']:.1%}", used(row["used_core_s"]),
        f"{row['factor']:.2f}", str(row["cores"]),
        "; ".join(told(limit) for limit in row["limits"]),
    )  # fmt: skip


def used(core_s: float) -> str:
    """Return core-hours as people say them, seconds where it is little."""
    if core_s < 3600:
        return show_duration(round(core_s) * 1000) if round(core_s) else "0"
    return f"{core_s / 3600:,.1f} h"
