"""Outputs that outgrow their limit: the head and the tail stay, the middle goes.

    0           half the limit                 size − half the limit        size
    ├── head ──┤[rota: N bytes left out here]├ · · · hole · · · ├── tail ──┤

The job writes to its file as ever, no pipe and no process in between: the middle is given
back to the file system where it lies, so that bytes keep their offsets and a job that
outlives us loses nothing.  Readers skip the hole (``skip``).
"""

from __future__ import annotations

import os
import stat
from typing import Optional, Tuple

BLOCK = 4096
MARK = b"\n[rota: "
MARK_SIZE = 128
LIMIT_MIN = 64 << 10

_KEEP_SIZE, _PUNCH_HOLE = 1, 2


def cut(path: str, limit: int) -> int:
    """Bring what *path* takes on disk down to about *limit*; return what it takes then.

    What is no file of ours to cut, or lies where nothing can be cut, is left as it is.
    """
    try:
        fd = os.open(path, os.O_RDWR | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOFOLLOW)
    except OSError:
        # Removed by the job, a link, a fifo without a reader: there is nothing to cut.
        return 0
    try:
        facts = os.fstat(fd)
        if not stat.S_ISREG(facts.st_mode):
            return 0
        if facts.st_size > limit and facts.st_blocks * 512 > limit:
            _punch(fd, facts.st_size, limit)
        return min(os.fstat(fd).st_blocks * 512, facts.st_size)
    finally:
        os.close(fd)


def hole(size: int, limit: int) -> Tuple[int, int]:
    """Return where the hole begins and ends in a file of *size*: whole blocks."""
    limit = max(limit, LIMIT_MIN)
    begin = limit // 2 // BLOCK * BLOCK
    end = (size - limit // 2) // BLOCK * BLOCK
    return begin, max(begin, end)


def skip(fd: int, offset: int, size: int) -> Tuple[int, int]:
    """Return where to go on reading instead of at *offset*, and up to where at once.

    Only a hole that ``cut`` made is skipped; what a job left unwritten is zeros.
    """
    if os.fstat(fd).st_blocks * 512 >= size:
        return offset, size
    try:
        begin = os.lseek(fd, 0, os.SEEK_HOLE)
        end = os.lseek(fd, begin, os.SEEK_DATA) if begin < size else size
    except OSError:
        # This file system does not tell holes, or nothing but a hole is left.
        return offset, size
    if end >= size or os.pread(fd, len(MARK), max(0, begin - MARK_SIZE)) != MARK:
        return offset, size
    if offset < begin:
        return offset, begin
    return (end if offset < end else offset), size


def _punch(fd: int, size: int, limit: int) -> None:
    begin, end = hole(size, limit)
    if end <= begin or _fallocate(fd, begin, end - begin) != 0:
        return
    told = MARK + b"%d bytes left out here]" % (end - begin + MARK_SIZE)
    os.pwrite(fd, told.ljust(MARK_SIZE - 1) + b"\n", begin - MARK_SIZE)


_libc: Optional[object] = None


def _fallocate(fd: int, offset: int, length: int) -> int:
    import ctypes

    global _libc
    if _libc is None:
        _libc = ctypes.CDLL(None, use_errno=True).fallocate
        _libc.argtypes = (
            ctypes.c_int, ctypes.c_int, ctypes.c_int64, ctypes.c_int64,
        )  # fmt: skip
    return int(_libc(fd, _PUNCH_HOLE | _KEEP_SIZE, offset, length))  # type: ignore[operator]
