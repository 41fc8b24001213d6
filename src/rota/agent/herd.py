"""The agent's side of its shepherds: find the living, start one, know who holds what.

    HOME/shepherds/*   lock taken ──▶ attach          one is *current*: it gets new work
                       lock free  ──▶ start again     the others finish theirs and end

Normally there is one.  A second one is there after an upgrade of the agent, when the old
shepherd still has attempts in its care.
"""

from __future__ import annotations

import os
import subprocess
from typing import Any, Callable, Dict, List, Mapping, Optional, Set, Tuple

from rota.agent import VERSION, fold
from rota.agent.accounts import OWN, Account
from rota.agent.clock import note, wall_ms
from rota.agent.lines import Lines, connect
from rota.agent.reactor import Reactor
from rota.wire import agent as wire
from rota.wire.kinds import HOLDS

RETRY_MS = 250
TRIES_MAX = 4

Ref = Tuple[int, int, int]
Holds = List[List[Any]]


class Herd:
    """See the head of the file."""

    def __init__(
        self,
        reactor: Reactor,
        *,
        home: str,
        linger_ms: int,
        on_frame: Callable[[bytes], None],
        on_word: Callable[[Mapping[str, Any]], None],
        on_loss: Callable[[], None],
        account: Account = OWN,
        on_stuck: Callable[[wire.Message, str], None] = lambda _run, _why: None,
    ) -> None:
        """Make a herd that knows nobody yet; its shepherds run as *account*.

        Shapes:
            on_frame: gets frames for the server;  on_word: what a shepherd says to us
            on_loss:  a shepherd was lost; what is held must be gathered anew
            on_stuck: an order that came before there was a shepherd, and why none comes
        """
        self._reactor = reactor
        self._home = os.path.abspath(home)
        self._linger_ms = linger_ms
        self.account = account
        self._on_frame = on_frame
        self._on_word = on_word
        self._on_loss = on_loss
        self._shepherds: Dict[str, Keeper] = {}
        self._current: Optional[Keeper] = None
        self._gathering: Optional[Callable[[Holds], None]] = None
        self._on_stuck = on_stuck
        self._early: List[wire.Message] = []
        self._failures = 0
        self.gpus: List[int] = []
        self.server: List[Optional[str]] = []
        self.trouble: Optional[str] = None

    def open(self) -> None:
        """Attach to who lives here, start again who has died, have at least one."""
        with self.account.entered():
            folders = fold.folders_of(self._home)
        for folder in folders:
            self._add(folder)
        if not self._shepherds:
            self._add_new()

    def gather(self, on_holds: Callable[[Holds], None]) -> None:
        """Have *on_holds* called once with what all shepherds hold now."""
        self._gathering = on_holds
        # Who asks will hear that it is not held: nobody waits for it any more.
        self._early.clear()
        for keeper in self._shepherds.values():
            keeper.holds = None
            keeper.attach()

    def run(self, message: wire.Message) -> None:
        """Order the current shepherd to run what no other one holds."""
        others = [k for k in self._shepherds.values() if k is not self._current]
        if others:
            taken: Set[Ref] = set().union(*(keeper.refs() for keeper in others))
            job = message["job"]
            free = [t for t in message["tasks"] if (job, t[0], t[1]) not in taken]
            message = {**message, "tasks": free}
        self.order(message)

    def order(self, message: wire.Message) -> None:
        """Tell the current shepherd, or who will be, once it is there."""
        if self._current is not None:
            self._current.send(message)
        else:
            self._early.append(message)

    def tell(self, ref: Ref, message: Mapping[str, Any]) -> None:
        """Tell the shepherd that *ref* is with, or would be with."""
        for keeper in self._shepherds.values():
            if keeper is not self._current and ref in keeper.refs():
                keeper.send(message)
                return
        if self._current is not None:
            self._current.send(message)

    def tell_all(self, message: Mapping[str, Any]) -> None:
        """Tell every shepherd: whoever is meant will know."""
        for keeper in list(self._shepherds.values()):
            keeper.send(message)

    def close(self) -> None:
        """Leave them alone."""
        for keeper in list(self._shepherds.values()):
            keeper.close()

    # ── who is there ──────────────────────────────────────────────────────────────────

    def _add_new(self) -> None:
        folder = os.path.join(self._home, "shepherds", str(wall_ms()))
        with self.account.entered():
            os.makedirs(folder, 0o700)
        self._add(folder)

    def _add(self, folder: str) -> None:
        keeper = Keeper(folder, self)
        self._shepherds[folder] = keeper
        keeper.open()

    def held(self, keeper: "Keeper") -> None:
        """*keeper* has said what it holds."""
        keepers = self._shepherds.values()
        if any(other.holds is None for other in keepers):
            return
        fitting = [other for other in keepers if other.version == VERSION]
        if not fitting:
            self._add_new()
            return
        self._current = fitting[-1]
        for other in keepers:
            if other is not self._current:
                other.send({"t": "retire"})
        self._failures = 0
        early, self._early = self._early, []
        for message in early:
            self._current.send(message)
        if self._gathering is not None:
            on_holds, self._gathering = self._gathering, None
            on_holds([row for other in keepers for row in other.holds or []])

    def failed(self, why: str) -> None:
        """No shepherd could be started; after some tries that is said of all orders."""
        note(why)
        self._failures += 1
        if self._failures >= TRIES_MAX:
            early, self._early = self._early, []
            for message in early:
                if message["t"] == "run":
                    self._on_stuck(message, why)

    def lost(self, keeper: "Keeper") -> None:
        """*keeper*'s shepherd has ended: as it was asked to, or it was killed."""
        was_current = keeper is self._current
        if was_current:
            self._current = None
        with self.account.entered():
            is_there = os.path.isdir(keeper.folder)
        if not was_current and not is_there:
            self._shepherds.pop(keeper.folder, None)
            return
        note(f"the shepherd in {keeper.folder} is gone: starting another one there")
        keeper.open()
        self._on_loss()

    def take(self, keeper: "Keeper", text: bytes) -> None:
        """A shepherd said something; one of another user may say anything."""
        try:
            self._take(keeper, text)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            if self.account is OWN:
                raise
            note(f"{keeper.folder}: what it says makes no sense: {error}")

    def _take(self, keeper: "Keeper", text: bytes) -> None:
        if text[:1] == b"[":
            self._on_frame(text)
            return
        word = wire.decode_one(text)
        if word["t"] == "holds":
            if not HOLDS.holds(word["holds"]):
                raise ValueError(f"it must hold {HOLDS.says}")
            keeper.holds, keeper.version = word["holds"], word["version"]
            self.trouble = word.get("trouble")
            self.held(keeper)
        else:
            self._on_word(word)

    @property
    def reactor(self) -> Reactor:
        """The loop they all turn in."""
        return self._reactor

    @property
    def linger_ms(self) -> int:
        """How long a shepherd without work stays."""
        return self._linger_ms


