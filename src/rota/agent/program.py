"""The agent: between one server and the shepherds of one node.

    server ◀─ link ─▶ Agent ◀─ herd ─▶ shepherds
                        │
                        ╰─ outputs, progress, health

It decides nothing and keeps nothing that matters: killed and started again, it asks the
shepherds what they hold, tells the server, and goes on.
"""

from __future__ import annotations

import os
import signal
from typing import Any, Dict, List, Mapping, NamedTuple, Optional, Sequence, Tuple

from rota.agent import containers, health, leaving, probe
from rota.agent.accounts import Account
from rota.agent.cage import kind_of_cages
from rota.agent.clock import boot_id, boot_ms, note, wall_ms
from rota.agent.fold import take_lock
from rota.agent.herd import Herd
from rota.agent.herds import Herds
from rota.agent.link import Link
from rota.agent.outputs import Outputs
from rota.agent.probing import Probes
from rota.agent.progress import Watch
from rota.agent.reactor import Reactor
from rota.agent.servers import Servers
from rota.core.reasons import Reason, reason
from rota.core.units import DISK
from rota.wire import agent as wire
from rota.wire.spec import Specs


class Settings(NamedTuple):
    """What an agent is started with; see ``--help``.

    Shapes:
        servers: where to find the one that leads
        cores, memory, gpus: None: all there is;  memory: bytes
        lifetime_ms: how long this machine is ours, from the start on; None: for good
        linger_ms: how long a shepherd without work waits for an agent
        idle_ms:   without server and work for so long it ends; None: it stays for ever
        disk:      bytes of scratch space; None: what is free
        uid_min:   jobs of users from this id on run under their own account; None: jobs of
                   the user who started the agent alone are run, under theirs
        scratch:   a folder of its own, removed when it leaves; None: nothing is removed
        probes:    shell lines that must end with 0 for this node to take work
    """

    servers: List[str]
    token_file: Optional[str]
    home: str
    name: str
    cores: Optional[int]
    memory: Optional[int]
    gpus: Optional[List[int]]
    labels: List[str]
    requires: List[str]
    resources: Dict[str, int]
    linger_ms: int
    idle_ms: Optional[int] = None
    scratch: Optional[str] = None
    lifetime_ms: Optional[int] = None
    disk: Optional[int] = None
    uid_min: Optional[int] = None
    probes: Sequence[str] = ()


