"""``rota config``: what is in force and where from; check a file; have it read again.

rota config                     what the server obeys now
rota config --check FILE        what is wrong with it, with lines; no server is needed
rota config --reload            read it again; when it is wrong, nothing changes
"""

from __future__ import annotations

from rota.core.units import show_duration, show_size
from rota.faces import terminal
from rota.faces.connect import client_of
from rota.faces.options import why

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Iterator, Mapping
    from typing import Any

    View = Mapping[str, Any]

EPILOG = """\
  policy: default
  queues:
    short: {weight: 2, defaults: {time: 10m}, limits: {time_max: 1h}}
    urgent: {preempts: true, users: [ann]}
    scavenge: {preempt: {mode: suspend, min_run: 5m, max_per_job: 3}}
  limits:
    - {user: "*", jobs: 100, starts_per_minute: 60}
  licences: {abaqus: 12}
  windows:
    - {name: cooling, nodes: [n1], start: 2026-05-01T18:00Z, end: 2026-05-01T22:00Z}
  reservations:
    - {name: course, nodes: [n2], users: [ann], start: 2026-05-02T08:00Z,
       end: 2026-05-02T12:00Z}
  shares: {ann: 2, physics: {shares: 3, members: {bob: 1, cyd: 1}}}
  half_life: 7d
"""


def options(parser: ArgumentParser) -> None:
    """Say what ``config`` takes."""
    parser.add_argument("--check", metavar="FILE", help="say what is wrong with a file")
    parser.add_argument("--reload", action="store_true", help="have the file read again")
    why(parser)


def run(args: Namespace) -> int:
    """Show, check or reload."""
    if args.check is not None:
        return _check(args)
    client = client_of(args)
    shown = client.reload_config() if args.reload else client.config()
    if args.json:
        terminal.show_json("config", shown)
        return 0
    for line in page(shown):
        terminal.out(terminal.clean(line))
    return 0


def page(shown: View) -> Iterator[str]:
    """Yield the lines that show what is in force."""
    yield f"from    {shown['source'] or 'nowhere: ' + shown['file'] + ' is not there'}"
    yield f"policy  {shown['policy']}, usage halves in {_length(shown['half_life_s'])}"
    for name, rules in sorted(shown["queues"].items()):
        yield f"queue   {name}: {told(rules) or 'as usual'}"
    for limit in shown["limits"]:
        yield f"limit   {told(limit)}"
    for name, count in sorted(shown["licences"].items()):
        yield f"licence {name}: {count}"
    for window in shown["windows"]:
        nodes = nodes_told(window)
        whom = [*window["users"], *(f"account {name}" for name in window["accounts"])]
        kept = f", for {', '.join(whom)}" if whom else ""
        span = f"{window['start']} to {window['end']}"
        word = "reserve" if window["kind"] == "reservation" else "window "
        yield f"{word} {window['name']}: {nodes}, {span}{kept}"
    yield from _shares(shown["shares"], "share   ")
    for name, role in sorted(shown["roles"].items()):
        yield f"role    {name}: {role}"
    seen = shown["visible"]
    yield f"visible jobs of others: {seen['jobs']}, their output: {seen['output']}"


def nodes_told(window: View) -> str:
    """Return which nodes a window is about."""
    if window["nodes"] is not None:
        return ", ".join(window["nodes"])
    of = f" with {', '.join(window['labels'])}" if window["labels"] else ""
    if window["count"]:
        return f"{window['count']} nodes{of}"
    return f"nodes of {window['cores']} cores{of}" if window["cores"] else "all nodes"


def _shares(members: View, indent: str) -> Iterator[str]:
    """Yield the share tree, who is in an account below it."""
    for name, said in sorted(members.items()):
        weight = said["shares"] if isinstance(said, dict) else said
        yield f"{indent}{name}: {weight:g}"
        if isinstance(said, dict):
            yield from _shares(said.get("members", {}), f"{indent}  ")


def told(rules: View) -> str:
    """Return the rules of a queue, or a limit, as one line."""
    return ", ".join(f"{name.removesuffix('_s')} {_value(name, value)}"
                     for name, value in rules.items())  # fmt: skip


def _value(name: str, value: Any) -> str:
    if name in ("time_max_s", "min_run_s", "grace_s", "block_time_s"):
        return _length(value)
    if name in ("memory", "memory_max") and isinstance(value, int):
        return show_size(value)
    if value is True:
        return "yes"
    if isinstance(value, dict):
        pairs = (f"{k.removesuffix('_s')}: {_value(k, held)}" for k, held in value.items())
        return "{" + ", ".join(pairs) + "}"
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _length(seconds: float) -> str:
    return show_duration(round(seconds * 1000))


def _check(args: Namespace) -> int:
    from rota.core.errors import Refused
    from rota.formats.settings import read_settings
    from rota.sched.rules import rules_of, show_rules

    try:
        with open(args.check, encoding="utf-8") as file:
            text = file.read()
    except (OSError, UnicodeDecodeError) as error:
        raise Refused(f"cannot read {args.check}: {error}") from None
    said = read_settings(text, where=args.check)
    rules = rules_of(said.values, source=args.check, sources=said.sources)
    if args.json:
        terminal.show_json("config", {"file": args.check, **show_rules(rules)})
    else:
        terminal.out(terminal.clean(f"{args.check} is well-formed"))
    return 0
