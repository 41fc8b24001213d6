"""Reading what attempts write, in pieces, also while they write it.

    read(id, a, stream, offset, max, follow) ──▶ data(…)      at once, or with *follow* as
                                                              soon as there is more, or the
                                                              attempt is over (eof)

Whether more may come only the shepherd knows; where it lies is fixed by the layout: a job
that names its own place leaves a link in ours.
"""

from __future__ import annotations

import base64
import os
from typing import Any, Callable, Dict, List, Mapping, Optional, Tuple

from rota.agent.caps import skip
from rota.agent.reactor import Reactor, Timer
from rota.wire import agent as wire

LOOK_MS_MIN, LOOK_MS_MAX = 30, 500

Ref = Tuple[int, int, int]

_ENDINGS = {"stdout": "out", "stderr": "err", "stages": "stages"}


class _Request:
    """One ``read`` that is not answered yet."""

    def __init__(self, message: Mapping[str, Any], folder: str) -> None:
        job, task, n = message["a"]
        ending = _ENDINGS[message["stream"]]
        self.id: int = message["id"]
        self.ref: Ref = (job, task, n)
        self.path = os.path.join(folder, str(job), f"{task}.{n}.{ending}")
        self.offset: int = message["offset"]
        self.max = min(message.get("max", wire.PIECE_MAX), wire.PIECE_MAX)
        self.follow: bool = message.get("follow", False)
        self.is_live: Optional[bool] = None


class Outputs:
    """See the head of the file."""

    def __init__(
        self,
        reactor: Reactor,
        *,
        folder: str,
        ask: Callable[[Ref], None],
        tell: Callable[[List[wire.Message]], None],
    ) -> None:
        """Read outputs below *folder*; *ask* shepherds of attempts, *tell* the server."""
        self._reactor = reactor
        self._folder = folder
        self._ask = ask
        self._tell = tell
        self._open: Dict[int, _Request] = {}
        self._timer: Optional[Timer] = None
        self._pause_ms = LOOK_MS_MIN

    def read(self, message: Mapping[str, Any]) -> None:
        """Answer *message*, now or later."""
        request = _Request(message, self._folder)
        self._open[request.id] = request
        self._ask(request.ref)

    def unread(self, request: int) -> None:
        """Nobody waits for the answer to *request* any more."""
        self._open.pop(request, None)

    def clear(self) -> None:
        """Nobody waits for anything any more."""
        self._open.clear()

    def state(self, ref: Ref, is_live: bool) -> None:
        """A shepherd says whether *ref* may still write."""
        for request in list(self._open.values()):
            if request.ref == ref:
                request.is_live = is_live
                self._answer(request)
        self._pause_ms = LOOK_MS_MIN
        self._look_later()

    def _look(self) -> None:
        answered = [self._answer(request) for request in list(self._open.values())]
        self._pause_ms = (
            LOOK_MS_MIN if any(answered) else min(self._pause_ms * 3 // 2, LOOK_MS_MAX)
        )
        self._look_later()

    def _look_later(self) -> None:
        if self._open and (self._timer is None or not self._timer.pending):
            self._timer = self._reactor.after(self._pause_ms, self._look)

    def _answer(self, request: _Request) -> bool:
        """Answer *request* if it can be; return whether it was."""
        if request.is_live is None:
            return False
        data = _piece(request)
        if data is None:
            return False
        del self._open[request.id]
        self._tell([data])
        return True


def _piece(request: _Request) -> Optional[wire.Message]:
    """Return the answer to *request*; None: wait, there will be more."""
    offset, size, data, error = request.offset, 0, b"", None
    try:
        offset, data, size = _read(request)
    except FileNotFoundError:
        if not request.is_live:
            error = f"nothing is kept here of job {request.ref[0]} at {request.path}"
    except OSError as refused:
        error = f"{request.path}: {refused.strerror}"
    if request.follow and request.is_live and not data and error is None:
        return None
    return wire.data(
        request.id,
        offset=offset,
        b64=base64.b64encode(data).decode("ascii"),
        size=size,
        eof=not request.is_live and offset + len(data) >= size,
        error=error,
    )


def _read(request: _Request) -> Tuple[int, bytes, int]:
    """Return where a piece begins, the piece, and how much there is by now."""
    # Not waiting: the job may have named a fifo, or a device.
    fd = os.open(request.path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    try:
        size = os.fstat(fd).st_size
        if request.offset >= size:
            return request.offset, b"", size
        offset, end = skip(fd, request.offset, size)
        return offset, os.pread(fd, min(request.max, end - offset), offset), size
    finally:
        os.close(fd)
