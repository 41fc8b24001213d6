"""Terminals of attempts: the shepherd holds the far end, and nobody else does.

    program ◀─ terminal ─▶ Console ─▶ the attempt's output file ─▶ whoever reads its log
                              ▲
                              ╰─ input, size: from the server, from whoever is attached

What the program draws goes to its output file as it comes: who attaches reads that as any
log, so a reader who is slow, or gone, holds up nobody, and whoever comes back sees what was
drawn meanwhile.  The terminal lives as long as the shepherd: the program notices nothing of
an agent, a server or a person that goes away.
"""

from __future__ import annotations

import base64
import errno
import fcntl
import os
import pty
import struct
import termios
from typing import Any, Callable, Dict, List, Mapping, Optional, Tuple

from rota.agent import spawn
from rota.agent.book import Attempt, Ref
from rota.agent.clock import note
from rota.agent.lines import Lines
from rota.agent.reactor import READ, WRITE, Reactor
from rota.agent.recipe import Launch
from rota.core.reasons import reason

UNREAD_MAX = 64 << 10
"""Bytes of input that wait for a program that does not read; more is refused."""

ROWS, COLUMNS = 24, 80
_PIECE = 64 << 10
_IUTF8 = 0x4000  # the termios module has no name for it
_OVER = (errno.EIO, errno.EBADF)

Told = Callable[..., None]
Stop = Callable[[Attempt, int, Mapping[str, Any]], None]


class Console:
    """One terminal: its far end, and the file that all it shows goes to.

    Shapes:
        watcher: who is to be told once when more was written
    """

    def __init__(self, attempt: Attempt, *, far_end: int, record: int) -> None:
        self.attempt = attempt
        self.far_end = far_end
        self.record = record
        self.unread = bytearray()
        self.watcher: Optional[Lines] = None

    def resize(self, rows: int, columns: int) -> None:
        """Tell the program that its screen has another size now."""
        size = struct.pack("HHHH", rows & 0xFFFF, columns & 0xFFFF, 0, 0)
        fcntl.ioctl(self.far_end, termios.TIOCSWINSZ, size)

    def pump(self) -> bool:
        """Move one piece from the screen to the file; return whether more may come.

        Raises:
            OSError: the file takes no more.
        """
        try:
            piece = os.read(self.far_end, _PIECE)
        except BlockingIOError:
            return False
        except OSError as error:
            # Nobody has the near end open any more.
            if error.errno not in _OVER:
                note(f"terminal of {self.attempt.ref}: {error.strerror}")
            return False
        while piece:
            piece = piece[os.write(self.record, piece) :]
        return True

    def close(self) -> None:
        """Hang up: a program that is still there is sent HUP by the kernel."""
        os.close(self.far_end)
        os.close(self.record)


