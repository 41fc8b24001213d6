"""Sending a running job what it reads: piece by piece, each read once, in order.

    Sender ── POST /jobs/12/send {sender, offset, data} ──▶ at ──▶ the next piece

An answer that is lost is no trouble: the piece is sent again under the same offset, and
the node knows what of it was taken.
"""

from __future__ import annotations

import base64
import os
import time

from rota.client.calls import Call

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from rota.client.filing import FileVerbs

PIECE_MAX = 64 << 10
PAUSE_S = 0.1
PAUSE_S_MAX = 2.0


class Restarted(Exception):
    """Another attempt of the job runs now, which has read nothing yet."""


class Sender:
    """Sends to one task, whatever attempt of it runs.

    Args:
        wait:   until it runs; else that is refused
        away_s: so long a server or node may be away
    """

    def __init__(
        self, client: FileVerbs, job: int, *, task: int | None = None,
        wait: bool = False, away_s: float = 60.0,
    ) -> None:  # fmt: skip
        self._client = client
        self._job, self._task = job, task
        self._wait = wait
        self._away_s = away_s
        self.begin()

    def begin(self) -> None:
        """Count from 0 again: for another attempt."""
        self._name = os.urandom(12).hex()
        self._at = 0
        self.attempt = 0

    def ready(self) -> int:
        """Return the number of the attempt that runs, once one does."""
        while not (told := self._ask(b"", end=False))["attempt"]:
            time.sleep(PAUSE_S)
        return int(told["attempt"])

    def send(self, data: bytes, *, end: bool = False) -> int:
        """Have the job read *data*, and then the end if *end*; return its attempt.

        Raises:
            Conflict: it does not run, or does not read;  Unreachable: nobody answers;
            Restarted: it had read some of what was sent before, and began anew.
        """
        left = memoryview(data)
        while True:
            piece = bytes(left[:PIECE_MAX])
            is_last = len(piece) == len(left)
            told = self._ask(piece, end=end and is_last)
            if not told["attempt"]:
                time.sleep(PAUSE_S)
                continue
            taken = told["at"] - self._at
            if taken < 0:
                raise Restarted
            self._at += taken
            left = left[taken:]
            if not left and is_last:
                return self.attempt

    def _ask(self, piece: bytes, *, end: bool) -> dict[str, Any]:
        from rota.core.errors import Unreachable

        body = {
            "sender": self._name, "offset": self._at, "end": end, "wait": self._wait,
            "task": self._task, "data": base64.b64encode(piece).decode(),
        }  # fmt: skip
        call = Call("POST", f"/jobs/{self._job}/send", body=body, again=True)
        pause_s, until = PAUSE_S, time.monotonic() + self._away_s
        while True:
            try:
                told = self._client.ask(call)
                break
            except Unreachable:
                if time.monotonic() > until:
                    raise
                time.sleep(pause_s)
                pause_s = min(PAUSE_S_MAX, pause_s * 2)
        self.attempt = told["attempt"] or self.attempt
        return told
