"""What is left out of a copied folder, as ``.gitignore`` files say it.

    *.o            any file or folder of that name, at any depth
    /build         only right here            logs/     only a folder
    data/**/tmp    at that place              !keep.o   not left out after all

The last line that means a path decides; what lies in a folder that is left out is, too.
"""

from __future__ import annotations

from typing import List, NamedTuple, Sequence, Tuple

from rota.core.globs import Globs, Rule

NAMES = (".gitignore", ".rotaignore")
"""Files that say what is left out of the folder they lie in."""

ALWAYS = (".git", ".hg", ".svn", "__pycache__")
"""Names that are left out wherever they are, unless a line says ``!`` to them."""


class Line(NamedTuple):
    """One line: what it means, seen from the root; and what it says of that."""

    globs: Globs
    leaves_out: bool
    only_folders: bool


class Ignores:
    """The lines of all files read so far."""

    def __init__(self) -> None:
        self._lines: List[Line] = lines_of("\n".join(ALWAYS), folder="")

    def add(self, text: str, *, folder: str) -> None:
        """Take the lines of a file that lies in *folder*, a path from the root or ""."""
        self._lines += lines_of(text, folder=folder)

    def leaves_out(self, path: str, *, is_folder: bool) -> bool:
        """Is *path*, whose folder is not left out, to be left out?"""
        for line in reversed(self._lines):
            if (is_folder or not line.only_folders) and line.globs.find(path):
                return line.leaves_out
        return False


def lines_of(text: str, *, folder: str) -> List[Line]:
    """Return what the lines of *text*, a file in *folder*, say; the rest is comment."""
    found = []
    for raw in text.splitlines():
        words = raw.rstrip()
        if not words or words.startswith("#"):
            continue
        leaves_out = not words.startswith("!")
        words = words if leaves_out else words[1:]
        only_folders = words.endswith("/")
        pattern = _anchored(words.rstrip("/").removeprefix("\\"))
        if pattern:
            rule = Rule("/".join(part for part in (_plain(folder), pattern) if part))
            found.append(Line(Globs([rule]), leaves_out, only_folders))
    return found


def _anchored(words: str) -> str:
    """Return *words* as a pattern from the folder they stand in."""
    if "/" in words:
        return words.lstrip("/")
    return f"**/{words}" if words else ""


def _plain(folder: str) -> str:
    """Return *folder* as a pattern that means it alone."""
    return "".join(f"[{char}]" if char in "*?[" else char for char in folder)


def cut(paths: Sequence[Tuple[str, int]], count: int) -> List[Tuple[str, int]]:
    """Return the *count* largest of *paths*, (path, size): what a complaint names."""
    return sorted(paths, key=lambda row: -row[1])[:count]
