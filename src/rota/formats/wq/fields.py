"""What a job file or a one-liner of wq says, field by field, each with its place.

    "mode:bynode; N:5"  ──▶  {"mode": ("bynode", "-r"), "N": (5, "-r")}

Spellings that wq or its own examples have used are one field here; what wq does not know
is kept under its own name, for ``meaning`` to tell of.
"""

from __future__ import annotations

import re

from rota.core.errors import Complaint, Malformed
from rota.core.fields.telling import plain, quoted
from rota.formats.native.yamls import read_tree
from rota.formats.spots import place

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    Fields = dict[str, tuple[Any, str]]

ALIASES = {
    "notgroup": "not_group", "host_file": "hostfile", "n": "N",
    "Njobs": "run", "Ncores": "cores",
}  # fmt: skip
_PIECE = re.compile(r"\"[^\"]*\"|'[^']*'|[^;\"']+|[\"']")


def from_file(text: str, *, where: str) -> Fields:
    """Return what job file *text* says.

    Raises:
        Malformed: it is no YAML, or no mapping.
    """
    tree = read_tree(text, where=where)
    if not isinstance(tree.value, dict):
        problem = f"must be a mapping of fields to values, not {quoted(tree.value)}"
        remedy = "write for example command: ./sim"
        raise Malformed(complaints=[Complaint("", problem, remedy, where)])
    return _named(
        {k: (v, place(where, tree.spots.get((k,)))) for k, v in tree.value.items()}
    )


def from_line(text: str, *, where: str) -> Fields:
    """Return what a one-liner such as "mode:by_node; N:2; group:[gen4,gen5]" says.

    Values in quotes may hold ``;`` and ``:``, which wq itself could not read.

    Raises:
        Malformed: its complaint shows the part that cannot be read.
    """
    found: dict[str, tuple[Any, str]] = {}
    for part in _parts(text):
        name, colon, value = part.partition(":")
        if not colon or not name.strip():
            problem = f"{plain(part)} is not of the form field: value"
            remedy = "write for example mode:by_node; N:2"
            raise Malformed(complaints=[Complaint("", problem, remedy, where)])
        tree = read_tree(f"{name.strip()}: {value.strip()}", where=where)
        if isinstance(tree.value, dict):
            found.update({key: (held, where) for key, held in tree.value.items()})
    return _named(found)


def _parts(text: str) -> list[str]:
    parts = [""]
    at = 0
    while at < len(text):
        if text[at] == ";":
            parts.append("")
            at += 1
            continue
        piece = _PIECE.match(text, at)
        if piece is None:
            break
        parts[-1] += piece[0]
        at = piece.end()
    return [part.strip() for part in parts if part.strip()]


def _named(said: Fields) -> Fields:
    """Return *said* by first names; of two spellings of one field the first counts."""
    found: Fields = {}
    for name, held in said.items():
        found.setdefault(ALIASES.get(name, name), held)
    return found
