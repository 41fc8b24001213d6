"""``rota pool``: where agents can be had from, how many there are, and what went wrong.

add NAME --kind …   set NAME --max 5   show NAME   log NAME [N]   drain, undrain, remove
"""

from __future__ import annotations

from rota.faces import terminal
from rota.faces.connect import client_of
from rota.faces.options import why
from rota.faces.tables import STATE_STYLES, Column, pairs, table

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Iterator, Mapping
    from typing import Any

    from rota.client import Client

    View = Mapping[str, Any]

EPILOG = """\
  rota pool add big --kind slurm --partition long --time 4h --cores 16 --max 20
  rota pool add big … --dry-run          print the script and the command, start nothing
  rota pool ls | show NAME | log NAME    how it stands; what was run, and what it said
  rota pool log NAME 3                   what pilot 3 wrote
  rota pool set NAME --max 5 --qos ""    change keys; an empty value takes one back
  rota pool drain | undrain | remove NAME
"""

ACTIONS = ("ls", "show", "add", "set", "log", "drain", "undrain", "remove")
DONE = {
    "add": "is there; pilots start when something waits that could run on them",
    "set": "is changed; pilots that are there stay as they are",
    "drain": "starts nothing new; its pilots go when they have nothing to do",
    "undrain": "is open again",
    "remove": "is being removed: its pilots are cancelled, what ran there is tried again",
}
POOLS = (
    Column("POOL"), Column("KIND"), Column("STATE", styles=STATE_STYLES), Column("PILOTS"),
    Column("STARTING", right=True), Column("BUSY", right=True), Column("WHY", roomy=True),
)  # fmt: skip
PILOTS = (
    Column("PILOT", right=True), Column("ID"), Column("STATE", styles=STATE_STYLES),
    Column("NODES"), Column("ASKED"), Column("SAYS", roomy=True),
)  # fmt: skip


def options(parser: ArgumentParser) -> None:
    """Say what ``pool`` takes: the keys of ``formats.pools``, one option each."""
    from rota.formats.pools import POOL_KEYS

    parser.add_argument("action", nargs="?", default="ls", choices=ACTIONS)
    parser.add_argument("name", nargs="?", metavar="NAME", help="of the pool")
    parser.add_argument("pilot", nargs="?", metavar="N", type=int, help="with log: of one")
    parser.add_argument(
        "--dry-run", action="store_true", help="with add, set: print the script, do nothing"
    )
    why(parser)
    group = parser.add_argument_group("keys of a pool, with add and set")
    for key, row in POOL_KEYS.items():
        usual = "" if row.default == "none" else f" [{row.default}]"
        says = (row.says + usual).replace("%", "%%")
        more: dict[str, Any] = {"action": "append"} if row.kind.repeats else {}
        group.add_argument(
            f"--{key}", dest=f"key_{key}", metavar=row.kind.metavar, help=says, **more
        )


def run(args: Namespace) -> int:
    """Do what was asked of pools."""
    from rota.core.errors import Malformed

    if args.action != "ls" and args.name is None:
        raise Malformed(f"rota pool {args.action} needs the NAME of a pool")
    client = client_of(args)
    if args.action in ("ls", "show"):
        return _list(client, args)
    if args.action == "log":
        return _log(client, args)
    keys = keys_of(args) if args.action in ("add", "set") else {}
    if args.dry_run:
        return _script(client, args, keys)
    done = client.pool_asked(args.action, args.name, **keys)
    if args.json:
        terminal.show_json("pool_asked", done)
    else:
        terminal.out(f"pool {terminal.clean(args.name)} {DONE[args.action]}")
    return 0


def keys_of(args: Namespace) -> dict[str, Any]:
    """Return {key: value as in a file} of the options that were given; "" is null."""
    from rota.formats.pools import POOL_KEYS

    keys: dict[str, Any] = {}
    for key, row in POOL_KEYS.items():
        given = getattr(args, f"key_{key}")
        if given is None:
            continue
        if given in ("", [""]):
            keys[key] = None
        elif key in ("options", "commands"):
            # Their values hold commas of their own: one option gives one of them.
            keys[key] = given if key == "options" else dict(_pair(one) for one in given)
        elif isinstance(given, list):
            keys[key] = [word for one in given for word in row.kind.parse(one)]
        else:
            keys[key] = row.kind.parse(given)
    return keys


