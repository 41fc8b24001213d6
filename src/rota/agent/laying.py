"""Trees of files into folders and out of them; no path is followed that a job could bend.

    lay(tree, folder, cache)        step by step, by descriptors; links are refused (G25)
    gather(folder, globs)  ──▶  what of it is meant, opened the same way

What is laid into a folder gets one time stamp: what has another one later was changed.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import stat
from typing import Callable, Dict, Iterator, List, NamedTuple, Optional, Tuple

from rota.agent.cache import write_all
from rota.agent.halt import Halt
from rota.core.globs import Globs, path_complaint, place_of
from rota.wire import trees
from rota.wire.trees import File, Folder, Link, Tree

_FICLONE = 0x40049409
_PIECE = 1 << 20
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
DEPTH_MAX = 200

Opened = Callable[[File], int]
"""A file of a tree → a descriptor to read it from."""


class Unusual(Exception):
    """Something in a folder cannot be laid or gathered; the sentence names it."""


def open_folder(path: str) -> int:
    """Return a descriptor of the folder at *path*, whose last part is no link.

    Raises:
        OSError: there is none.
    """
    return os.open(path, _FOLDER)


class _Way:
    """Open descriptors from a root folder down to where work is going on."""

    def __init__(self, root: int) -> None:
        self._open: List[Tuple[str, int]] = []
        self._root = root

    def to(self, parts: List[str]) -> int:
        """Return a descriptor of the folder at *parts*, which is made if need be."""
        keep = 0
        while keep < min(len(parts), len(self._open)) and (
            self._open[keep][0] == parts[keep]
        ):
            keep += 1
        self.close(keep)
        for part in parts[keep:]:
            above = self._open[-1][1] if self._open else self._root
            # Ours of a moment ago, or, if it is no folder, refused by the next line.
            with contextlib.suppress(FileExistsError):
                os.mkdir(part, 0o777, dir_fd=above)
            self._open.append((part, os.open(part, _FOLDER, dir_fd=above)))
        return self._open[-1][1] if self._open else self._root

    def close(self, keep: int = 0) -> None:
        """Close all but the first *keep*."""
        while len(self._open) > keep:
            os.close(self._open.pop()[1])


def lay(
    tree: Tree, root: int, *, opened: Opened, halt: Halt, replaces: bool = False
) -> int:
    """Lay *tree* into the folder open as *root*; return the time stamp of what is laid.

    Shapes:
        replaces: files of the same name are replaced, each whole, at once
        returns:  nanoseconds since the epoch

    Raises:
        OSError: the disk, or something that is in the way.
    """
    stamp = os.stat(root).st_mtime_ns // 1_000_000_000 * 1_000_000_000
    way = _Way(root)
    try:
        for entry in tree.entries:
            halt.check()
            *above, name = entry.path.split("/")
            if isinstance(entry, Folder):
                way.to([*above, name])
                continue
            folder = way.to(above)
            if isinstance(entry, Link):
                _lay_link(entry.target, name, folder=folder, replaces=replaces)
            else:
                _lay_file(entry, name, folder=folder, opened=opened, halt=halt,
                          stamp=stamp, replaces=replaces)  # fmt: skip
    finally:
        way.close()
    return stamp


def _lay_link(target: str, name: str, *, folder: int, replaces: bool) -> None:
    if replaces:
        fresh = _beside(name, folder)
        os.symlink(target, fresh, dir_fd=folder)
        os.rename(fresh, name, src_dir_fd=folder, dst_dir_fd=folder)
    else:
        os.symlink(target, name, dir_fd=folder)


def _lay_file(
    file: File, name: str, *, folder: int, opened: Opened, halt: Halt, stamp: int,
    replaces: bool,
) -> None:  # fmt: skip
    fresh = _beside(name, folder) if replaces else name
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    source = opened(file)
    try:
        target = os.open(fresh, flags, 0o600, dir_fd=folder)
        try:
            copy(source, target, halt=halt)
            os.fchmod(target, file.mode & trees.MODE_MASK)
            os.utime(target, ns=(stamp, stamp))
            if replaces:
                os.rename(fresh, name, src_dir_fd=folder, dst_dir_fd=folder)
        except BaseException:
            os.unlink(fresh, dir_fd=folder)
            raise
        finally:
            os.close(target)
    finally:
        os.close(source)


def _beside(name: str, folder: int) -> str:
    """Return a free name beside *name*, where what replaces it is made."""
    fresh = f".{name[:80]}.rota"
    # Only who was killed in the middle leaves one.
    with contextlib.suppress(FileNotFoundError):
        os.unlink(fresh, dir_fd=folder)
    return fresh


def copy(source: int, target: int, *, halt: Halt) -> None:
    """Copy the file open as *source* to *target*: shared where the disk can, safely."""
    try:
        fcntl.ioctl(target, _FICLONE, source)
        return
    except OSError:
        # This file system shares nothing; most do not.
        os.lseek(source, 0, os.SEEK_SET)
    while True:
        halt.check()
        try:
            count = _copied(source, target)
        except OSError as error:
            if error.errno not in _NOT_HERE:
                raise
            break
        if not count:
            return
    while piece := os.read(source, _PIECE):
        halt.check()
        write_all(target, piece)


# copy_file_range came with Linux 4.5 and knows few pairs of file systems at first.
_NOT_HERE = (1, 18, 22, 38, 95)
_AT_ONCE = 16 << 20


def _copied(source: int, target: int) -> int:
    return os.copy_file_range(source, target, _AT_ONCE)


class Found(NamedTuple):
    """What was gathered.

    Shapes:
        entries: as they go into a tree, but for digests: those of files are ""
        paths:   {path in the tree: path in the folder} of its files
        left:    sentences about what is meant but cannot travel
    """

    entries: List["trees.Entry"]
    paths: Dict[str, str]
    left: List[str]


def gather(root: int, globs: Globs, *, halt: Halt, unlike: Optional[Tree] = None,
           stamp: int = 0) -> Found:  # fmt: skip
    """Return what *globs* mean in the folder open as *root*.

    Args:
        unlike, stamp: leave out files of that tree which still have that time stamp.

    Raises:
        Unusual: there is too much of it.
    """
    same = {file.path: file.size for file in unlike.files} if unlike else {}
    found = Found([], {}, [])
    for path, state, target in walk(root, globs, halt=halt):
        if path in same and (same[path], stamp) == (state.st_size, state.st_mtime_ns):
            continue
        for rule in globs.find(path):
            _take(found, path, to=place_of(globs.rules[rule], path), state=state,
                  target=target)  # fmt: skip
        if len(found.entries) > trees.COUNT_MAX:
            raise Unusual(f"there are more than {trees.COUNT_MAX} files")
    return found


def _take(
    found: Found, path: str, *, to: str, state: os.stat_result, target: Optional[str]
) -> None:
    wrong = path_complaint(to)
    if target is not None:
        wrong = wrong or trees.link_complaint(to, target)
    if wrong:
        found.left.append(f"{path} {wrong}")
    elif target is not None:
        found.entries.append(Link(to, target))
    elif stat.S_ISDIR(state.st_mode):
        found.entries.append(Folder(to))
    elif stat.S_ISREG(state.st_mode):
        if to not in found.paths:
            found.paths[to] = path
            found.entries.append(
                File(to, state.st_mode & trees.MODE_MASK, state.st_size, "")
            )
    else:
        found.left.append(f"{path} is neither a file nor a folder")


Row = Tuple[str, os.stat_result, Optional[str]]


def walk(root: int, globs: Globs, *, halt: Halt) -> Iterator[Row]:
    """Yield (path, its state, target if a link) of all but filled folders, unfollowed."""
    yield from _walk(os.dup(root), "", globs=globs, halt=halt)


def _walk(folder: int, prefix: str, *, globs: Globs, halt: Halt) -> Iterator[Row]:
    if prefix.count("/") > DEPTH_MAX:
        os.close(folder)
        raise Unusual(f"{prefix} lies too deep")
    try:
        with os.scandir(folder) as scanned:
            entries = sorted(scanned, key=lambda entry: entry.name)
        for entry in entries:
            halt.check()
            path = prefix + entry.name
            try:
                state = os.stat(entry.name, dir_fd=folder, follow_symlinks=False)
                yield from _step(folder, path, state=state, globs=globs, halt=halt)
            except FileNotFoundError:
                # It was there a moment ago: the job, or what it left, still works.
                continue
    finally:
        os.close(folder)


def _step(
    folder: int, path: str, *, state: os.stat_result, globs: Globs, halt: Halt
) -> Iterator[Row]:
    name = path.rsplit("/", 1)[-1]
    if stat.S_ISLNK(state.st_mode):
        if globs.find(path):
            yield path, state, os.readlink(name, dir_fd=folder)
    elif stat.S_ISDIR(state.st_mode):
        if globs.may_hold(path) or globs.find(path):
            below = os.open(name, _FOLDER, dir_fd=folder)
            is_empty = True
            for row in _walk(below, path + "/", globs=globs, halt=halt):
                is_empty = False
                yield row
            if is_empty and globs.find(path):
                yield path, state, None
    elif globs.find(path):
        yield path, state, None


def open_beneath(root: int, path: str) -> int:
    """Return a descriptor of the regular file at *path* below *root*; no link is followed.

    Raises:
        OSError: it is not there, or is something else.
    """
    *above, name = path.split("/")
    folder = os.dup(root)
    try:
        for part in above:
            below = os.open(part, _FOLDER, dir_fd=folder)
            os.close(folder)
            folder = below
        flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
        fd = os.open(name, flags, dir_fd=folder)
    finally:
        os.close(folder)
    if not stat.S_ISREG(os.fstat(fd).st_mode):
        os.close(fd)
        raise OSError(22, "not a file", path)
    return fd


def digest_of(fd: int, *, halt: Halt) -> Tuple[str, int]:
    """Return the digest and the size of the file open as *fd*."""
    seen, size = hashlib.sha256(), 0
    os.lseek(fd, 0, os.SEEK_SET)
    while piece := os.read(fd, _PIECE):
        halt.check()
        seen.update(piece)
        size += len(piece)
    return seen.hexdigest(), size
