"""The ranks of one ``rota spread``: children on this node, asked for on the others.

    Spreading ─┬─ subprocess, pipes ────────────▶ ranks of this node
               ╰─ WebSocket ─▶ server ─▶ agents ─▶ ranks of the others
                     ╰─ lost: again and again, from the byte that was heard last

What all of them write comes out here, line by line; signals sent here go to all of them.
"""

from __future__ import annotations

import base64
import os
import signal
import subprocess
import sys
from functools import partial
from typing import Any, Dict, Mapping, NamedTuple, Optional

from rota.agent.clock import boot_ms
from rota.agent.dial import dial
from rota.agent.doors import Door
from rota.agent.reactor import Reactor
from rota.agent.shown import Shown
from rota.agent.spread import FAILED, Seat, Wish
from rota.agent.websocket import WebSocket
from rota.core.errors import Malformed
from rota.wire import steps as wire
from rota.wire.agent import checked, decode, encode

FORWARDED = ("TERM", "INT", "HUP", "QUIT", "USR1", "USR2", "CONT")
PAUSE_MS_MIN, PAUSE_MS_MAX = 200, 5_000
QUIET_MS = 5_000
"""A server that is away for less is not worth a word."""

_PIECE = 64 << 10
_FINAL = ("HTTP/1.1 401", "HTTP/1.1 403", "HTTP/1.1 404")


class End(NamedTuple):
    """How a rank ended; *code* as a shell tells it, *why* if it is not 0."""

    code: int
    why: str


class _Far:
    """A rank on another node: its id there, and how much of it was heard."""

    def __init__(self, seat: Seat) -> None:
        self.seat = seat
        self.is_placed = False
        self.heard = [0, 0]
        drawn = int.from_bytes(os.urandom(6), "big")
        self._id = wire.IDS_FROM + drawn

    def asked(self) -> wire.RankAsked:
        """Return what the server is to know of it."""
        rank, node, env = self.seat
        return wire.RankAsked(rank, node, self._id, env, self.is_placed, *self.heard)


