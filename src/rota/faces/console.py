"""This terminal lent to a job: what it shows is drawn here, what is typed here it gets.

    waits ──→ why, told ──→ runs ──→ keys ─→ POST /jobs/N/input          Ctrl-A d  detaches
                                     screen ←─ GET /jobs/N/log?follow    Ctrl-A a  is Ctrl-A

The screen is the job's output like any other, so a job that has lost its person misses
nothing, and whoever attaches again begins with what was shown last.  Keys go in order and
none goes twice; those pressed while the server is away are lost, and that is said.  In
whatever way we leave, the terminal is as it was.
"""

from __future__ import annotations

import os
import queue
import select
import signal
import threading
import time

from rota.client.typed import PIECE_MAX
from rota.client.views import FINAL
from rota.faces import terminal
from rota.faces.connect import client_of
from rota.faces.run import WHY_S

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import FrameType
    from typing import Any

    from rota.client.http import Client

ESCAPE, DETACH, LITERAL = b"\x01", b"d", b"a"
SIZE = (24, 80)
LAST_SHOWN = 16_384
"""Bytes of what was shown before that are drawn again when somebody attaches."""

KEYS_MAX = 256
"""Pieces of typing that wait for a slow line; what is typed beyond that is dropped."""

LEFT, TERMINATED = 0, 143

# Off the second screen, the cursor shown, plain colours, no mouse, no bracketed paste.
_TIDY = b"\x1b[?1049l\x1b[?25h\x1b[0m\x1b[?1000l\x1b[?1002l\x1b[?2004l\r\n"


def with_terminal(doc: Mapping[str, Any]) -> dict[str, Any]:
    """Return the job *doc* with a terminal as large as this one.

    It does not run again by itself after a loss: nobody could type it all again.
    """
    rows, columns = size_here()
    return {"terminal": f"{rows}x{columns}", "restartable": False, **doc}


def attend(client: Client, args: Any, *, job: int, is_ours: bool = True) -> int:
    """Lend this terminal to *job* until it is over or we detach; return our exit code.

    *is_ours*: we have started it, so that TERM ends it.
    """
    return _Console(client, args, job=job, is_ours=is_ours).to_the_end()


def size_here() -> tuple[int, int]:
    """Return the rows and columns of this terminal, or what is usual."""
    for fd in (1, 0, 2):
        try:
            columns, rows = os.get_terminal_size(fd)
        except OSError:
            continue
        if rows and columns:
            return rows, columns
    return SIZE


class Keys:
    """What is typed, and whether it asks to detach."""

    def __init__(self) -> None:
        self._held = False

    def take(self, typed: bytes) -> tuple[bytes, bool]:
        """Return what of *typed* is for the job, and whether we were told to detach."""
        passed = bytearray()
        for at in range(len(typed)):
            key = typed[at : at + 1]
            if not self._held:
                self._held = key == ESCAPE
                passed += b"" if self._held else key
                continue
            self._held = False
            if key == DETACH:
                return bytes(passed), True
            passed += ESCAPE if key in (LITERAL, ESCAPE) else ESCAPE + key
        return bytes(passed), False


