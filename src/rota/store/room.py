"""Room on the disk: a reserve that is given up first, and whether there is room again.

    ballast  ████████████████  held while all is well: really allocated, never written
             ················  given up when the disk is full: kills and reports fit there

A disk that is full must not keep a job from being killed, or an end from being told (G05).
"""

from __future__ import annotations

import errno
import os
from pathlib import Path

from rota.core.errors import Broken

BALLAST_SIZE = 16 << 20

GROWTH = 4
"""A submission takes about so many times its size: in the log, the tables, the indexes."""

NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT})


class Ballast:
    """A file that takes *size* bytes of the disk while all is well."""

    def __init__(self, path: Path, size: int = BALLAST_SIZE) -> None:
        self.path, self.size = path, size

    @property
    def is_held(self) -> bool:
        """Whether the room is kept now."""
        try:
            return self.path.stat().st_size >= self.size
        except FileNotFoundError:
            return not self.size

    def take(self) -> bool:
        """Take the room; return whether it could be had.

        Raises:
            Broken: it could not, and not for want of room.
        """
        try:
            if self.size:
                _allocate(self.path, self.size)
        except OSError as error:
            self.path.unlink(missing_ok=True)
            if error.errno in NO_ROOM:
                return False
            told = f"cannot keep room in {self.path}: {error.strerror}"
            raise Broken(told) from error
        return True

    def give_up(self) -> bool:
        """Give the room back to the disk; return whether there was any."""
        was_held = self.is_held and self.size > 0
        self.path.unlink(missing_ok=True)
        return was_held

    def free(self) -> int:
        """Return the bytes that are free on its disk for this user.

        Raises:
            Broken: the folder is not there any more.
        """
        try:
            disk = os.statvfs(self.path.parent)
        except OSError as error:
            raise Broken(f"cannot look at {self.path.parent}: {error.strerror}") from error
        return disk.f_bavail * disk.f_frsize

    def could_be_taken(self) -> bool:
        """Whether there is room for it and half as much besides: no flapping."""
        return self.free() >= self.size + self.size // 2


def is_out_of_room(folder: Path) -> bool:
    """Whether a little file cannot be written to *folder* for want of room, or of quota."""
    probe = folder / f".room-{os.getpid()}"
    try:
        _allocate(probe, 1 << 16)
    except OSError as error:
        return error.errno in NO_ROOM
    finally:
        probe.unlink(missing_ok=True)
    return False


def _allocate(path: Path, size: int) -> None:
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    try:
        os.posix_fallocate(handle, 0, size)
    finally:
        os.close(handle)
