"""A tree of files as it travels: a list of what lies where, each file named by its digest.

    {"v": 1, "entries": [["a/model.py", 420, 1234, "9f86…"],     a file: mode, size, sha256
                         ["a/latest", "model.py"],               a link, within the tree
                         ["scratch"]]}                           an empty folder

Who sends a tree stores its files first, then this list, which is stored like a file: the
digest of the list names the whole tree.  Nothing in a list is believed: ``read`` refuses
what could leave the folder it is laid into, be anything but a file, or be too much (G24).
Nothing here touches a disk.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple, Union

from rota.core.globs import PATH_MAX, path_complaint

VERSION = 1
COUNT_MAX = 100_000
"""Entries of one tree."""

BYTES_MAX = 1 << 40
"""Bytes of all files of one tree together."""

LIST_MAX = 64 << 20
"""Bytes of the list itself."""

MODE_MASK = 0o777
"""Nothing else of a mode travels: no set-user-id, no set-group-id, no sticky bit."""

_DIGEST = re.compile(r"[0-9a-f]{64}")


class BadTree(ValueError):
    """A list that must not be laid out; the sentence names the entry and why."""


class File(NamedTuple):
    """A file: *size* in bytes, *digest* the sha256 of its content in hex."""

    path: str
    mode: int
    size: int
    digest: str


class Link(NamedTuple):
    """A symbolic link whose target lies within the tree."""

    path: str
    target: str


class Folder(NamedTuple):
    """An empty folder; folders that hold something need no entry."""

    path: str


Entry = Union[File, Link, Folder]


class Tree(NamedTuple):
    """What lies where, sorted by path."""

    entries: tuple[Entry, ...]

    @property
    def files(self) -> list[File]:
        """The files among the entries."""
        return [entry for entry in self.entries if isinstance(entry, File)]

    @property
    def size(self) -> int:
        """Bytes of all files together."""
        return sum(file.size for file in self.files)


def is_digest(text: str) -> bool:
    """Does *text* look like a sha256 in hex?"""
    return _DIGEST.fullmatch(text) is not None


def digest_of(data: bytes) -> str:
    """Return the name that *data* is stored under."""
    return hashlib.sha256(data).hexdigest()


def tree_of(entries: Iterable[Entry]) -> Tree:
    """Return *entries* as a tree.

    Raises:
        BadTree: they could not be laid out safely, or are too many.
    """
    tree = Tree(tuple(sorted(entries)))
    _check(tree.entries)
    return tree


def write(tree: Tree) -> bytes:
    """Return *tree* as the bytes that are stored; the same tree gives the same bytes."""
    rows = [list(entry) for entry in tree.entries]
    text = json.dumps({"v": VERSION, "entries": rows}, separators=(",", ":"))
    return text.encode("ascii")


def read(data: bytes) -> Tree:
    """Return the tree whose list *data* is.

    Raises:
        BadTree: it is none, or must not be laid out.
    """
    if len(data) > LIST_MAX:
        raise BadTree(f"its list has {len(data)} bytes, at most {LIST_MAX} are allowed")
    try:
        told = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise BadTree("its list is not JSON") from error
    if not isinstance(told, dict) or told.get("v") != VERSION:
        raise BadTree(f"its list is not of version {VERSION}")
    rows = told.get("entries")
    if not isinstance(rows, list):
        raise BadTree("its list has no entries")
    if len(rows) > COUNT_MAX:
        raise BadTree(f"it has {len(rows)} entries, at most {COUNT_MAX} are allowed")
    return tree_of([_entry(row) for row in rows])


def link_complaint(path: str, target: str) -> str:
    """Return why a link at *path* must not point to *target*; "": it may."""
    if not target or "\0" in target or len(target) > PATH_MAX:
        return "points nowhere"
    if target.startswith("/"):
        return "points to an absolute path"
    # A name after which it goes up again may itself be a link, and lead anywhere.
    parts = [part for part in target.split("/") if part not in ("", ".")]
    ups = next((n for n, part in enumerate(parts) if part != ".."), len(parts))
    if ".." in parts[ups:]:
        return "points down and up again"
    if ups > path.count("/"):
        return "points out of its folder"
    return ""


def _entry(row: Any) -> Entry:
    if not isinstance(row, list) or not row or not isinstance(row[0], str):
        raise BadTree(f"{str(row)[:80]!r} is no entry")
    if len(row) == 1:
        return Folder(row[0])
    if len(row) == 2 and isinstance(row[1], str):
        return Link(row[0], row[1])
    if len(row) == 4:
        path, mode, size, digest = row
        if type(mode) is int and type(size) is int and isinstance(digest, str):
            return File(path, mode, size, digest)
    raise BadTree(f"the entry of {row[0]!r} makes no sense")


def _check(entries: Sequence[Entry]) -> None:
    if len(entries) > COUNT_MAX:
        raise BadTree(f"it has {len(entries)} entries, at most {COUNT_MAX} are allowed")
    kinds: dict[str, type] = {}
    folders: set[str] = set()
    size = 0
    for entry in entries:
        wrong = path_complaint(entry.path) or _own_complaint(entry)
        if not wrong and entry.path in kinds:
            wrong = "is there twice"
        if wrong:
            raise BadTree(f"{entry.path!r} {wrong}")
        kinds[entry.path] = type(entry)
        parts = entry.path.split("/")
        folders.update("/".join(parts[:depth]) for depth in range(1, len(parts)))
        size += entry.size if isinstance(entry, File) else 0
    for path in folders:
        if kinds.get(path, Folder) is not Folder:
            raise BadTree(f"{path!r} is a folder and something else as well")
    if size > BYTES_MAX:
        raise BadTree(f"it has {size} bytes, at most {BYTES_MAX} are allowed")


def _own_complaint(entry: Entry) -> str:
    if isinstance(entry, Link):
        return link_complaint(entry.path, entry.target)
    if isinstance(entry, File):
        if not is_digest(entry.digest) or entry.size < 0:
            return "has no digest or no size"
        if entry.mode != entry.mode & MODE_MASK:
            return "has a mode with more than permissions"
    return ""