def _pair(text: str) -> tuple[str, str]:
    from rota.core.errors import Malformed

    name, equals, value = text.partition("=")
    if not equals:
        raise Malformed(f"--commands {text!r} is not NAME=COMMAND, such as poll=mylist")
    return name, value


def _script(client: Client, args: Namespace, keys: dict[str, Any]) -> int:
    shown = client.pool_asked("script", args.name, **keys)
    if args.json:
        terminal.show_json("pool_script", shown)
        return 0
    terminal.out(shown["script"].rstrip("\n"))
    terminal.say(f"# handed in by: {shown['command']}")
    return 0


def _list(client: Client, args: Namespace) -> int:
    rows = client.pools()["pools"]
    if args.name is not None:
        rows = [_picked(rows, args.name)]
    if args.json:
        terminal.show_json("pools", {"pools": rows})
        return 0
    if not rows:
        terminal.say("there is no pool; rota pool --help shows how to add one")
        return 0
    if args.action == "show":
        for line in page(rows[0]):
            terminal.out(line)
        return 0
    fit = terminal.width() if terminal.is_live() else None
    for line in table(POOLS, [pool_cells(row) for row in rows], fit=fit):
        terminal.out(line)
    return 0


def _picked(rows: list[dict[str, Any]], name: str) -> dict[str, Any]:
    from rota.core.errors import Missing, did_you_mean

    known = {str(row["name"]): row for row in rows}
    if name not in known:
        near = did_you_mean(name, list(known))
        there = f"pools are {', '.join(known)}" if known else "there are none"
        raise Missing(
            f"there is no pool {name}; {f'did you mean {near}?' if near else there}"
        )
    return known[name]


def pool_cells(pool: View) -> tuple[str, ...]:
    """Return name, kind, state, pilots of how many, and why there are no more."""
    from rota.faces.tables import usage_bar

    up, most = pool["up"], pool["max"]
    return (
        str(pool["name"]),
        str(pool["kind"]),
        str(pool["state"]),
        f"{usage_bar(min(up, most), most)} {up}/{most}",
        str(pool["starting"]),
        str(pool["busy"]),
        terminal.clean((pool.get("reason") or {}).get("text", "")),
    )


def page(pool: View) -> Iterator[str]:
    """Yield the lines that show all of one pool."""
    keys = {"state": pool["state"], "from": pool["source"], **pool["keys"]}
    if pool.get("reason"):
        keys["why"] = pool["reason"]["text"]
    shown = [(key.removesuffix("_s"), _value(key, held)) for key, held in keys.items()]
    yield from pairs(shown)
    rows = [_pilot_cells(pilot) for pilot in pool["pilots"]]
    if rows:
        yield ""
        fit = terminal.width() if terminal.is_live() else None
        yield from table(PILOTS, rows, fit=fit)


def _value(key: str, held: Any) -> str:
    from rota.core.units import show_duration

    if key.endswith("_s"):
        return show_duration(round(held * 1000))
    if isinstance(held, dict):
        held = [f"{name}: {value}" for name, value in held.items()]
    return terminal.clean(
        ", ".join(map(str, held)) if isinstance(held, list) else str(held)
    )


def _pilot_cells(pilot: View) -> tuple[str, ...]:
    return (
        str(pilot["n"]),
        terminal.clean(pilot["id"] or ""),
        str(pilot["state"]),
        " ".join(pilot["nodes"]),
        str(pilot["asked_at"])[:19],
        terminal.clean(pilot["word"]),
    )


def _log(client: Client, args: Namespace) -> int:
    shown = client.pool_log(args.name, pilot=args.pilot)
    if args.json:
        terminal.show_json("pool_log", shown)
        return 0
    if args.pilot is not None:
        if not shown["text"]:
            terminal.say(f"pilot {args.pilot} of pool {args.name} has written nothing")
        for line in shown["text"].splitlines():
            terminal.out(terminal.clean(line))
        return 0
    for entry in shown["lines"]:
        code = "no answer" if entry["code"] is None else f"exit {entry['code']}"
        terminal.out(f"{entry['at']}  {entry['what']}, {code}, {entry['took_s']} s")
        terminal.out(f"    $ {terminal.clean(' '.join(entry['command'].split()))}")
        for text in (entry["out"], entry["err"]):
            for line in text.splitlines():
                terminal.out(f"    {terminal.clean(line)}")
    return 0
