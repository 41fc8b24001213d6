"""Reading what attempts write, in pieces, also while they write it.

    read(id, a, stream, offset, max, follow) ──▶ data(…)      at once, or with *follow* as
                                                              soon as there is more, or the
                                                              attempt is over (eof)

Whether more may come only the shepherd knows; where it lies is fixed by the layout: a job
that names its own place leaves a link in ours.
"""

from __future__ import annotations

import base64
import json
import os
from typing import Any, Callable, Dict, List, Mapping, Optional, Tuple

from rota.agent import monitor
from rota.agent.accounts import Account
from rota.agent.caps import skip
from rota.agent.reactor import Reactor, Timer
from rota.wire import agent as wire

LOOK_MS_MIN, LOOK_MS_MAX = 30, 500

Ref = Tuple[int, int, int]

FILE = "file:"
"""A stream whose name begins so is a watched file of the job; "files" lists them."""

_ENDINGS = {"stdout": "out", "stderr": "err", "stages": "stages"}


class _Request:
    """One ``read`` that is not answered yet."""

    def __init__(self, message: Mapping[str, Any], folder: str, account: Account) -> None:
        job, task, n = self.ref = _ref_of(message)
        self.account = account
        stream: str = message["stream"]
        self.file = stream[len(FILE) :] if stream.startswith(FILE) else None
        self.is_list = stream == "files"
        self.is_watched = self.is_list or self.file is not None
        ending = monitor.ENDING if self.is_watched else _ENDINGS[stream]
        self.id: int = message["id"]
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
        place: Callable[[Ref], Tuple[str, Account]],
        ask: Callable[[Ref], None],
        tell: Callable[[List[wire.Message]], None],
    ) -> None:
        """Read outputs; *ask* shepherds of attempts, *tell* the server.

        Shapes:
            place: (the folder that outputs of an attempt are in, as whom to read there)
        """
        self._reactor = reactor
        self._place = place
        self._ask = ask
        self._tell = tell
        self._open: Dict[int, _Request] = {}
        self._timer: Optional[Timer] = None
        self._pause_ms = LOOK_MS_MIN

    def read(self, message: Mapping[str, Any]) -> None:
        """Answer *message*, now or later."""
        request = _Request(message, *self._place(_ref_of(message)))
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
        with request.account.entered():
            data = _piece(request)
        if data is None:
            return False
        del self._open[request.id]
        self._tell([data])
        return True


def _ref_of(message: Mapping[str, Any]) -> Ref:
    job, task, n = message["a"]
    return job, task, n


def _piece(request: _Request) -> Optional[wire.Message]:
    """Return the answer to *request*; None: wait, there will be more."""
    offset, size, data, error = request.offset, 0, b"", None
    try:
        offset, data, size = _read(request)
    except FileNotFoundError:
        is_noted = os.path.exists(request.path) or request.follow
        if not request.is_live or (request.is_watched and not is_noted):
            error = _nothing(request)
    except OSError as refused:
        where = request.file[:200] if request.file is not None else request.path
        error = f"{where}: {refused.strerror}"
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


def _nothing(request: _Request) -> str:
    job = request.ref[0]
    if request.is_list or (request.file is not None and not os.path.exists(request.path)):
        return f"job {job} has no files watched; its key monitor names them"
    if request.file is not None:
        return f"job {job} has written no {request.file[:200]}"
    return f"nothing is kept here of job {job} at {request.path}"


def _read(request: _Request) -> Tuple[int, bytes, int]:
    """Return where a piece begins, the piece, and how much there is by now."""
    if request.is_list:
        data = json.dumps(monitor.watched(request.path)).encode()
        return request.offset, data[request.offset :][: request.max], len(data)
    if request.file is not None:
        fd = monitor.open_watched(request.path, request.file)
    else:
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
