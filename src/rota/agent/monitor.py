"""Files that a job wants watched while it runs: which there are, and what stands in them.

    monitor: ["*.sta", "log/*.txt"]     at its start a note is left beside its outputs:
                                        {"cwd": "/data/run7", "globs": ["*.sta", …]}

The note is all that is needed later, by whichever agent is there then.  What is read lies
below the job's folder, matches one of its globs, and is reached through no link: neither a
job nor who asks can point an agent at anything else.
"""

from __future__ import annotations

import fnmatch
import json
import os
import stat
from typing import Any, Dict, List, Optional, Sequence

ENDING = "watch"
FILES_MAX = 1_000
LOOKED_AT_MAX = 100_000
"""Entries of folders that are looked at for a list; a tree of millions is not walked."""

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


def leave_note(path: str, *, cwd: str, globs: Sequence[str]) -> None:
    """Write at *path* which files of an attempt that works in *cwd* are watched.

    Raises:
        OSError: it cannot be written.
    """
    with open(path, "w", encoding="utf-8") as note:
        json.dump({"cwd": cwd, "globs": list(globs)}, note)


def open_watched(note_path: str, name: str) -> int:
    """Return a descriptor of the watched file *name*, relative to the job's folder.

    Raises:
        OSError: it is none of them, is reached through a link, or is not there.
    """
    note = _note(note_path)
    parts = name.split("/")
    if not matches(name, note["globs"]):
        told = ", ".join(note["globs"]) or "none"
        raise PermissionError(1, f"is not watched; its monitor has: {told}")
    folder = os.open(note["cwd"], os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        for part in parts[:-1]:
            inner = os.open(part, _FOLDER, dir_fd=folder)
            os.close(folder)
            folder = inner
        fd = os.open(parts[-1], _FILE, dir_fd=folder)
    finally:
        os.close(folder)
    if not stat.S_ISREG(os.fstat(fd).st_mode):
        os.close(fd)
        raise PermissionError(1, "is no file")
    return fd


def matches(name: str, globs: Sequence[str]) -> bool:
    """Say whether *name* is one that *globs* mean: part by part, nothing above itself."""
    parts = name.split("/")
    if any(part in ("", ".", "..") for part in parts) or "\0" in name:
        return False
    return any(_fits(parts, glob.split("/")) for glob in globs)


def watched(note_path: str) -> List[Dict[str, Any]]:
    """Return the watched files there are: [{name, size, at}], by name.

    Raises:
        OSError: nothing is watched, or the job's folder is gone.
    """
    note = _note(note_path)
    found: List[Dict[str, Any]] = []
    depth = max((glob.count("/") for glob in note["globs"]), default=0)
    left = LOOKED_AT_MAX
    for folder, folders, files in os.walk(note["cwd"]):
        inner = os.path.relpath(folder, note["cwd"])
        above = "" if inner == "." else inner + "/"
        if above.count("/") >= depth:
            folders.clear()
        left -= len(files) + len(folders)
        for name in files:
            row = (
                _row(folder, above + name) if matches(above + name, note["globs"]) else None
            )
            if row is not None:
                found.append(row)
        if left < 0 or len(found) >= FILES_MAX:
            break
    return sorted(found, key=lambda row: str(row["name"]))[:FILES_MAX]


def _row(folder: str, name: str) -> Optional[Dict[str, Any]]:
    try:
        facts = os.lstat(os.path.join(folder, name.rsplit("/", 1)[-1]))
    except OSError:
        # Removed since the folder was read.
        return None
    if not stat.S_ISREG(facts.st_mode):
        return None
    return {"name": name, "size": facts.st_size, "at": facts.st_mtime_ns // 1_000_000}


def _fits(parts: Sequence[str], glob: Sequence[str]) -> bool:
    return len(parts) == len(glob) and all(map(fnmatch.fnmatchcase, parts, glob))


def _note(path: str) -> Dict[str, Any]:
    with open(path, encoding="utf-8") as note:
        found: Dict[str, Any] = json.load(note)
    return found
