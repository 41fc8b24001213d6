"""Leaving a node for good: only when nothing is held there, and then without a trace.

    asked (--leave, USR1), or idle for long ──▶ what is held? ──nothing──▶ end, folder gone
                                                     ╰──jobs, results──▶ stay, and say so

Results that nobody has taken yet are held, too: an agent leaves nothing untold behind.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import signal
import time

from rota.agent import fold
from rota.agent.clock import boot_ms, note

STAYS = "stays"
"""A file in its home: it was asked to leave, and has a reason to stay."""

_PAUSE_S = 0.02


def leave(home: str, *, timeout_ms: int) -> int:
    """Ask the agent of *home* to leave; return 0 when it has, 1 when it stays.

    Without an agent that runs, 0: there is nobody to ask.
    """
    lock = os.path.join(home, "agent.lock")
    until = boot_ms() + timeout_ms
    pid = _holder(lock)
    if pid is None:
        return 0
    refusal = os.path.join(home, STAYS)
    if os.path.exists(refusal):
        os.unlink(refusal)
    os.kill(pid, signal.SIGUSR1)
    while boot_ms() < until and not os.path.exists(refusal):
        if _holder(lock) is None:
            return 0
        time.sleep(_PAUSE_S)
    note(f"the agent of {home} has jobs or results and stays")
    return 1


def stay(home: str, held: int) -> None:
    """Say to who asked that the agent stays."""
    with open(os.path.join(home, STAYS), "w", encoding="ascii") as file:
        file.write(f"{held}\n")


def wake(home: str) -> None:
    """Have the agent that holds *home* look for its server at once."""
    pid = _holder(os.path.join(home, "agent.lock"))
    if pid is not None:
        os.kill(pid, signal.SIGUSR2)


def remove(home: str, scratch: str, *, timeout_ms: int) -> None:
    """Remove *scratch*, the folder *home* is in, once its shepherds have ended."""
    until = boot_ms() + timeout_ms
    while any(fold.is_taken(one) for one in fold.folders_of(home)) and boot_ms() < until:
        time.sleep(_PAUSE_S)
    shutil.rmtree(scratch, ignore_errors=True)


def _holder(lock: str) -> "int | None":
    """Return who holds *lock*: a number in a file alone is not believed (G14)."""
    try:
        fd = os.open(lock, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        text = os.read(fd, 20).decode("ascii", "replace").strip()
        return int(text) if text.isdigit() else None
    finally:
        os.close(fd)
    return None
