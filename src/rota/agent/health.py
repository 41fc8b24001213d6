"""The node's check of itself, before it offers itself and ever after.

check(home) ──▶ None               well
            ╰─▶ Reason unhealthy   what is wrong; no new work until it is not
"""

from __future__ import annotations

import os
from typing import Iterator, Optional

from rota.agent import probe
from rota.core.reasons import Reason, reason
from rota.core.units import show_size

CHECK_MS = 30_000
DISK_MIN = 64 << 20
MEMORY_MIN = 32 << 20


def check(home: str) -> Optional[Reason]:
    """Return what is wrong with this node, whose home is *home*; None: nothing."""
    wrong = list(_wrong(home))
    return reason("unhealthy", what="; ".join(wrong)) if wrong else None


def _wrong(home: str) -> Iterator[str]:
    for folder in (home, os.path.join(home, "out"), os.path.join(home, "tmp")):
        trouble = _unwritable(folder)
        if trouble is not None:
            yield trouble
            return
    free = probe.disk_free(home)
    if free < DISK_MIN:
        yield f"only {show_size(free)} left on the disk of {home}"
    memory = probe.memory_free()
    if memory < MEMORY_MIN:
        yield f"only {show_size(memory)} of memory left"


def _unwritable(folder: str) -> Optional[str]:
    path = os.path.join(folder, f".check.{os.getpid()}")
    try:
        os.makedirs(folder, 0o700, exist_ok=True)
        fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            os.write(fd, b"rota\n")
        finally:
            os.close(fd)
            os.unlink(path)
    except OSError as error:
        return f"{folder} cannot be written: {error.strerror}"
    return None
