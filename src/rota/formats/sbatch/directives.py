"""``#SBATCH`` lines: the options in them, as words, with the line each came from.

They count up to the first line that is neither blank nor a comment; ``##SBATCH`` is a
comment like any other.
"""

from __future__ import annotations

import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

_MARK = re.compile(r"#SBATCH(?:[ \t]+(.*))?$")
_WORD = re.compile(r"[ \t]*((?:\"[^\"]*\"|'[^']*'|\\.|[^ \t\"'\\])+)")
_PIECE = re.compile(r"\"([^\"]*)\"|'([^']*)'|\\(.)|([^\"'\\]+)")


def directives(text: str) -> Iterator[tuple[int, list[str]]]:
    """Yield (line number, its words) of every ``#SBATCH`` line of script *text*."""
    for number, line in enumerate(text.splitlines(), 1):
        stripped = line.strip()
        if stripped and not stripped.startswith("#"):
            return
        found = _MARK.match(line.rstrip("\r\n \t"))
        if found and found[1]:
            yield number, words(found[1])


def words(line: str) -> list[str]:
    """Return the words of *line*; quotes hold blanks, and # begins a comment.

    Raises:
        ValueError: a quote is not closed.
    """
    found: list[str] = []
    at = 0
    while at < len(line.rstrip()):
        match = _WORD.match(line, at)
        if not match:
            raise ValueError(f"the quote at character {at + 1} is not closed")
        if match[1].startswith("#"):
            break
        found.append(_unquoted(match[1]))
        at = match.end()
    return found


def _unquoted(word: str) -> str:
    return "".join(
        next(part for part in piece.groups() if part is not None)
        for piece in _PIECE.finditer(word)
    )