class Spreading:
    """See the head of the file."""

    def __init__(self, wish: Wish, door: Door, env: Mapping[str, str]) -> None:
        """Start nothing yet; *env* is what goes to other nodes."""
        here = door.places[0][0]
        self._wish = wish
        self._door = door
        self._env = env
        self._reactor = Reactor()
        self._near = [seat for seat in wish.seats if seat.node == here]
        self._far = {s.rank: _Far(s) for s in wish.seats if s.node != here}
        self._seats = {seat.rank: seat for seat in wish.seats}
        self._children: Dict[int, "subprocess.Popen[bytes]"] = {}
        self._shown = Shown(label=wish.label, raw=wish.raw)
        self._ends: Dict[int, End] = {}
        self._socket: Optional[WebSocket] = None
        self._failures = 0
        self._away_since = boot_ms()
        self._interrupts = 0
        self._is_killing = False

    def run(self) -> int:
        """Return the highest exit code of all ranks, when all have ended."""
        for name in FORWARDED:
            number = getattr(signal, f"SIG{name}")
            self._reactor.on_signal(number, partial(self._forward, name))
        self._reactor.on_signal(signal.SIGCHLD, self._reap)
        for seat in self._near:
            self._start(seat)
        if self._far:
            self._connect()
        self._reap()
        if len(self._ends) < len(self._seats):
            self._reactor.run()
        self._shown.flush()
        if self._socket is not None:
            self._socket.close("all is heard")
        for rank, end in sorted(self._ends.items()):
            if end.code and not self._wish.raw:
                self._say(f"rank {rank} on {self._seats[rank].node}: {end.why}")
        return max((end.code for end in self._ends.values()), default=0)

    def _say(self, text: str) -> None:
        sys.stderr.write(f"{self._wish.said_by}: {text}\n")
        sys.stderr.flush()

    def _over(self, rank: int, end: End) -> None:
        if rank in self._ends:
            return
        self._shown.end(rank)
        self._ends[rank] = end
        if end.code and self._wish.kill and not self._is_killing:
            self._is_killing = True
            self._signal_all("TERM")
        if len(self._ends) == len(self._seats):
            self._reactor.stop()

    # ── signals ───────────────────────────────────────────────────────────────────────

    def _forward(self, name: str) -> None:
        if name == "INT":
            self._interrupts += 1
            if self._interrupts > 1:
                name = "KILL"
        self._signal_all(name)

    def _signal_all(self, name: str) -> None:
        for rank, child in self._children.items():
            if rank not in self._ends:
                _kill_group(child.pid, getattr(signal, f"SIG{name}"))
        if self._socket is not None and self._socket.is_open:
            self._socket.send(encode([wire.signal(name)]).encode())

    # ── ranks of this node ────────────────────────────────────────────────────────────

    def _start(self, seat: Seat) -> None:
        env = {**os.environ, **seat.env}
        argv = self._wish.argv
        try:
            child = subprocess.Popen(
                argv, env=env, cwd=self._wish.cwd, stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE, stderr=subprocess.PIPE, bufsize=0,
                start_new_session=True,
            )  # fmt: skip
        except OSError as error:
            code = 127 if isinstance(error, FileNotFoundError) else 126
            self._over(seat.rank, End(code, f"{argv[0]}: {error.strerror}"))
            return
        self._children[seat.rank] = child
        for is_err in (False, True):
            pipe = _pipe(child, is_err)
            os.set_blocking(pipe, False)
            self._reactor.watch(pipe, partial(self._readable, seat.rank, is_err))

    def _readable(self, rank: int, is_err: bool, _events: int) -> None:
        self._read(rank, is_err)

    def _read(self, rank: int, is_err: bool) -> bool:
        """Show a piece of what a child wrote; return whether more may be there now."""
        pipe = _pipe(self._children[rank], is_err)
        try:
            data = os.read(pipe, _PIECE)
        except BlockingIOError:
            return False
        if not data:
            self._reactor.unwatch(pipe)
        self._shown.take(rank, data, is_err=is_err)
        return bool(data)

    def _reap(self) -> None:
        for rank, child in self._children.items():
            if rank in self._ends or child.poll() is None:
                continue
            for is_err in (False, True):
                # What it left running may hold the pipe open: that is not waited for.
                while self._read(rank, is_err):
                    continue
                self._reactor.unwatch(_pipe(child, is_err))
            self._over(rank, _end_of(child.returncode, None))

    # ── ranks of the others ───────────────────────────────────────────────────────────

    def _connect(self) -> None:
        headers = {"Authorization": f"Bearer {self._door.token}"}
        try:
            line = dial(self._door.server)
        except OSError as error:
            self._down(str(error))
            return
        self._socket = WebSocket(
            line, self._reactor, request=(wire.PATH, headers),
            on_open=self._ask, on_text=self._take, on_end=self._down,
        )  # fmt: skip

    def _ask(self) -> None:
        assert self._socket is not None
        ranks = [f.asked() for rank, f in self._far.items() if rank not in self._ends]
        wish = wire.begin(ranks, argv=self._wish.argv, env=self._env, cwd=self._wish.cwd)
        self._socket.send(encode([wish]).encode("utf-8", "surrogatepass"))

    def _take(self, text: bytes) -> None:
        try:
            messages, _ = checked(decode(text), wire.TO_SPREAD)
        except Malformed as bad:
            self._give_up(f"the server says what makes no sense: {bad}")
            return
        self._failures, self._away_since = 0, 0
        for message in messages:
            _HANDLERS[message["t"]](self, message)

    def _placed(self, message: Mapping[str, Any]) -> None:
        self._far[message["rank"]].is_placed = True

    def _wrote(self, message: Mapping[str, Any]) -> None:
        data, is_err = base64.b64decode(message["b64"]), message["err"]
        self._far[message["rank"]].heard[is_err] += len(data)
        self._shown.take(message["rank"], data, is_err=is_err)

    def _ended(self, message: Mapping[str, Any]) -> None:
        code, number = message.get("exit"), message.get("sig")
        if code is None and number is None:
            self._over(message["rank"], End(FAILED, message.get("why") or "it never ran"))
        else:
            status = code if code is not None else -int(number or 0)
            self._over(message["rank"], _end_of(status, message.get("why")))

    def _refused(self, message: Mapping[str, Any]) -> None:
        self._give_up(message["why"])

    def _give_up(self, why: str) -> None:
        """End what runs here: the rest cannot be had."""
        for rank in self._far:
            self._over(rank, End(FAILED, why))
        self._signal_all("TERM")

    def _down(self, why: str) -> None:
        self._socket = None
        if all(rank in self._ends for rank in self._far):
            return
        if why.startswith(_FINAL):
            self._give_up(why)
            return
        if self._failures == 0:
            self._away_since = boot_ms()
        self._failures += 1
        if boot_ms() - self._away_since > QUIET_MS and self._failures % 20 == 0:
            self._say(f"the server is away: {why}; trying again and again")
        pause = min(PAUSE_MS_MAX, PAUSE_MS_MIN * 2 ** min(self._failures - 1, 6))
        self._reactor.after(pause, self._connect)


_HANDLERS: Mapping[str, Any] = {
    "placed": Spreading._placed,
    "wrote": Spreading._wrote,
    "ended": Spreading._ended,
    "refused": Spreading._refused,
}


def _pipe(child: "subprocess.Popen[bytes]", is_err: bool) -> int:
    pipe = child.stderr if is_err else child.stdout
    assert pipe is not None
    return pipe.fileno()


def _kill_group(pid: int, number: int) -> None:
    try:
        os.killpg(pid, number)
    except ProcessLookupError:
        # It ended in between, and will be reaped in a moment.
        return


def _end_of(status: int, why: Optional[str]) -> End:
    """Return the end that *status*, negative for a signal, stands for."""
    if status < 0:
        return End(128 - status, why or f"ended by signal {-status}")
    return End(status, why or f"exited with {status}")
