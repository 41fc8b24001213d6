"""Ending every attempt of a home, with or without an agent: ``--kill-jobs``.

    for each shepherd, started again if it has died:  shutdown ──▶ idle

What ends so is journaled with the reason ``shutdown``; the server is told, now or later.
"""

from __future__ import annotations

import json
import os
import socket
import time
from typing import Optional

from rota.agent import fold
from rota.agent.accounts import Account
from rota.agent.clock import boot_ms, note
from rota.agent.herds import homes_of
from rota.agent.lines import connect

_LINGER_MS = 1_000
_PAUSE_S = 0.05


def kill_jobs(home: str, *, grace_ms: Optional[int], timeout_ms: int) -> int:
    """End all attempts of *home*; return 0 when none is left, 1 when the time is over."""
    until = boot_ms() + timeout_ms
    order = json.dumps({"t": "shutdown", "grace_ms": grace_ms}).encode() + b"\n"
    folders = [
        (folder, account)
        for place, account in homes_of(home)
        for folder in fold.folders_of(place)
    ]
    while folders and boot_ms() < until:
        # All are told before the first is waited for: their graces run side by side.
        told = [(one, _told(one[0], order, one[1])) for one in folders]
        busy = [one for one, line in told if not _is_idle(line, until)]
        folders = [one for one in busy if os.path.isdir(one[0])]
    if folders:
        note(f"after {timeout_ms} ms something of {home} still runs")
    return 1 if folders else 0


def _told(folder: str, order: bytes, account: Account) -> Optional[socket.socket]:
    """Return a connection to the shepherd of *folder*, which has been told *order*.

    One that has died is started again; None: it came or went at this very moment.
    """
    with account.entered():
        is_taken = fold.is_taken(folder)
    if not is_taken:
        process = fold.start(folder, _LINGER_MS, account)
        assert process.stdout is not None
        with process.stdout as ready:
            if ready.read(len(fold.READY)) != fold.READY:
                time.sleep(_PAUSE_S)
    try:
        with account.entered():
            line = connect(os.path.join(folder, "sock"))
        line.sendall(order)
    except OSError:
        time.sleep(_PAUSE_S)
        return None
    return line


def _is_idle(line: Optional[socket.socket], until: int) -> bool:
    """Wait for the word that nothing runs any more; return whether it came."""
    if line is None:
        return False
    said = b""
    with line:
        while b"\n" not in said:
            line.settimeout(max(0.001, (until - boot_ms()) / 1000))
            try:
                piece = line.recv(65536)
            except (socket.timeout, ConnectionError):
                return False
            if not piece:
                return False
            said += piece
    return True
