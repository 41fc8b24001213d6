"""A tree of files as it travels: a list of what lies where, each file named by its digest.

    {"v": 1, "entries": [["a/model.py", 420, 1234, "9f86…"],     a file: mode, size, sha256
                         ["a/latest", "model.py"],               a link, within the tree
                         ["scratch"]]}                           an empty folder
    {"v": 2, "entries": […], "tasks": {"7": [["deck.dat", …]]}}  and what task 7 alone has

Who sends a tree stores its files first, then this list, which is stored like a file: the
digest of the list names the whole tree.  Nothing in a list is believed: ``read`` refuses
what could leave the folder it is laid into, be anything but a file, or be too much (G24).
Nothing here touches a disk.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple, Union

from rota.core.globs import PATH_MAX, path_complaint

VERSION = 1
TASKS_VERSION = 2
"""Of a list that has files of single tasks; who knows only the first refuses it."""

COUNT_MAX = 100_000
"""Entries of one tree, those of all its tasks together."""

BYTES_MAX = 1 << 40
"""Bytes of all files of one tree together."""

LIST_MAX = 64 << 20
"""Bytes of the list itself."""

MODE_MASK = 0o777
"""Nothing else of a mode travels: no set-user-id, no set-group-id, no sticky bit."""

_DIGEST = re.compile(r"[0-9a-f]{64}")
_TASK = re.compile(r"0|[1-9][0-9]{0,18}")


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
    """What lies where, sorted by path.

    Shapes:
        entries: what every task has
        tasks:   (index of a task, what it has beside that), sorted by index
    """

    entries: tuple[Entry, ...]
    tasks: tuple[tuple[int, tuple[Entry, ...]], ...] = ()

    @property
    def files(self) -> list[File]:
        """The files among the entries, those of all tasks too."""
        every = [self.entries, *(own for _, own in self.tasks)]
        return [entry for some in every for entry in some if isinstance(entry, File)]

    def of(self, task: int) -> Tree:
        """Return what *task* gets."""
        own = dict(self.tasks).get(task, ())
        return Tree(tuple(sorted([*self.entries, *own])))

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


def tree_of(
    entries: Iterable[Entry], tasks: Mapping[int, Iterable[Entry]] = MappingProxyType({})
) -> Tree:
    """Return *entries*, and what single *tasks* have beside them, as a tree.

    Raises:
        BadTree: they could not be laid out safely, or are too many.
    """
    own = [(task, tuple(sorted(found))) for task, found in sorted(tasks.items())]
    tree = Tree(tuple(sorted(entries)), tuple(own))
    _check(tree)
    return tree


def write(tree: Tree) -> bytes:
    """Return *tree* as the bytes that are stored; the same tree gives the same bytes."""
    told: dict[str, Any] = {"v": VERSION, "entries": _rows(tree.entries)}
    if tree.tasks:
        told["v"] = TASKS_VERSION
        told["tasks"] = {str(task): _rows(own) for task, own in tree.tasks}
    text = json.dumps(told, separators=(",", ":"))
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
    if not isinstance(told, dict) or told.get("v") not in (VERSION, TASKS_VERSION):
        raise BadTree(f"its list is not of version {VERSION} or {TASKS_VERSION}")
    rows: Any = told.get("entries")
    tasks = told.get("tasks", {}) if told["v"] == TASKS_VERSION else {}
    if not isinstance(tasks, dict) or not all(map(_TASK.fullmatch, tasks)):
        raise BadTree("its tasks are none")
    if told["v"] == TASKS_VERSION and not tasks:
        raise BadTree("its list is of version 2 and has no tasks")
    lists = [rows, *tasks.values()]
    if not all(isinstance(some, list) for some in lists):
        raise BadTree("its list has no entries")
    _check_count(sum(map(len, lists)))
    own = {int(task): [_entry(row) for row in some] for task, some in tasks.items()}
    return tree_of([_entry(row) for row in rows], own)


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


def _rows(entries: Iterable[Entry]) -> list[list[Any]]:
    return [list(entry) for entry in entries]


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


def _check(tree: Tree) -> None:
    _check_count(len(tree.entries) + sum(len(own) for _, own in tree.tasks))
    common = _laid(tree.entries, _Laid({}, set()))
    for task, own in tree.tasks:
        try:
            _laid(own, common)
        except BadTree as error:
            raise BadTree(f"of task {task}: {error}") from None
    if tree.size > BYTES_MAX:
        raise BadTree(f"it has {tree.size} bytes, at most {BYTES_MAX} are allowed")


def _check_count(count: int) -> None:
    if count > COUNT_MAX:
        raise BadTree(f"it has {count} entries, at most {COUNT_MAX} are allowed")


class _Laid(NamedTuple):
    """What is where, and which folders that needs."""

    kinds: dict[str, type]
    folders: set[str]


def _laid(entries: Sequence[Entry], below: _Laid) -> _Laid:
    """Return what *entries* make, all safe, also together with what *below* made."""
    kinds: dict[str, type] = {}
    folders: set[str] = set()
    for entry in entries:
        wrong = path_complaint(entry.path) or _own_complaint(entry)
        if not wrong and (entry.path in kinds or entry.path in below.kinds):
            wrong = "is there twice"
        if wrong:
            raise BadTree(f"{entry.path!r} {wrong}")
        kinds[entry.path] = type(entry)
        parts = entry.path.split("/")
        folders.update("/".join(parts[:depth]) for depth in range(1, len(parts)))
    under = [path for path in folders if below.kinds.get(path, Folder) is not Folder]
    over = [path for path in kinds if path in below.folders or path in folders]
    for path in [*under, *over]:
        if kinds.get(path) is not Folder:
            raise BadTree(f"{path!r} is a folder and something else as well")
    return _Laid(kinds, folders)


def _own_complaint(entry: Entry) -> str:
    if isinstance(entry, Link):
        return link_complaint(entry.path, entry.target)
    if isinstance(entry, File):
        if not is_digest(entry.digest) or entry.size < 0:
            return "has no digest or no size"
        if entry.mode != entry.mode & MODE_MASK:
            return "has a mode with more than permissions"
    return ""
