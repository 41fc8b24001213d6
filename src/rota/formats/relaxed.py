"""JSON as people write it: with comments and a comma too many; and where its keys stand.

    {"a": "//no comment",   // a comment
     "b": [1, 2,], }        ──loads──▶  ({"a": …, "b": [1, 2]}, {"a": "1:2", "b": "2:2"})

What is inside a string is never taken for a comment: URLs and Windows shares survive.
"""

from __future__ import annotations

import json
import re
from typing import Any

from rota.core.errors import Complaint, Malformed
from rota.formats.spots import Spot, spot_at

Spots = dict[str, Spot]

_STRING = re.compile(r'"(?:[^"\\]|\\.)*"', re.DOTALL)
_NEXT = re.compile(r'["/,}\]:]')
DEPTH = "is nested deeper than any job is"


def loads(text: str, *, where: str) -> tuple[Any, Spots]:
    """Return what *text* says, and {key: where it stands first}.

    Raises:
        Malformed: its complaint has line and column.
    """
    plain, spots = _plain(text, where)
    try:
        tree = json.loads(plain, object_pairs_hook=_once, strict=False)
        json.dumps(tree, ensure_ascii=False, allow_nan=False).encode()
    except json.JSONDecodeError as error:
        place = f"{where}:{error.lineno}:{error.colno}"
        remedy = "write \\\\ for a backslash" if "escape" in error.msg else ""
        raise wrong(f"is not JSON: {error.msg}", place, remedy=remedy) from None
    except _TwiceError as error:
        name = str(error)
        place = f"{where}:{spots.get(name, 1)}"
        raise wrong("is given twice in one mapping", place, field=name[:60]) from None
    except RecursionError:
        raise wrong(DEPTH, where) from None
    except UnicodeEncodeError:
        raise wrong("holds half a character, \\ud800 or the like", where) from None
    except ValueError:
        raise wrong("holds a number that is none", where) from None
    return tree, spots


def wrong(problem: str, where: str, *, field: str = "", remedy: str = "") -> Malformed:
    """Return the error that says *problem* of *field* at *where*."""
    shown = "".join(char if char.isprintable() else "�" for char in field)
    return Malformed(complaints=[Complaint(shown, problem, remedy, where)])


class _TwiceError(ValueError):
    """A key stands twice in one mapping."""


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            raise _TwiceError(name)
        found[name] = value
    return found


def _plain(text: str, where: str) -> tuple[str, Spots]:
    """Return *text* with comments and commas too many blanked, and the places of keys."""
    out, spots = list(text), Spots()
    at, comma, key = 0, -1, (0, 0)
    line, counted = 1, 0
    while found := _NEXT.search(text, at):
        start, mark = found.start(), found[0]
        if text[at:start].strip():
            comma = -1  # a number or a word stood between
        at = start + 1
        if mark == '"':
            whole = _STRING.match(text, start)
            if whole is None:
                place = f"{where}:{spot_at(text, start)}"
                raise wrong("is not JSON: a text begins here and does not end", place)
            at, key, comma = whole.end(), (start, whole.end()), -1
        elif mark == "/":
            at = _comment(text, start, where)
            for place_ in range(start, at):
                if out[place_] != "\n":
                    out[place_] = " "
        elif mark == ",":
            comma = start
        elif mark == ":":
            line, counted = line + text.count("\n", counted, key[0]), key[0]
            column = key[0] - text.rfind("\n", 0, key[0])
            spots.setdefault(text[key[0] + 1 : key[1] - 1], f"{line}:{column}")
        elif comma >= 0:
            out[comma] = " "
            comma = -1
        else:
            comma = -1
    return "".join(out), spots


def _comment(text: str, start: int, where: str) -> int:
    """Return where the comment that begins at *start* ends."""
    if text.startswith("//", start):
        end = text.find("\n", start)
        return len(text) if end < 0 else end
    end = text.find("*/", start + 2) if text.startswith("/*", start) else -1
    if end < 0:
        place = f"{where}:{spot_at(text, start)}"
        what = "a comment begins here and does not end"
        what = what if text.startswith("/*", start) else "a / that begins no comment"
        raise wrong(f"is not JSON: {what}", place)
    return end + 2
