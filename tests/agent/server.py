"""A server that speaks the wire and does as a test says; and an agent to talk to it.

    with node(tmp_path) as n:
        n.run(1, argv=["true"])
        n.finished(1)               waits for the report, with a bound

It is no mock of ours: it is the other end of the protocol, every message it gets is
checked against the table of ``wire.agent``, and what the agent runs are real processes.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from websockets.exceptions import ConnectionClosed
from websockets.sync.server import Server, ServerConnection, serve, unix_serve

from rota.agent import procfs
from rota.wire import agent as wire

PATIENCE_S = 20.0
Message = dict[str, Any]


class FakeServer:
    """The server's end of the wire; it remembers all it was told, in order."""

    def __init__(self, path: Path | None = None, *, token: str = "secret") -> None:
        self.token = token
        self.told: list[Message] = []
        self.connections = 0
        self.frames = 0
        self.beat_ms = 5_000
        self.forgets = True
        self.answers_beats = True
        self.tokens: list[str | None] = []
        self.changed = threading.Condition(threading.RLock())
        self._line: ServerConnection | None = None
        self._alloc = 0
        self._path = path
        self._server = self._serve()

    @property
    def url(self) -> str:
        """Where agents find it."""
        if self._path is not None:
            return f"unix:{self._path}"
        host, port = self._server.socket.getsockname()[:2]
        return f"http://{host}:{port}"

    def _serve(self) -> Server:
        if self._path is not None:
            self._path.unlink(missing_ok=True)
            server = unix_serve(self._serve_one, str(self._path))
        else:
            server = serve(self._serve_one, "127.0.0.1", 0)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        return server

    def _serve_one(self, line: ServerConnection) -> None:
        assert line.request is not None
        self.tokens.append(line.request.headers.get("Authorization"))
        try:
            for frame in line:
                messages, complaints = wire.checked(wire.decode(frame), wire.FROM_AGENT)
                assert not complaints, complaints
                self.frames += 1
                self._take(line, messages)
        except ConnectionClosed:
            return

    def _take(self, line: ServerConnection, messages: list[Message]) -> None:
        ended = []
        for message in messages:
            if message["t"] == "hello":
                self._greet(line, messages)
            elif message["t"] == "beat" and self.answers_beats:
                self.tell({"t": "beat"})
            elif message["t"] in ("finished", "declined"):
                ended.append(message["a"])
        with self.changed:
            if messages[0]["t"] != "hello":
                self.told.extend(messages)
            self.changed.notify_all()
        if ended and self.forgets:
            self.tell({"t": "forget", "as": ended})

    def _greet(self, line: ServerConnection, messages: list[Message]) -> None:
        # At once for all who watch: orders after it go to the new line, none before.
        with self.changed:
            self._line = line
            self.told.extend(messages)
            self.connections += 1
            self.tell({"t": "welcome", "v": 1, "server": "fake",
                       "beat_ms": self.beat_ms, "lease_ms": None})  # fmt: skip
            self.changed.notify_all()

    def tell(self, *messages: Message) -> None:
        """Send *messages* as one frame to whoever said hello last."""
        assert self._line is not None, "no agent is connected"
        try:
            self._line.send(json.dumps(messages))
        except ConnectionClosed:
            # As with any server: what it says into a broken line is never heard.
            return

    def hang_up(self) -> None:
        """End the connection, as a server that restarts does."""
        assert self._line is not None
        self._line.close()

    def close(self) -> None:
        """Stop serving."""
        self._server.shutdown()

    def until(self, seen: Callable[[list[Message]], Any], what: str = "") -> Any:
        """Return what *seen* returns of all that was told, once that is true."""
        end = time.monotonic() + PATIENCE_S
        with self.changed:
            while True:
                found = seen(self.told)
                if found:
                    return found
                left = end - time.monotonic()
                if left <= 0:
                    tail = "\n".join(map(str, self.told[-10:]))
                    raise AssertionError(f"never came: {what}; the last told:\n{tail}")
                self.changed.wait(left)