class _Console:
    """One job on this terminal."""

    def __init__(self, client: Client, args: Any, *, job: int, is_ours: bool) -> None:
        self.client = client
        self.args = args
        self.job = job
        self.is_ours = is_ours
        self.quiet = getattr(args, "quiet", False)
        self.is_tty = os.isatty(0)
        self._keys: queue.Queue[dict[str, Any] | None] = queue.Queue(KEYS_MAX)
        self._wake_in, self._wake_out = os.pipe()
        self._trouble: list[str] = []

    def to_the_end(self) -> int:
        """Lend the terminal; return the exit code to leave with."""
        for number in (signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, _told_to_go)
        try:
            if not self._waits_to_begin():
                return self._result()
            self._knock()
            is_over = self._lend()
        except _ToldToGo:
            if self.is_ours:
                self.client.kill(self.job)
            return TERMINATED
        except KeyboardInterrupt:
            return self._interrupted()
        return self._result() if is_over else self._detached()

    def _waits_to_begin(self) -> bool:
        """Return whether the job runs at last; meanwhile say why it does not."""
        from rota.client.waiting import waited

        began, told = time.monotonic(), self.quiet
        for known in waited(self.client, [self.job], away=self._away):
            state = known.state[self.job]
            if state in FINAL:
                # It may have run in between: what it showed is worth seeing.
                self._draw(self._screen())
                return False
            if state in ("running", "suspended"):
                return True
            if not told and time.monotonic() - began > WHY_S:
                terminal.say(terminal.clean(self.client.why(self.job)["text"]))
                told = True
        return False

    def _knock(self) -> None:
        """Say how large this terminal is; a job without one, or not ours, refuses."""
        from rota.core.errors import Conflict

        try:
            self.client.type(self.job, size=size_here())
        except Conflict:
            # What we started on a terminal may be over already: its screen says more.
            if not self.is_ours:
                raise

    # ── while it is lent ──────────────────────────────────────────────────────────────

    def _lend(self) -> bool:
        """Pass on keys and screen; return whether the job is over, and not we."""
        screen = threading.Thread(target=self._show, daemon=True)
        threading.Thread(target=self._send, daemon=True).start()
        restore = self._raw()
        before = signal.signal(signal.SIGWINCH, lambda *_: self._wake(b"w"))
        is_over = False
        try:
            screen.start()
            is_over = self._pass_on()
        finally:
            signal.signal(signal.SIGWINCH, before)
            self._keys.put(None)
            if not is_over and self.is_tty:
                os.write(1, _TIDY)
            restore()
        return is_over

    def _raw(self) -> Any:
        """Give the job every key as it is pressed; return how to have that back."""
        if not self.is_tty:
            return lambda: None
        import termios
        import tty

        before = termios.tcgetattr(0)
        tty.setraw(0, termios.TCSADRAIN)
        return lambda: termios.tcsetattr(0, termios.TCSADRAIN, before)

    def _pass_on(self) -> bool:
        keys = Keys()
        sources = [0, self._wake_in]
        while True:
            ready, _, _ = select.select(sources, [], [])
            if self._wake_in in ready:
                told = os.read(self._wake_in, 100)
                if b"." in told:
                    return True
                self._put(size=size_here())
            if 0 not in ready:
                continue
            typed = os.read(0, PIECE_MAX)
            if not typed:
                # A pipe has ended: the program is told so as a terminal tells it.
                sources.remove(0)
                self._put(eof=True)
            passed, is_off = keys.take(typed) if self.is_tty else (typed, False)
            if passed:
                self._put(data=passed)
            if is_off:
                return False

    def _put(self, **what: Any) -> None:
        try:
            # A pipe can wait; a person who types must always be able to detach.
            self._keys.put(what, block=not self.is_tty)
        except queue.Full:
            os.write(1, b"\a")

    def _send(self) -> None:
        from rota.core.errors import Conflict, RotaError

        client = client_of(self.args)
        is_away = False
        while (what := self._keys.get()) is not None:
            try:
                client.type(self.job, **what)
                is_away = False
            except Conflict as error:
                # It is about to be over; or it does not read.
                self._trouble.append(error.sentence)
            except RotaError as error:
                if not is_away:
                    text = terminal.clean(error.sentence)
                    self._draw([f"\r\n[rota: what you type is lost: {text}]\r\n".encode()])
                is_away = True

    def _show(self) -> None:
        from rota.core.errors import RotaError

        try:
            self._draw(self._screen())
        except (RotaError, OSError) as error:
            self._trouble.append(f"its screen cannot be shown: {error}")
        finally:
            self._wake(b".")

    def _screen(self) -> Any:
        from rota.faces.follow import Follower

        client = client_of(self.args)
        first = 1 if self.is_ours else None
        offset = 0 if self.is_ours else -LAST_SHOWN
        return Follower(client, self.job, first=first).pieces(offset=offset)

    @staticmethod
    def _draw(pieces: Any) -> None:
        for piece in pieces:
            left = memoryview(piece)
            while left:
                left = left[os.write(1, left) :]

    def _wake(self, what: bytes) -> None:
        os.write(self._wake_out, what)

    # ── afterwards ────────────────────────────────────────────────────────────────────

    def _interrupted(self) -> int:
        """Ctrl-C before it began: nobody waits for it any more."""
        if self.is_ours:
            self.client.kill(self.job)
            terminal.say(f"\njob {self.job} is cancelled")
        return 130

    def _detached(self) -> int:
        terminal.say(
            f"detached: job {self.job} goes on; `rota attach {self.job}` comes back, "
            f"`rota kill {self.job}` ends it"
        )
        return LEFT

    def _result(self) -> int:
        from rota.client.waiting import waited
        from rota.faces.wait import verdict

        for _ in waited(self.client, [self.job], away=self._away):
            continue
        view = self.client.job(self.job)
        if not view.is_ok and not self.quiet:
            for sentence in self._trouble[:1] if view.exit_code == 125 else ():
                terminal.say(f"rota: {terminal.clean(sentence)}")
            terminal.say(verdict(view))
        return view.exit_code

    def _away(self, text: str) -> None:
        if not self.quiet:
            terminal.say(terminal.clean(text) or "the server is back")


class _ToldToGo(Exception):
    """TERM came, or the terminal has gone."""


def _told_to_go(number: int, frame: FrameType | None) -> None:
    if number == signal.SIGHUP:
        # Nobody is there to tell: the job goes on, and waits for its person.
        os._exit(128 + number)
    raise _ToldToGo
