"""Standard input of jobs that said ``stdin: open``: pipes that the shepherd holds.

    feed(sender, offset, bytes) ─▶ Feed ─▶ pipe ─▶ the job
              ▲                     │
              ╰── at, or why not ◀──╯     at once, or when there is room again

The shepherd outlives agent and server, so the pipe does.  Each sender counts its own
bytes: what is sent again, because its answer was lost, is taken once.  A piece is taken
whole or not at all, so short texts of two senders do not mix.
"""

from __future__ import annotations

import base64
import binascii
import os
from collections import OrderedDict
from typing import Any, Callable, Dict, Mapping, Optional, Tuple

from rota.agent.reactor import WRITE, Reactor

HELD_MAX = 256 << 10
"""So many bytes wait here at most, and one piece more: then senders wait."""

WRITE_MAX = 64 << 10
SENDERS_MAX = 64
NOT_HERE = "it does not run here now, or was not handed in with stdin: open"
CLOSED = "the end of its input was sent already"
UNREAD = "it has closed its standard input"

Ref = Tuple[int, int, int]
Answer = Callable[[Mapping[str, Any]], None]


class Feeds:
    """The feeds of all attempts that run; see the head of the file."""

    def __init__(self, reactor: Reactor) -> None:
        self._reactor = reactor
        self._feeds: Dict[Ref, _Feed] = {}

    def open(self, ref: Ref) -> int:
        """Return the descriptor that *ref* is to read from, which the caller closes.

        Raises:
            OSError: there are no descriptors left.
        """
        self.close(ref)
        reads, writes = os.pipe2(os.O_CLOEXEC)
        os.set_blocking(writes, False)
        self._feeds[ref] = _Feed(self._reactor, writes)
        return reads

    def take(self, ref: Ref, message: Mapping[str, Any], answer: Answer) -> None:
        """Take the piece in *message*; *answer* gets ``at``, or ``error``, in time."""
        feed = self._feeds.get(ref)
        if feed is None:
            answer({"error": NOT_HERE})
        else:
            feed.take(message, answer)

    def close(self, ref: Ref) -> None:
        """The attempt *ref* is over, or never began."""
        feed = self._feeds.pop(ref, None)
        if feed is not None:
            feed.close(NOT_HERE)


class _Feed:
    """The input of one attempt."""

    def __init__(self, reactor: Reactor, fd: int) -> None:
        self._reactor = reactor
        self._fd: Optional[int] = fd
        self._held = bytearray()
        self._at: "OrderedDict[str, int]" = OrderedDict()
        self._waiting: "OrderedDict[str, Tuple[Mapping[str, Any], Answer]]" = OrderedDict()
        self._is_ended = False
        self._why = CLOSED

    def take(self, message: Mapping[str, Any], answer: Answer) -> None:
        """See ``Feeds.take``."""
        sender, at = message["sender"], self._at.get(message["sender"], 0)
        skipped = at - message["offset"]
        try:
            data = base64.b64decode(message["b64"], validate=True)[max(0, skipped) :]
        except binascii.Error as error:
            answer({"error": f"not base64: {error}"})
            return
        is_known = not data and not message.get("end")
        if skipped < 0 or is_known:
            # A sender that is ahead of us speaks of an attempt before: it sees so by at.
            answer({"at": at})
        elif self._is_ended or self._fd is None:
            answer({"error": self._why} if data else {"at": at})
        elif len(self._held) >= HELD_MAX:
            self._wait(sender, message, answer)
        else:
            self._held += data
            self._is_ended = bool(message.get("end"))
            self._note(sender, at + len(data))
            answer({"at": at + len(data)})
            self._pump()

    def close(self, why: str) -> None:
        """Nothing more is passed on, for the reason *why*."""
        fd, self._fd = self._fd, None
        if fd is not None:
            self._reactor.unwatch(fd)
            os.close(fd)
        self._held.clear()
        self._why = why
        waiting, self._waiting = self._waiting, OrderedDict()
        for _, answer in waiting.values():
            answer({"error": why})

    def _wait(self, sender: str, message: Mapping[str, Any], answer: Answer) -> None:
        if len(self._waiting) >= SENDERS_MAX and sender not in self._waiting:
            answer({"error": f"{SENDERS_MAX} senders wait for it to read already"})
        else:
            self._waiting[sender] = message, answer

    def _note(self, sender: str, at: int) -> None:
        self._at[sender] = at
        self._at.move_to_end(sender)
        if len(self._at) > SENDERS_MAX:
            self._at.popitem(last=False)

    def _pump(self, _events: int = 0) -> None:
        """Write what the pipe takes, and see to the rest when it takes more."""
        fd = self._fd
        if fd is None:
            return
        try:
            while self._held:
                del self._held[: os.write(fd, self._held[:WRITE_MAX])]
        except BlockingIOError:
            self._reactor.watch(fd, self._pump, WRITE)
            self._serve_waiting()
            return
        except BrokenPipeError:
            self.close(UNREAD)
            return
        self._reactor.unwatch(fd)
        if self._is_ended:
            self.close(CLOSED)
        else:
            self._serve_waiting()

    def _serve_waiting(self) -> None:
        while self._waiting and len(self._held) < HELD_MAX and not self._is_ended:
            _, (message, answer) = self._waiting.popitem(last=False)
            self.take(message, answer)
