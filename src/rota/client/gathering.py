"""The submitting machine's files as a tree: what ``inputs`` and ``freeze`` name.

    gather(inputs, freeze, folder) ──→ Gathered(tree, where each digest lies)

Inputs are followed through links: what is there when it is submitted travels.  A frozen
folder keeps links that stay within it.  What cannot travel is complained about by name;
nothing is left out silently but what ``.gitignore`` and ``.rotaignore`` say.
"""

from __future__ import annotations

import glob
import hashlib
import os
import stat
from types import MappingProxyType
from typing import NamedTuple

from rota.core.errors import Complaint, Malformed
from rota.core.globs import Rule, path_complaint, place_of, rule_of
from rota.core.ignores import NAMES, Ignores, cut
from rota.core.units import show_size
from rota.wire import trees

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence


FREEZE_MAX = 2 << 30
"""Bytes of a frozen folder; more is data, and data are inputs."""

_PIECE = 1 << 20
_IGNORE_MAX = 1 << 20


class Gathered(NamedTuple):
    """A tree, and where the files lie that it names.

    Shapes:
        paths: {digest: path here}
    """

    tree: trees.Tree
    paths: dict[str, str]


class _Basket:
    """Entries as they are found, and all that is wrong with them."""

    def __init__(self) -> None:
        self.entries: dict[str, trees.Entry] = {}
        self.paths: dict[str, str] = {}
        self.wrong: list[Complaint] = []
        self._digests: dict[tuple[int, int], tuple[str, int]] = {}

    def add(self, key: str, path: str, *, to: str) -> None:
        """Take the file at *path*, to be laid at *to*."""
        wrong = path_complaint(to)
        if wrong:
            self.wrong.append(
                Complaint(key, f"{path} would be laid at {to}, which {wrong}")
            )
            return
        try:
            state = os.stat(path)
            if not stat.S_ISREG(state.st_mode):
                self.wrong.append(Complaint(key, f"{path} is neither a file nor a folder"))
                return
            digest, size = self._digest(path, state)
        except OSError as error:
            problem = f"{path} cannot be read: {error.strerror}"
            self.wrong.append(Complaint(key, problem))
            return
        mode = state.st_mode & trees.MODE_MASK
        self.entries[to] = trees.File(to, mode, size, digest)
        self.paths[digest] = path

    def _digest(self, path: str, state: os.stat_result) -> tuple[str, int]:
        known = self._digests.get((state.st_dev, state.st_ino))
        if known is None:
            known = self._digests[state.st_dev, state.st_ino] = digest_of(path)
        return known


def gather(
    inputs: Sequence[str],
    freeze: str | None,
    *,
    folder: str,
    own: Mapping[int, Sequence[Rule]] = MappingProxyType({}),
) -> Gathered:
    """Return the tree that *inputs* and *freeze*, seen from *folder*, make.

    Shapes:
        own: {index of a task: what it has beside that}

    Raises:
        Malformed: with everything that cannot travel.
    """
    basket = _Basket()
    if freeze is not None:
        _freeze(basket, os.path.join(folder, os.path.expanduser(freeze)))
    for text in inputs:
        _input(basket, rule_of(text), folder)
    common = basket.entries
    tasks: dict[int, dict[str, trees.Entry]] = {}
    for task, rules in own.items():
        basket.entries = tasks[task] = {}
        for rule in rules:
            _input(basket, rule, folder)
    if basket.wrong:
        raise Malformed(complaints=basket.wrong[:100])
    try:
        each = {task: entries.values() for task, entries in tasks.items()}
        tree = trees.tree_of(common.values(), each)
    except trees.BadTree as error:
        key = "freeze" if freeze is not None else "inputs"
        raise Malformed(complaints=[Complaint(key, str(error))]) from None
    return Gathered(tree, basket.paths)


def digest_of(path: str) -> tuple[str, int]:
    """Return the sha256 in hex, and the size, of the file at *path*."""
    seen, size = hashlib.sha256(), 0
    with open(path, "rb") as file:
        while piece := file.read(_PIECE):
            seen.update(piece)
            size += len(piece)
    return seen.hexdigest(), size