class Node:
    """A home, the agent that serves it, and the server it serves."""

    def __init__(
        self,
        folder: Path,
        *,
        python: str,
        options: tuple[str, ...],
        program: tuple[str, ...] = ("-m", "rota.agent"),
    ) -> None:
        self.folder = folder
        self.home = folder / "node"
        self.python = python
        self.program = program
        self.options = options
        self.server = FakeServer(folder / "rota.sock")
        self.token_file = folder / "token"
        self.token_file.write_text("secret\n")
        self.agent: subprocess.Popen[bytes] | None = None
        self._alloc = 0
        self.jobs = itertools.count(1000)
        self._ordered: dict[tuple[int, int, int], int] = {}

    # ── the agent program ─────────────────────────────────────────────────────────────

    def start(self, *more: str) -> None:
        """Start the agent and wait until it is welcome."""
        known = self.server.connections
        log = open(self.folder / "agent.log", "ab")  # noqa: SIM115
        self.agent = subprocess.Popen(
            [self.python, *self.program, "--server", self.server.url,
             "--token-file", str(self.token_file), "--home", str(self.home),
             "--name", "here", "--linger", "2s", *self.options, *more],
            stderr=log, stdout=log,
        )  # fmt: skip
        log.close()
        self.until_connected(known + 1)

    def until_connected(self, count: int) -> None:
        """Wait until an agent has said hello *count* times."""
        self.server.until(lambda _: self.server.connections >= count, "hello")

    def kill_agent(self, number: int = signal.SIGKILL) -> None:
        """End the agent program by signal *number*, and wait for that."""
        assert self.agent is not None
        self.agent.send_signal(number)
        self.agent.wait(PATIENCE_S)

    def shepherd_pids(self) -> list[int]:
        """Return the pids of the living shepherds of this home."""
        found = []
        for lock in self.home.glob("shepherds/*/lock"):
            with contextlib.suppress(ValueError, OSError):
                pid = int(lock.read_text())
                if is_there(pid):
                    found.append(pid)
        return found

    def close(self) -> None:
        """End everything of this home."""
        if self.agent is not None and self.agent.poll() is None:
            self.kill_agent(signal.SIGTERM)
        subprocess.run(
            [self.python, *self.program, "--home", str(self.home), "--kill-jobs",
             "--grace", "0s"],
            check=True, timeout=60, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        for pid in self.shepherd_pids():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGTERM)
        until(lambda: not self.shepherd_pids(), "the shepherds end")
        self.server.close()

    # ── orders ────────────────────────────────────────────────────────────────────────

    def run(
        self, job: int, tasks: list[Any] | None = None, *, cores: Any = (), **spec: Any
    ) -> None:
        """Order *tasks* ([[index, n, values], …]; default: task 0, attempt 1) of *job*."""
        self._alloc += 1
        order = self.order(job, tasks, alloc=self._alloc, cores=cores, **spec)
        with self.server.changed:
            for task in order["tasks"]:
                self._ordered[job, task[0], task[1]] = len(self.server.told)
            self.server.tell(order)

    def order(
        self, job: int, tasks: list[Any] | None, *, alloc: int, cores: Any = (), **spec: Any
    ) -> Message:
        """Return a ``run`` message."""
        full = {"name": f"job{job}", "cwd": str(self.folder), "env": {}, "grace_ms": 2000}
        return {
            "t": "run", "alloc": alloc, "job": job, "spec_version": 1,
            "spec": {**full, "array": tasks is not None, **spec},
            "cores": list(cores), "memory": spec.get("memory", 0), "gpus": [],
            "nodes": [["here", list(cores) or [0], []]], "tasks": tasks or [[0, 1, None]],
        }  # fmt: skip

    def kill(self, job: int, task: int = 0, n: int = 1, *, grace_ms: int = 2000) -> None:
        """Order the end of an attempt."""
        why = {"code": "killed", "text": "killed by alice"}
        self.server.tell(
            {"t": "kill", "a": [job, task, n], "grace_ms": grace_ms, "reason": why}
        )

    # ── reports ───────────────────────────────────────────────────────────────────────

    def seen(self, kind: str, job: int, task: int = 0, n: int = 1) -> Message | None:
        """Return the last report of this *kind* about an attempt, if there is one."""
        for message in reversed(self.server.told):
            if message["t"] == kind and message["a"] == [job, task, n]:
                return message
        return None

    def wait(self, kind: str, job: int, task: int = 0, n: int = 1) -> Message:
        """Return the report of this *kind* about an attempt, once it is there."""
        what = f"{kind} of {job}[{task}]#{n}"
        found: Message = self.server.until(lambda _: self.seen(kind, job, task, n), what)
        return found

    def finished(self, job: int, task: int = 0, n: int = 1) -> Message:
        """Return how an attempt ended, once it has."""
        return self.wait("finished", job, task, n)

    def was_unheard(self, job: int, task: int, n: int) -> bool:
        """Was an attempt ordered before the last hello, which does not know of it?"""
        told = self.server.told
        at = max(i for i, message in enumerate(told) if message["t"] == "hello")
        held = [row[:3] for row in told[at]["holds"]]
        return self._ordered[job, task, n] <= at and [job, task, n] not in held

    def wrote(self, job: int, task: int = 0, n: int = 1) -> str:
        """Return what an attempt has written so far, which may be nothing yet."""
        path = self.home / "out" / str(job) / f"{task}.{n}.out"
        return path.read_text() if path.exists() else ""

    def answer(self, job: int, task: int = 0, n: int = 1) -> Message:
        """Return how an attempt ended or why it was declined, once either is told."""

        def told(_: object) -> Message | None:
            return self.seen("finished", job, task, n) or self.seen(
                "declined", job, task, n
            )

        found: Message = self.server.until(told, f"an answer of {job}[{task}]#{n}")
        return found

    def ran(self, **spec: Any) -> Message:
        """Run a job of one task; return how it ended, with its id as ``job``."""
        job = next(self.jobs)
        self.run(job, **spec)
        return self.finished(job) | {"job": job}

    def output_of(self, **spec: Any) -> str:
        """Run a job of one task that ends well; return what it wrote."""
        end = self.ran(**spec)
        assert end["reason"]["code"] == "ok", self.output(end["job"], ending="err")
        return self.output(end["job"])

    def output(self, job: int, task: int = 0, n: int = 1, ending: str = "out") -> str:
        """Return what an attempt wrote."""
        return (self.home / "out" / str(job) / f"{task}.{n}.{ending}").read_text()


