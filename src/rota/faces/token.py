"""``rota token`` and ``rota invite``: who may do what from elsewhere, and for how long.

A token is printed once, when it is made; the server keeps its hash only.
"""

from __future__ import annotations

from rota.faces import terminal
from rota.faces.connect import client_of
from rota.faces.options import count, duration, why
from rota.faces.tables import Column, table

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Mapping
    from typing import Any

SCOPES = ("user", "read", "operator", "admin", "agent", "mine")
COLUMNS = (
    Column("ID"),
    Column("SCOPE"),
    Column("USER"),
    Column("UNTIL"),
    Column("USES", right=True),
    Column("NODE"),
    Column("NOTE", roomy=True),
)
HOUR_MS = 3_600_000

EPILOG = """\
  rota token create --note laptop --expires 90d     a token for yourself, printed once
  rota token create --scope read --user carol       for somebody who only looks
  rota token ls                                     what there is; revoke by the id
  rota token revoke 3fa81c02de
On the other machine: ROTA_SERVER=https://…#sha256=…, ROTA_TOKEN_FILE=the file with it.
"""


def options(parser: ArgumentParser) -> None:
    """Say what ``token`` and ``invite`` take."""
    add = parser.add_argument
    why(parser)
    if parser.get_default("verb") == "invite":
        parser.epilog = "The other machine runs the line that this prints, once."
        add("--expires", type=duration, default=HOUR_MS, metavar="TIME", help="after [1h]")
        add("--uses", type=count, default=1, metavar="N", help="for so many machines [1]")
        add("--labels", metavar="WORDS", default="", help="what they get: gen4,fast")
        add("--address", action="append", default=[], metavar="HOST:PORT",
            help="how they reach this server [its own addresses]")  # fmt: skip
        add("--mine", action="store_true", help="they run your jobs, and nobody else's")
        add("--note", default="", metavar="TEXT", help="for rota token ls")
        return
    add("what", choices=("ls", "create", "revoke"), nargs="?", default="ls")
    add("which", nargs="*", metavar="ID", help="with revoke: which ones")
    add("--scope", choices=SCOPES, default="user", help="what it opens [user]")
    add("--user", metavar="NAME", help="for whom [you]")
    add("--expires", type=duration, metavar="TIME", help="after which it is over [never]")
    add("--node", metavar="NAME", help="with --scope agent, mine: the node that may use it")
    add("--note", default="", metavar="TEXT", help="to know it by")


def run(args: Namespace) -> int:
    """Make, list or revoke tokens."""
    if args.verb == "invite":
        return _invite(args)
    return {"ls": _ls, "create": _create, "revoke": _revoke}[args.what](args)


def _ls(args: Namespace) -> int:
    rows = client_of(args).tokens()
    if args.json:
        terminal.show_json("tokens", {"tokens": rows})
        return 0
    fit = terminal.width() if terminal.is_live() else None
    for line in table(COLUMNS, [_cells(row) for row in rows], fit=fit):
        terminal.out(line)
    return 0


def _create(args: Namespace) -> int:
    made = client_of(args).create_token(
        scope=args.scope,
        user=args.user,
        note=args.note,
        node=args.node,
        expires_s=_seconds(args.expires),
    )
    if args.json:
        terminal.show_json("token", made)
        return 0
    terminal.out(str(made["token"]))
    until = f"until {made['expires_at']}" if made["expires_at"] else "until it is revoked"
    terminal.say(f"token {made['id']}: {made['scope']} of {made['user']}, {until}")
    return 0


def _revoke(args: Namespace) -> int:
    if not args.which:
        from rota.core.errors import Malformed

        raise Malformed("revoke which? rota token ls shows the ids")
    done = client_of(args).revoke(*args.which)
    if args.json:
        terminal.show_json("revoked", done)
        return 0
    for one in done["ids"]:
        terminal.out(f"{one} opens nothing any more")
    return 0


def _invite(args: Namespace) -> int:
    labels = [word for word in args.labels.split(",") if word]
    made = client_of(args).invite(
        expires_s=_seconds(args.expires), uses=args.uses, labels=labels, note=args.note,
        addresses=args.address, mine=args.mine,
    )  # fmt: skip
    if args.json:
        terminal.show_json("invitation", made)
        return 0
    terminal.out(f"rota join {made['token']}")
    whom = "1 machine" if args.uses == 1 else f"{args.uses} machines"
    terminal.say(f"for {whom}, until {made['expires_at']}; rota token revoke {made['id']}")
    return 0


def _seconds(millis: int | None) -> int | None:
    return None if millis is None else max(1, millis // 1000)


def _cells(row: Mapping[str, Any]) -> tuple[str, ...]:
    until = str(row["expires_at"] or "").replace("T", " ")[:16]
    return (
        str(row["id"]),
        str(row["scope"]),
        str(row["user"]),
        f"{until} over" if row["expired"] else until,
        "" if row["uses"] is None else str(row["uses"]),
        str(row["node"] or ""),
        str(row["note"]),
    )
