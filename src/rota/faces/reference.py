"""The reference of all verbs as text, made from their own parsers.

docs/reference/cli.md is what ``reference_text`` returns; a test fails while they differ.
"""

from __future__ import annotations

from importlib import import_module

from rota.faces.main import GROUPS, VERBS
from rota.faces.options import parser_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import Action

_EVERYWHERE = frozenset(("--help", "--home", "--server", "--json"))

_HEAD = """\
# The command `rota`

`rota VERB …` – every verb, what it takes and what it does. This page is made from the
program: `rota VERB --help` says the same.

Every verb takes `--home DIR` (the server's home; else `$ROTA_HOME`), `--server URL` (its
address; else `$ROTA_SERVER`), `--json` (answer in JSON) and `--help`. Answers go to stdout,
everything else to stderr. Exit codes are listed in [exit-codes.md](exit-codes.md).

Jobs are named by number (`12`, `12[7]`, `12[3-9]`), `last`, `all`, by name or glob
(`'fit-*'`), or by tag (`tag:paper`).
"""


def reference_text() -> str:
    """Return the page of all verbs, Markdown."""
    parts = [_HEAD]
    for title, verbs in GROUPS.items():
        parts.append(f"## {title[0].upper()}{title[1:]}\n")
        parts.extend(verb_text(verb) for verb in verbs)
    return "\n".join(parts)


def verb_text(verb: str) -> str:
    """Return the section of *verb*."""
    module = import_module("rota.faces." + VERBS[verb][0])
    parser = parser_of(verb, module)
    lines = [f"### rota {verb}\n", f"{_sentence(verb)}\n"]
    actions = [a for a in parser._actions if not _EVERYWHERE & set(a.option_strings)]
    if actions:
        lines += ["| | |", "|---|---|"]
        lines += [f"| `{_spelled(action)}` | {_told(action)} |" for action in actions]
        lines.append("")
    if parser.epilog:
        lines += ["```", parser.epilog.strip("\n"), "```", ""]
    return "\n".join(lines)


def _sentence(verb: str) -> str:
    told = VERBS[verb][1]
    return f"{told[0].upper()}{told[1:]}."


def _spelled(action: Action) -> str:
    value = "" if action.nargs == 0 else f" {_value(action)}"
    if action.option_strings:
        return ", ".join(action.option_strings) + value
    many = {"*": " …", "+": " …"}.get(str(action.nargs or ""), "")
    return _value(action) + many


def _value(action: Action) -> str:
    if action.choices:
        return "{" + ",".join(str(choice) for choice in action.choices) + "}"
    # A bar would end the cell of the table.
    return str(action.metavar or action.dest.upper()).replace("|", "\\|").replace("%%", "%")


def _told(action: Action) -> str:
    return (action.help or "").replace("%%", "%").replace("|", "\\|")