class Keeper:
    """One shepherd as its agent sees it."""

    def __init__(self, folder: str, herd: Herd) -> None:
        self.folder = folder
        self.holds: Optional[Holds] = None
        self.version = ""
        self._herd = herd
        self._lines: Optional[Lines] = None
        self._process: Optional["subprocess.Popen[bytes]"] = None
        self._is_closed = False

    def open(self) -> None:
        """Attach to the shepherd of this folder, which is started if there is none."""
        if self._is_closed:
            return
        self.holds = None
        if self._process is not None and self._process.poll() is not None:
            self._process = None
        try:
            with self._herd.account.entered():
                is_taken = fold.is_taken(self.folder)
        except OSError as error:
            # A user may have done anything to it: nothing of it is believed.
            note(f"{self.folder}: {error.strerror}")
            self._later()
            return
        if is_taken:
            self._connect()
        else:
            self._start()

    def attach(self) -> None:
        """Ask what it holds."""
        gpus, server = self._herd.gpus, self._herd.server
        self.send({"t": "attach", "gpus": gpus, "server": server})

    def send(self, message: Mapping[str, Any]) -> None:
        """Tell it; without a connection this is in vain: it will be asked what it holds."""
        if self._lines is not None:
            self._lines.send(message)

    def refs(self) -> Set[Ref]:
        """Return the attempts it held when it was last asked."""
        return {(row[0], row[1], row[2]) for row in self.holds or []}

    def close(self) -> None:
        """Hang up, and do not come back."""
        self._is_closed = True
        if self._lines is not None:
            self._lines.close()

    def _start(self) -> None:
        try:
            account = self._herd.account
            self._process = fold.start(self.folder, self._herd.linger_ms, account)
        except OSError as error:
            self._herd.failed(f"no shepherd can be started in {self.folder}: {error}")
            self._later()
            return
        ready = self._process.stdout
        assert ready is not None
        self._herd.reactor.watch(ready.fileno(), lambda _: self._started(ready))

    def _started(self, ready: Any) -> None:
        self._herd.reactor.unwatch(ready.fileno())
        said = os.read(ready.fileno(), len(fold.READY))
        ready.close()
        if said == fold.READY:
            self._connect()
        else:
            # It may have found another one in its folder; else its log says what is wrong.
            self._herd.failed(f"no shepherd came up in {self.folder}; see its log")
            self._later()

    def _connect(self) -> None:
        try:
            with self._herd.account.entered():
                connection = connect(os.path.join(self.folder, "sock"))
        except OSError:
            # It has the lock, but does not listen yet, or not any more.
            self._later()
            return
        self._lines = Lines(
            connection,
            self._herd.reactor,
            on_line=lambda _, text: self._herd.take(self, text),
            on_end=lambda _: self._lost(),
        )
        self.attach()

    def _lost(self) -> None:
        self._lines = None
        if not self._is_closed:
            self._herd.lost(self)

    def _later(self) -> None:
        if not self._is_closed:
            self._herd.reactor.after(RETRY_MS, self.open)
