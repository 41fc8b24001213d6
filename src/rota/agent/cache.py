"""Files a node has fetched once: kept by digest, so that a thousand jobs fetch them once.

    HOME/files/9f/9f86d0…   whole, verified, read-only        .part   on its way

Who needs a file that is on its way waits for it: a lock on the part, which the kernel
takes back however its holder dies; whoever gets the lock then goes on where it ended.
Nothing here is referred to: a job gets a copy (or what the file system can share safely),
so what is not used lately may be thrown away at any time.
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
import os
from typing import Any, Callable, Iterator, Tuple

from rota.agent.clock import note
from rota.agent.halt import Halt

BYTES_MAX = 20 << 30
DISK_PART_MAX = 0.2
"""No more than this part of the disk is kept, however large that is."""

_PAUSE_S = 0.05
_PIECE = 1 << 20
FULL = (errno.ENOSPC, errno.EDQUOT)

Source = Callable[[str, int], Iterator[bytes]]
"""(digest, from which byte) → the rest of that file."""


class Damaged(Exception):
    """What came is not what its digest says."""


class Cache:
    """The kept files of one node's home; may be used by threads and processes at once."""

    def __init__(self, home: str) -> None:
        self._folder = os.path.join(home, "files")

    def open(self, digest: str, *, size: int) -> int:
        """Return a descriptor of the kept file *digest*.

        Raises:
            FileNotFoundError: it is not kept here, or not whole.
        """
        path = self.path_of(digest)
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
        if os.fstat(fd).st_size != size:
            os.close(fd)
            os.unlink(path)
            raise FileNotFoundError(errno.ENOENT, "not whole", path)
        os.utime(fd)
        return fd

    def has(self, digest: str) -> bool:
        """Is the file *digest* kept here?"""
        return os.path.exists(self.path_of(digest))

    def fetch(self, digest: str, *, source: Source, halt: Halt, size_max: int) -> int:
        """See that the file *digest* is kept; return how many bytes came for it now.

        Raises:
            Damaged: what came is something else, or longer than *size_max*.
            OSError: the disk;  and what *source* raises.
        """
        path = self.path_of(digest)
        os.makedirs(os.path.dirname(path), 0o700, exist_ok=True)
        fd = self._locked(path + ".part", halt)
        try:
            if os.path.exists(path):
                os.unlink(path + ".part")
                return 0
            at = os.lseek(fd, 0, os.SEEK_END)
            came = _fill(fd, digest, at=at, source=source, size_max=size_max)
            os.fchmod(fd, 0o400)
            os.fdatasync(fd)
            os.rename(path + ".part", path)
            return came
        except Damaged:
            os.ftruncate(fd, 0)
            raise
        finally:
            os.close(fd)

    def trim(self, room: int = 0) -> int:
        """Throw away what was used longest ago, as far as needed; return the bytes freed.

        Shapes:
            room: at least so many bytes, whatever the limit is
        """
        found = sorted(self._found())
        total = sum(size for _, size, _ in found)
        goal = min(self._limit(), total - room)
        freed = 0
        for _, size, path in found:
            if total - freed <= goal:
                break
            try:
                os.unlink(path)
            except FileNotFoundError:
                # Somebody else was faster.
                continue
            freed += size
        if freed:
            note(f"{self._folder}: {freed} bytes that were not used lately are let go")
        return freed

    def _limit(self) -> int:
        space = os.statvfs(self._folder)
        return min(BYTES_MAX, int(space.f_blocks * space.f_frsize * DISK_PART_MAX))

    def _found(self) -> Iterator[Tuple[int, int, str]]:
        for folder, _, names in os.walk(self._folder):
            for name in names:
                path = os.path.join(folder, name)
                try:
                    state = os.stat(path, follow_symlinks=False)
                except FileNotFoundError:
                    continue
                yield state.st_mtime_ns, state.st_size, path

    def path_of(self, digest: str) -> str:
        """Return where the file *digest* is kept, if it is."""
        return os.path.join(self._folder, digest[:2], digest)

    def _locked(self, path: str, halt: Halt) -> int:
        """Return a descriptor of the part at *path*, ours alone."""
        while True:
            fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
            try:
                while not _has_lock(fd):
                    halt.pause(_PAUSE_S)
                if _is_at(fd, path):
                    return fd
            except BaseException:
                os.close(fd)
                raise
            # It was finished, or thrown away, while we waited.
            os.close(fd)


def _has_lock(fd: int) -> bool:
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _is_at(fd: int, path: str) -> bool:
    try:
        return os.path.samestat(os.fstat(fd), os.stat(path, follow_symlinks=False))
    except FileNotFoundError:
        return False


def _fill(fd: int, digest: str, *, at: int, source: Source, size_max: int) -> int:
    """Complete the part open as *fd*, which has *at* bytes; return how many came."""
    seen = hashlib.sha256()
    for piece in _read(fd):
        seen.update(piece)
    came = 0
    for piece in source(digest, at):
        write_all(fd, piece)
        seen.update(piece)
        came += len(piece)
        if at + came > size_max:
            raise Damaged(
                f"{digest[:12]}… is longer than the {size_max} bytes it should be"
            )
    if seen.hexdigest() != digest:
        raise Damaged(f"{digest[:12]}… did not come as its digest says")
    return came


def _read(fd: int) -> Iterator[bytes]:
    os.lseek(fd, 0, os.SEEK_SET)
    while piece := os.read(fd, _PIECE):
        yield piece


def write_all(fd: int, data: "bytes | memoryview") -> None:
    """Write all of *data* to *fd*."""
    left = memoryview(data)
    while left:
        left = left[os.write(fd, left) :]


def is_full(error: Any) -> bool:
    """Does *error* say that a disk, or a share of it, is full?"""
    return getattr(error, "errno", None) in FULL
