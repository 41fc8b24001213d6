"""The keys of a job as options: of argparse, for help and errors, and scanned, for speed.

    --cores 4 --held --env A=1 --env B=2 ──→ given: [("--cores", "4"), ("--held", None), …]

Both read from the one table of keys, ``core.fields``; a test holds them together.
"""

from __future__ import annotations

from rota.core.fields import FIELDS, GROUPS, find
from rota.core.fields.kinds import Flag

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from collections.abc import Mapping, Sequence
    from typing import Any

SHORT = {"-c": "--command"}


class Asked:
    """What a command line said, as argparse's Namespace would hold it."""

    def __init__(self, **values: Any) -> None:
        self.__dict__.update(values)


def scan(
    words: Sequence[str], *, flags: Mapping[str, str], takes_files: bool
) -> Asked | None:
    """Return what *words* say; None when argparse should look, for help or for an error.

    Shapes:
        flags: {option of the verb: its name}, those without a value
    """
    asked = Asked(home=None, server=None, json=False, given=[], files=[], rest=None)
    for name in flags.values():
        setattr(asked, name, False)
    left = list(words)
    while left:
        word = left.pop(0)
        if word == "--":
            asked.rest = left  # type: ignore[attr-defined]
            break
        if not _one(asked, word, left, flags=flags, takes_files=takes_files):
            return None
    return asked


def _one(
    asked: Any, word: str, left: list[str], *, flags: Mapping[str, str], takes_files: bool
) -> bool:
    """Take *word* in, and its value from *left*; return whether that could be done."""
    if not word.startswith("-") or word == "-":
        asked.files.append(word)
        return takes_files
    if word in flags:
        setattr(asked, flags[word], True)
        return True
    name, equals, value = word.partition("=")
    row = find(SHORT.get(name, name))
    if row is None and name.startswith("--no-"):
        row = find("--" + name.removeprefix("--no-"))
        if row is not None and not isinstance(row.kind, Flag):
            return False  # Only what is true or false can be said no to.
    is_ours = name in ("--home", "--server")
    if not is_ours and (row is None or not name.startswith("-")):
        return False
    if row is not None and isinstance(row.kind, Flag):
        asked.given.append((name, None))
        return not equals
    if not equals:
        if not left or (left[0].startswith("-") and not _is_number(left[0])):
            return False
        value = left.pop(0)
    if is_ours:
        setattr(asked, name[2:], value)
    else:
        asked.given.append((SHORT.get(name, name), value))
    return True


def _is_number(word: str) -> bool:
    return word[1:].replace(".", "", 1).isdigit()


def add_key_options(parser: argparse.ArgumentParser) -> None:
    """Add to *parser* an option for each key of a job that has one."""
    from rota.faces.options import Given

    parser.set_defaults(given=[])
    for group, heading in GROUPS.items():
        rows = [row for row in FIELDS.values() if row.group == group and row.option]
        section = parser.add_argument_group(heading[0].lower() + heading[1:])
        for row in rows:
            short = [dash for dash, option in SHORT.items() if option == row.option]
            is_flag = isinstance(row.kind, Flag)
            negated = ["--no-" + row.option[2:]] if is_flag else []
            section.add_argument(
                *[row.option, *short, *negated],
                action=Given,
                dest="given",
                nargs=0 if is_flag else None,
                metavar=None if is_flag else row.kind.metavar.replace("%", "%%"),
                help=_told(row.says, row.default),
            )


def _told(says: str, default: str) -> str:
    told = says.replace("%", "%%")
    return f"{told} [{default.replace('%', '%%')}]" if default else told
