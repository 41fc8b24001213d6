"""``#SBATCH`` lines: the options in them, as words, with the place each came from.

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


class Unclosed(ValueError):
    """A quote is not closed; ``at`` is where it begins, counted from 0."""

    def __init__(self, at: int) -> None:
        super().__init__("a quote that begins here is not closed")
        self.at = at


def directives(text: str) -> Iterator[tuple[int, int, str]]:
    """Yield (line, column, what stands there) of every ``#SBATCH`` line of *text*."""
    for number, line in enumerate(text.splitlines(), 1):
        stripped = line.strip()
        if stripped and not stripped.startswith("#"):
            return
        found = _MARK.match(line.rstrip("\r\n \t"))
        if found and found[1]:
            yield number, found.start(1) + 1, found[1]


def words(line: str) -> list[tuple[int, str]]:
    """Return [(offset, word)] of *line*; quotes hold blanks, and # begins a comment.

    Raises:
        Unclosed: a quote is not closed.
    """
    found: list[tuple[int, str]] = []
    at = 0
    while at < len(line.rstrip()):
        match = _WORD.match(line, at)
        if not match:
            raise Unclosed(len(line) - len(line[at:].lstrip()))
        if match[1].startswith("#"):
            break
        found.append((match.start(1), _unquoted(match[1])))
        at = match.end()
    return found


def _unquoted(word: str) -> str:
    return "".join(
        next(part for part in piece.groups() if part is not None)
        for piece in _PIECE.finditer(word)
    )
