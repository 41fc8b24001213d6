"""Ending every attempt of a home, with or without an agent: ``--kill-jobs``.

    for each shepherd, started again if it has died:  shutdown ──▶ idle

What ends so is journaled with the reason ``shutdown``; the server is told, now or later.
"""

from __future__ import annotations

import json
import os
import socket
from typing import List, Optional

from rota.agent import fold
from rota.agent.clock import boot_ms, note
from rota.agent.lines import connect

_LINGER_MS = 1_000


def kill_jobs(home: str, *, grace_ms: Optional[int], timeout_ms: int) -> int:
    """End all attempts of *home*; return 0 when none is left, 1 when the time is over."""
    until = boot_ms() + timeout_ms
    lines = [_reached(folder) for folder in fold.folders_of(home)]
    order = json.dumps({"t": "shutdown", "grace_ms": grace_ms}).encode() + b"\n"
    for line in lines:
        line.sendall(order)
    idle = [_is_idle(line, until) for line in lines]
    if all(idle):
        return 0
    note(f"after {timeout_ms} ms something of {home} still runs")
    return 1


def _reached(folder: str) -> socket.socket:
    """Return a connection to the shepherd of *folder*, which is started if it has died."""
    if not fold.is_taken(folder):
        process = fold.start(folder, _LINGER_MS)
        assert process.stdout is not None
        with process.stdout as ready:
            ready.read(len(fold.READY))
    return connect(os.path.join(folder, "sock"))


def _is_idle(line: socket.socket, until: int) -> bool:
    """Wait for the word that nothing runs any more; return whether it came."""
    said: List[bytes] = []
    with line:
        while b"\n" not in b"".join(said):
            line.settimeout(max(0.001, (until - boot_ms()) / 1000))
            try:
                piece = line.recv(65536)
            except socket.timeout:
                return False
            if not piece:
                return False
            said.append(piece)
    return True