@contextlib.contextmanager
def node(
    folder: Path, *options: str, python: str = sys.executable, start: bool = True
) -> Iterator[Node]:
    """Yield a node whose agent is connected; in the end nothing of it is left."""
    here = Node(folder, python=python, options=options)
    try:
        if start:
            here.start()
        yield here
    finally:
        here.close()


def until(holds: Callable[[], Any], what: str) -> Any:
    """Return what *holds* returns once that is true, with a bound."""
    end = time.monotonic() + PATIENCE_S
    while True:
        found = holds()
        if found:
            return found
        if time.monotonic() > end:
            raise AssertionError(f"never came: {what}")
        threading.Event().wait(0.005)


def journal_of(node: Node) -> Path:
    """Return the journal of the node's only shepherd."""
    (path,) = node.home.glob("shepherds/*/journal")
    return path


def kill_shepherd(node: Node) -> None:
    """Kill the node's shepherds, and wait until they are gone."""
    pids = node.shepherd_pids()
    for pid in pids:
        os.kill(pid, signal.SIGKILL)
    until(lambda: not any(is_there(pid) for pid in pids), "the shepherds die")


def is_there(pid: int) -> bool:
    """Is there such a process, and no zombie?"""
    facts = procfs.facts_of(pid)
    return facts is not None and facts.state not in procfs.GONE_STATES


def cmdline(pid: int) -> bytes:
    """Return the command line of *pid*."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""
