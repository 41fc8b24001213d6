"""Who serves a home: seen from outside, by its lock and by what the server wrote there.

    HOME/server.lock   held (flock) as long as the server lives, whatever kills it
    HOME/server.json   its addresses and pids, there while it is ready

A lock that can be taken means that nobody serves, however old files look (G14: a pid alone
is never believed).
"""

from __future__ import annotations

import fcntl
import os
import select
import signal

from rota.client.find import read_status

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

LOCK, NODE = "server.lock", "node"


def is_served(home: str) -> bool:
    """Whether a server holds *home* now."""
    try:
        lock = os.open(os.path.join(home, LOCK), os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(lock)
    return False


def status_of(home: str) -> dict[str, Any]:
    """Return what the server of *home* wrote about itself; {} when none is ready."""
    return read_status(home) if is_served(home) else {}


def stop(home: str, *, wait_s: float) -> bool:
    """Ask the server of *home* to stop; return whether it is gone after *wait_s*.

    The pid is pinned by a pidfd before the lock is looked at again: a stranger who got
    the number meanwhile cannot be hit.
    """
    pid = status_of(home).get("server_pid")
    if not isinstance(pid, int):
        return not is_served(home)
    try:
        handle = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    try:
        if status_of(home).get("server_pid") != pid:
            return not is_served(home)
        signal.pidfd_send_signal(handle, signal.SIGTERM)
        ended, _, _ = select.select([handle], [], [], wait_s)
        return bool(ended)
    except ProcessLookupError:
        return True
    finally:
        os.close(handle)