class Consoles:
    """Opens terminals, and passes on what is typed and shown."""

    def __init__(self, reactor: Reactor, *, tell: Told, stop: Stop) -> None:
        """Have none yet.

        Shapes:
            tell: answers a request of the server, by its id
            stop: ends an attempt whose output cannot be written any more
        """
        self._reactor = reactor
        self._tell = tell
        self._stop = stop
        self._open: Dict[Ref, Console] = {}

    def open(self, attempt: Attempt, launch: Launch) -> Launch:
        """Return *launch* with a terminal to run on, if it asks for one.

        Raises:
            Unstartable: there is no terminal, or its output cannot be opened.
        """
        if launch.terminal is None:
            return launch
        record, path = spawn.open_output(
            launch.stdout, is_ours=launch.out_is_ours, mode=launch.output_mode
        )
        try:
            far_end, near_end = pty.openpty()
        except OSError as error:
            os.close(record)
            why = reason("spawn", error=f"no terminal is free: {error.strerror}")
            raise spawn.Unstartable(why) from error
        console = Console(attempt, far_end=far_end, record=record)
        self._open[attempt.ref] = console
        _settle(near_end)
        console.resize(*_size(launch.terminal))
        os.set_blocking(far_end, False)
        # The near end stays open here, too: a program may let go of its terminal and come
        # back to it.  Closed at the end, it lets all be read that was shown.
        tty = os.ttyname(near_end)
        attempt.near_end = near_end
        self._reactor.watch(far_end, lambda events: self._ready(console, events))
        return launch._replace(stdout=path, terminal=tty)

    def end(self, attempt: Attempt) -> None:
        """*attempt* is over: keep what it has shown last, and hang up."""
        if attempt.near_end is not None:
            os.close(attempt.near_end)
            attempt.near_end = None
        console = self._open.pop(attempt.ref, None)
        if console is None:
            return
        self._reactor.unwatch(console.far_end)
        try:
            while console.pump():
                continue
        except OSError as error:
            note(f"{attempt.out}: {error.strerror}")
        console.close()

    def watch(self, ref: Ref, line: Lines) -> None:
        """Tell *line* once when *ref* shows more: who watches a screen wants it now."""
        console = self._open.get(ref)
        if console is not None:
            console.watcher = line

    def take(self, ref: Ref, message: Mapping[str, Any]) -> None:
        """Do with the terminal of *ref* what *message*, an ``input``, says."""
        console = self._open.get(ref)
        if console is None:
            job, task, n = ref
            says = f"attempt {n} of {job}[{task}] has no terminal here now"
            self._tell(message["id"], {"error": says})
            return
        if message.get("rows") and message.get("columns"):
            console.resize(message["rows"], message["columns"])
        data = base64.b64decode(message.get("b64") or "")
        if message.get("eof"):
            data += _end_of_file(console.far_end)
        if len(console.unread) + len(data) > UNREAD_MAX:
            says = f"it does not read what is typed: {len(console.unread)} bytes wait"
            self._tell(message["id"], {"error": says})
            return
        console.unread += data
        self._type(console)
        self._tell(message["id"], {"bytes": len(data)})

    # ── one terminal ──────────────────────────────────────────────────────────────────

    def _ready(self, console: Console, events: int) -> None:
        if events & WRITE:
            self._type(console)
        if not events & ~WRITE:
            return
        try:
            has_more = console.pump()
        except OSError as error:
            self._give_up(console, error)
            return
        if has_more and console.watcher is not None:
            watcher, console.watcher = console.watcher, None
            watcher.send({"t": "state", "a": console.attempt.ref, "live": True})
        if not has_more and not events & READ:
            # Hung up, and all is read; epoll would say so for ever.
            self._reactor.unwatch(console.far_end)

    def _type(self, console: Console) -> None:
        try:
            while console.unread:
                del console.unread[: os.write(console.far_end, console.unread)]
        except BlockingIOError:
            # It is busy with something else; the kernel says when there is room.
            note(f"{console.attempt.ref} does not read what is typed")
        except OSError as error:
            note(f"terminal of {console.attempt.ref}: {error.strerror}")
            console.unread.clear()
        events = READ | WRITE if console.unread else READ
        self._reactor.watch(
            console.far_end, lambda events: self._ready(console, events), events
        )

    def _give_up(self, console: Console, error: OSError) -> None:
        attempt = console.attempt
        self._reactor.unwatch(console.far_end)
        what = f"{attempt.out}: {error.strerror}"
        is_full = error.errno in (errno.ENOSPC, errno.EDQUOT)
        why = reason("disk", what=attempt.out) if is_full else reason("spawn", error=what)
        self._stop(attempt, attempt.recipe.grace_ms, why.to_dict())


def _size(text: str) -> Tuple[int, int]:
    rows, _, columns = text.partition("x")
    is_size = rows.isdecimal() and columns.isdecimal()
    return (int(rows), int(columns)) if is_size else (ROWS, COLUMNS)


def _settle(near_end: int) -> None:
    """Have the line discipline know UTF-8: else erasing a letter leaves half of it."""
    mode: List[Any] = termios.tcgetattr(near_end)
    mode[0] |= _IUTF8
    termios.tcsetattr(near_end, termios.TCSANOW, mode)


def _end_of_file(far_end: int) -> bytes:
    """Return the key that ends the input, as the program has set it: Ctrl-D."""
    key: bytes = termios.tcgetattr(far_end)[6][termios.VEOF]
    return key