class Agent:
    """See the head of the file."""

    def __init__(self, settings: Settings, *, lock: int) -> None:
        """Serve by *settings*; *lock* is the descriptor that holds the home's lock."""
        self._settings = settings
        self._lock = lock
        self._began = boot_ms()
        self._reactor = Reactor()
        self._specs = Specs()
        self._offer = _offer(settings)
        self._trouble: Optional[Reason] = None
        self._probes = Probes(self._reactor, settings.probes, told=self._look)
        self._is_leaving = False
        self._alone_since: Optional[int] = boot_ms()
        self._cgroup = kind_of_cages()
        self._herd = Herds(
            settings.home,
            reactor=self._reactor,
            make=self._make_herd,
            uid_min=settings.uid_min,
            on_frame=self._pass_on,
            on_word=self._heard,
        )
        self._herd.gpus = self._offer["gpus"]
        self._servers = Servers(settings.home, settings.servers)
        self._link = Link(
            self._reactor,
            servers=self._servers,
            token_file=settings.token_file,
            on_open=self._greet,
            on_welcome=self._welcomed,
            on_message=self._take,
            on_down=self._down,
            on_renewed=self._renewed,
            beat=self._beat,
        )
        self._outputs = Outputs(
            self._reactor,
            place=self._herd.place,
            ask=lambda ref: self._herd.tell(ref, {"t": "watch", "a": ref}),
            tell=self._link.send,
        )
        self._progress = Watch(
            self._reactor,
            tell=self._link.send,
            account_of=lambda ref: self._herd.place(ref)[1],
        )

    def _make_herd(self, home: str, account: Account, on_frame: Any, on_word: Any) -> Herd:
        return Herd(
            self._reactor,
            home=home,
            linger_ms=self._settings.linger_ms,
            on_frame=on_frame,
            on_word=on_word,
            on_loss=self._lost_shepherd,
            account=account,
            on_stuck=self._refuse,
        )

    def run(self) -> int:
        """Serve until asked to end; the shepherds and what they run stay."""
        self._reactor.on_signal(signal.SIGTERM, self._reactor.stop)
        self._reactor.on_signal(signal.SIGINT, self._reactor.stop)
        self._reactor.on_signal(signal.SIGUSR1, self._asked_to_leave)
        self._reactor.on_signal(signal.SIGUSR2, self._link.hurry)
        self._probes.start()
        self._check()
        self._herd.open()
        self._link.connect()
        self._reactor.run()
        note("the agent ends; its shepherds stay with what they run")
        self._link.close()
        self._herd.close()
        if self._is_leaving and self._settings.scratch is not None:
            home, scratch = self._settings.home, self._settings.scratch
            leaving.remove(home, scratch, timeout_ms=health.CHECK_MS)
        return 0

    # ── up and down ───────────────────────────────────────────────────────────────────

    def _asked_to_leave(self) -> None:
        self._herd.gather(self._leave_if_free)

    def _leave_if_free(self, holds: List[List[Any]]) -> None:
        if holds:
            note(f"asked to leave, but {len(holds)} attempts are still ours")
            leaving.stay(self._settings.home, len(holds))
            # Who was asked what it holds waits to be told to go on reporting.
            self._herd.tell_all({"t": "resend"})
            return
        note("nothing is held here: leaving")
        self._is_leaving = True
        self._herd.tell_all({"t": "retire"})
        self._reactor.stop()

    def _greet(self) -> None:
        self._specs = Specs()
        self._herd.server = [self._servers.current, self._settings.token_file]
        self._herd.gather(self._say_hello)

    def _say_hello(self, holds: List[List[Any]]) -> None:
        self._look()
        self._link.send_hello(
            wire.hello(
                instance=f"{os.getpid()}-{wall_ms()}",
                boot=boot_id(),
                holds=holds,
                epoch=self._servers.epoch,
                trouble=self._trouble.to_dict() if self._trouble else None,
                facts={
                    **probe.facts(),
                    "cgroup": self._cgroup,
                    **self._ends(),
                    "uid_min": self._settings.uid_min,
                },
                **self._offer,
            )
        )

    def _ends(self) -> Dict[str, int]:
        lifetime = self._settings.lifetime_ms
        if lifetime is None:
            return {}
        return {"ends_in_ms": max(0, lifetime - (boot_ms() - self._began))}

    def _welcomed(self, hello_at: int) -> None:
        self._alone_since = None
        self._renewed(hello_at)
        # The shepherds will name those again that are worth looking at.
        self._progress.clear()
        self._herd.tell_all({"t": "resend"})

    def _renewed(self, beat_at: int) -> None:
        self._herd.tell_all({"t": "lease", "at": beat_at})

    def _down(self) -> None:
        self._alone_since = boot_ms()
        self._outputs.clear()

    def _lost_shepherd(self) -> None:
        # What it was told may be lost with it: only a new hello sets that right.
        self._link.drop("a shepherd was lost; what is held must be told anew")

    def _beat(self) -> wire.Message:
        return wire.beat(
            at=wall_ms(),
            load=probe.load(),
            memory_free=probe.memory_free(),
            disk_free=probe.disk_free(self._settings.home),
        )

    def _check(self) -> None:
        if not self._has_home():
            note(f"{self._settings.home} is not ours any more: ending")
            self._reactor.stop()
            return
        self._look()
        self._leave_when_idle()
        self._reactor.after(health.CHECK_MS, self._check)

    def _leave_when_idle(self) -> None:
        idle_ms, since = self._settings.idle_ms, self._alone_since
        if idle_ms is not None and since is not None and boot_ms() - since >= idle_ms:
            self._asked_to_leave()

    def _has_home(self) -> bool:
        # Removed, or moved away and made again: then another agent may be at home there.
        try:
            there = os.stat(_lock_path(self._settings))
        except OSError:
            return False
        return os.path.samestat(there, os.fstat(self._lock))

    def _look(self) -> None:
        before = self._trouble
        self._trouble = health.check(self._settings.home)
        if self._trouble is None:
            what = self._herd.trouble or self._probes.trouble
            self._trouble = reason("unhealthy", what=what) if what else None
        if self._trouble != before:
            note(self._trouble.text if self._trouble else "this node is well")
            shown = self._trouble.to_dict() if self._trouble else None
            self._link.send([wire.health(shown)])

    # ── what the server says ──────────────────────────────────────────────────────────

    def _take(self, message: wire.Message) -> None:
        kind = message["t"]
        if kind == "run":
            self._run(message)
        elif kind in ("kill", "suspend", "signal", "put", "snap", "input", "feed"):
            self._herd.tell(_ref(message), message)
        elif kind in ("recall", "forget"):
            self._herd.tell_all(message)
        elif kind == "read":
            self._outputs.read(message)
        elif kind == "unread":
            self._outputs.unread(message["id"])

    def _run(self, message: wire.Message) -> None:
        spec = self._specs.of(message)
        if spec is None:
            why = reason("returned")._replace(evidence={"spec": "unknown"}).to_dict()
            job = message["job"]
            note(f"job {job} came without its spec and is given back")
            self._link.send(
                [wire.declined((job, task, n), why) for task, n, _ in message["tasks"]]
            )
            return
        refusal = self._herd.run({**message, "spec": spec})
        if refusal is not None:
            self._refuse(message, refusal)

    def _refuse(self, message: wire.Message, why: str) -> None:
        """Say that none of the tasks of *message* can ever run here."""
        told = reason("spawn", error=why).to_dict()
        job, at = message["job"], wall_ms()
        self._link.send([
            wire.finished(
                (job, task, n), started_at=None, at=at, exit_code=None, signal=None,
                reason=told, usage={},
            )
            for task, n, _ in message["tasks"]
        ])  # fmt: skip

    # ── what shepherds say ────────────────────────────────────────────────────────────

    def _pass_on(self, frame: bytes) -> None:
        self._link.pass_on(frame)

    def _heard(self, word: Mapping[str, Any]) -> None:
        kind = word["t"]
        if kind == "state":
            self._outputs.state(_ref(word), word["live"])
        elif kind == "long":
            self._progress.begin(word)
        elif kind == "over":
            self._progress.end(_ref(word), word["text"])


def run(settings: Settings) -> int:
    """Be the agent of *settings*' home; return the exit code."""
    os.makedirs(settings.home, 0o700, exist_ok=True)
    lock = take_lock(_lock_path(settings))
    if lock is None:
        note(f"another agent serves {settings.home} already")
        leaving.wake(settings.home)
        return 2
    return Agent(settings, lock=lock).run()


def _lock_path(settings: Settings) -> str:
    return os.path.join(settings.home, "agent.lock")


def _offer(settings: Settings) -> Dict[str, Any]:
    gpus = probe.gpus() if settings.gpus is None else settings.gpus
    disk = probe.disk_offer(settings.home) if settings.disk is None else settings.disk
    return {
        "name": settings.name,
        "cores": probe.cores(settings.cores),
        "memory": probe.memory() if settings.memory is None else settings.memory,
        "gpus": gpus,
        "resources": {DISK: disk, **settings.resources},
        "labels": [*settings.labels, *containers.labels(os.environ.get("PATH", ""))],
        "requires": settings.requires,
    }


def _ref(word: Mapping[str, Any]) -> Tuple[int, int, int]:
    job, task, n = word["a"]
    return job, task, n
