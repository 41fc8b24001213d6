"""The four folders: what lies there, whether it is all there yet, and moving it on.

    QM_qJobs/fit ──▶ QM_Jobs/fit ──▶ QM_dJobs/fit          or QM_lost+found/fit

A folder is moved by a rename, so it is in one place or in the other.  Ours in it is
``.rota``: which submission it is.  It is written whole or not at all.
"""

from __future__ import annotations

import json
import os
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    Shot = tuple[tuple[str, int, int, int], ...]

QUEUE, RUNNING, DONE, LOST = "QM_qJobs", "QM_Jobs", "QM_dJobs", "QM_lost+found"
MARK, LOG = ".rota", "process.log"
TAKEN = ".rota-script"
_PARTIAL = (".part", ".tmp", ".filepart", ".crdownload", "~", TAKEN)
INFO_MAX = 1 << 20


class Folders:
    """The four folders below *root*; they are made when they are not there."""

    def __init__(self, root: str) -> None:
        self.root = os.path.realpath(root)
        for name in (QUEUE, RUNNING, DONE, LOST):
            os.makedirs(os.path.join(self.root, name), exist_ok=True)

    def path(self, *steps: str) -> str:
        """Return the path of something below the root."""
        return os.path.join(self.root, *steps)

    def names(self, folder: str) -> list[str]:
        """Return what lies in *folder* and is not still being copied, by its name."""
        return sorted(
            name
            for name in os.listdir(self.path(folder))
            if not name.startswith(".") and not name.endswith(_PARTIAL)
        )

    def move(self, name: str, source: str, target: str) -> str:
        """Move *name* from one of the four to another; return what it is called there."""
        called = name
        number = 1
        while os.path.lexists(self.path(target, called)):
            stamp = time.strftime("%Y-%m-%dT%H:%M:%S")
            called = f"{stamp}-{name}" if number == 1 else f"{stamp}.{number}-{name}"
            number += 1
        os.rename(self.path(source, name), self.path(target, called))
        return called

    def wrap(self, name: str) -> None:
        """Put the lone script *name* of the queue into a folder of that name."""
        hidden = self.path(QUEUE, f".{name}{TAKEN}")
        os.makedirs(hidden, exist_ok=True)
        if os.path.isfile(self.path(QUEUE, name)):
            os.rename(self.path(QUEUE, name), os.path.join(hidden, name))
        os.rename(hidden, self.path(QUEUE, name))

    def unfinished(self) -> list[str]:
        """Return the scripts that were being put into folders when we were killed."""
        return [
            name[1 : -len(TAKEN)]
            for name in os.listdir(self.path(QUEUE))
            if name.startswith(".") and name.endswith(TAKEN)
        ]


class Settling:
    """What has not changed for how long, by inode: a rename changes nothing."""

    def __init__(self, settle_s: float) -> None:
        self.settle_s = settle_s
        self._known: dict[tuple[int, int], tuple[Shot, float]] = {}

    def still_s(self, path: str, now: float) -> float:
        """Return for how many seconds all below *path* has been as it is."""
        found = os.stat(path)
        key, shot = (found.st_dev, found.st_ino), shot_of(path)
        before, since = self._known.get(key, (None, now))
        if before != shot:
            since = now
        self._known[key] = (shot, since)
        return now - since

    def is_settled(self, path: str, now: float, *, times: float = 1.0) -> bool:
        """Return whether nothing below *path* has changed for long enough."""
        return self.still_s(path, now) >= self.settle_s * times

    def forget(self, path: str) -> None:
        """Let go of what is known of *path*."""
        found = os.stat(path)
        self._known.pop((found.st_dev, found.st_ino), None)


def shot_of(path: str) -> Shot:
    """Return (name, size, mtime, inode) of all files below *path*, ours left out."""
    rows = []
    for folder, inside, files in os.walk(path):
        for name in (*files, *inside):
            if name.startswith(MARK):
                continue
            full = os.path.join(folder, name)
            try:
                found = os.lstat(full)
            except FileNotFoundError:
                continue
            size = 0 if name in inside else found.st_size
            moment = 0 if name in inside else found.st_mtime_ns
            rows.append((os.path.relpath(full, path), size, moment, found.st_ino))
    if not os.path.isdir(path):
        found = os.lstat(path)
        rows.append(("", found.st_size, found.st_mtime_ns, found.st_ino))
    return tuple(sorted(rows))


def read_mark(path: str) -> dict[str, Any]:
    """Return what ``.rota`` in the folder *path* says; {} when it is not ours."""
    try:
        with open(os.path.join(path, MARK), encoding="utf-8") as file:
            said = json.load(file)
        inode = os.stat(path).st_ino
    except (OSError, ValueError):
        return {}
    # Who copies a folder copies the mark, too: the copy is a job of its own.
    is_ours = isinstance(said, dict) and said.get("inode") == inode and "key" in said
    return said if is_ours else {}


def write_mark(path: str, said: dict[str, Any]) -> None:
    """Write ``.rota`` into the folder *path*, wherever that is moved to meanwhile."""
    folder = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fresh = os.open(
            MARK + ".new", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644, dir_fd=folder
        )
        inode = os.fstat(folder).st_ino
        with os.fdopen(fresh, "w", encoding="utf-8") as file:
            json.dump({**said, "inode": inode}, file)
            file.flush()
            os.fsync(file.fileno())
        os.replace(MARK + ".new", MARK, src_dir_fd=folder, dst_dir_fd=folder)
        os.fsync(folder)
    finally:
        os.close(folder)


def add_to_log(path: str, *lines: str) -> None:
    """Add *lines* to the end of ``process.log`` in the folder *path*, or to that file."""
    log = os.path.join(path, LOG) if os.path.isdir(path) else path
    with open(log, "ab+") as file:
        file.seek(0, os.SEEK_END)
        if file.tell():
            file.seek(-1, os.SEEK_END)
            if file.read(1) != b"\n":
                file.write(b"\n")
        file.write("".join(f"{line}\n" for line in lines).encode("utf-8", "replace"))


def last_line(path: str) -> str:
    """Return the last line of ``process.log`` in the folder *path*; "" without one."""
    try:
        with open(os.path.join(path, LOG), "rb") as file:
            file.seek(0, os.SEEK_END)
            file.seek(max(0, file.tell() - 1000))
            lines = file.read().decode("utf-8", "replace").splitlines()
    except OSError:
        return ""
    return lines[-1] if lines else ""
