"""What ``rota run`` reads goes to its job, as it would to a program started here.

    our stdin: a pipe, a file, a terminal ──→ the job reads it, and its end
               anything else, or -n       ──→ the job reads nothing

Another attempt of the job gets a file from its beginning again; of a pipe it gets what
is left.
"""

from __future__ import annotations

import errno
import os
import stat
import threading
import time

from rota.client import calls
from rota.client.views import FINAL

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from rota.client.filing import FileVerbs

PIECE = 64 << 10
LOOK_S = 0.5
PAUSE_S, PAUSE_S_MAX = 0.1, 10.0


def has_input(fd: int = 0) -> bool:
    """Is standard input something that a job could read?"""
    try:
        kind = os.fstat(fd).st_mode
    except OSError:
        return False
    is_stream = stat.S_ISFIFO(kind) or stat.S_ISREG(kind) or stat.S_ISSOCK(kind)
    return is_stream or os.isatty(fd)


def open_input(docs: list[Any]) -> bool:
    """Have the one job of *docs* read what is sent, unless it says what it reads."""
    if docs[0].get("stdin") is None:
        docs[0] = {**docs[0], "stdin": "open"}
    return bool(docs[0]["stdin"] == "open")


class Forward(threading.Thread):
    """Sends what we read to *job*, until either has ended."""

    def __init__(self, client: FileVerbs, job: int, *, fd: int = 0) -> None:
        from rota.client.sending import Sender

        super().__init__(daemon=True)
        self._client, self._job = client, job
        self._done = 0
        self._sender = Sender(client, job, wait=True, away_s=float("inf"))
        self._fd = fd
        is_file = stat.S_ISREG(os.fstat(fd).st_mode)
        self._began_at = os.lseek(fd, 0, os.SEEK_CUR) if is_file else 0

    def run(self) -> None:
        """Forward; the job that ends first is not our trouble."""
        from rota.core.errors import Conflict, RotaError

        pause_s = PAUSE_S
        try:
            while not self._is_over():
                try:
                    # What nobody is there to read yet stays where it is.
                    if self._sender.ready() != self._done:
                        self._pass_on()
                        pause_s = PAUSE_S
                except Conflict:
                    # The attempt is over, or has closed its input, as any program may.
                    self._done = self._sender.attempt
                time.sleep(pause_s)
                pause_s = min(PAUSE_S_MAX, pause_s * 2)
        except RotaError:
            # Who watches the job has the same trouble, and says so.
            return

    def _is_over(self) -> bool:
        return self._client.ask(calls.job(self._job))["state"] in FINAL

    def _pass_on(self) -> None:
        """Send all there is, and the end, to whichever attempt is there to read it."""
        from rota.client.sending import Restarted

        piece = self._rewound(b"") if self._done else b""
        while True:
            try:
                while piece := piece or self._read():
                    self._sender.send(piece)
                    piece = b""
                self._done = self._sender.send(b"", end=True)
                return
            except Restarted:
                piece = self._rewound(piece)

    def _rewound(self, piece: bytes) -> bytes:
        """Begin anew for another attempt; return what of *piece* is still to be sent."""
        self._sender.begin()
        if not stat.S_ISREG(os.fstat(self._fd).st_mode):
            return piece
        os.lseek(self._fd, self._began_at, os.SEEK_SET)
        return b""

    def _read(self) -> bytes:
        while True:
            try:
                return os.read(self._fd, PIECE)
            except OSError as error:
                if error.errno != errno.EIO:
                    return b""
                # In the background of a terminal nothing can be read; that may change.
                time.sleep(LOOK_S)