# ── inputs ────────────────────────────────────────────────────────────────────────────


def _input(basket: _Basket, rule: Rule, folder: str) -> None:
    rule = rule._replace(pattern=os.path.expanduser(rule.pattern))
    found = False
    for path in _matches(rule, folder):
        here = os.path.join(folder, path)
        if os.path.isdir(here):
            for below in _files(here):
                found = True
                name = f"{path}/{below}"
                basket.add("inputs", os.path.join(here, below), to=place_of(rule, name))
            if not os.listdir(here):
                found = True
                to = place_of(rule, path)
                basket.entries[to] = trees.Folder(to)
        elif os.path.lexists(here):
            found = True
            basket.add("inputs", here, to=place_of(rule, path))
    if not found:
        problem = f"nothing is called {rule.pattern} in {folder}"
        basket.wrong.append(Complaint("inputs", problem, "name a file, folder or pattern"))


def _matches(rule: Rule, folder: str) -> list[str]:
    if rule.is_plain:
        return [os.path.normpath(rule.pattern)]
    return sorted(
        glob.glob(rule.pattern, root_dir=folder, recursive=True, include_hidden=False)
    )


def _files(folder: str) -> Iterator[str]:
    """Yield the files below *folder*, links followed, but never round in a circle."""
    seen = set()
    for place, folders, names in os.walk(folder, followlinks=True):
        seen.add(os.path.realpath(place))
        folders[:] = sorted(
            name
            for name in folders
            if os.path.realpath(os.path.join(place, name)) not in seen
        )
        for name in sorted(names):
            yield os.path.relpath(os.path.join(place, name), folder)


# ── freeze ────────────────────────────────────────────────────────────────────────────


def _freeze(basket: _Basket, root: str) -> None:
    if not os.path.isdir(root):
        basket.wrong.append(Complaint("freeze", f"{root} is no folder"))
        return
    found = list(_kept(root, "", Ignores()))
    sizes = [
        (path, os.stat(os.path.join(root, path), follow_symlinks=False).st_size)
        for path in found
    ]
    total = sum(size for _, size in sizes)
    if total > FREEZE_MAX:
        largest = ", ".join(f"{path} ({show_size(size)})" for path, size in cut(sizes, 3))
        problem = (
            f"{root} holds {show_size(total)}, at most {show_size(FREEZE_MAX)} are "
            f"allowed; the largest are {largest}"
        )
        remedy = "name them in .rotaignore, and bring data as inputs"
        basket.wrong.append(Complaint("freeze", problem, remedy))
        return
    for path in found:
        here = os.path.join(root, path)
        target = os.readlink(here) if os.path.islink(here) else None
        if target is not None and not trees.link_complaint(path, target):
            basket.entries[path] = trees.Link(path, target)
        elif os.path.isdir(here):
            problem = f"{path} is a link to a folder outside of {root}"
            basket.wrong.append(Complaint("freeze", problem, "name it in .rotaignore"))
        else:
            basket.add("freeze", here, to=path)


def _kept(root: str, folder: str, ignores: Ignores) -> Iterator[str]:
    """Yield the files and links below *root* that no line leaves out."""
    here = os.path.join(root, folder)
    for name in NAMES:
        path = os.path.join(here, name)
        if os.path.isfile(path):
            with open(path, encoding="utf-8", errors="replace") as file:
                ignores.add(file.read(_IGNORE_MAX), folder=folder)
    with os.scandir(here) as scanned:
        entries = sorted(scanned, key=lambda entry: entry.name)
    for entry in entries:
        path = f"{folder}/{entry.name}" if folder else entry.name
        is_folder = entry.is_dir(follow_symlinks=False)
        if ignores.leaves_out(path, is_folder=is_folder):
            continue
        if is_folder:
            yield from _kept(root, path, ignores)
        else:
            yield path
