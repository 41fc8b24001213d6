"""A real server process on a home of its own, and plain ways to talk to it.

Server(home)   python -m rota.server …      call("GET", "/api/v1/jobs") → (status, data)
Node(server)   a node that speaks the agents' protocol from inside a test: it runs
               nothing, and reports what the test tells it to
"""

from __future__ import annotations

import base64
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from websockets.sync.client import ClientConnection, connect, unix_connect

WAIT_S = 20.0

T = TypeVar("T")


class UnixHTTP(http.client.HTTPConnection):
    """HTTP over a unix socket."""

    def __init__(self, path: Path, timeout: float = WAIT_S) -> None:
        super().__init__("localhost", timeout=timeout)
        self.unix_path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(str(self.unix_path))


class Server:
    """A server process; ``with`` starts it and stops it cleanly."""

    def __init__(self, home: Path, *words: str) -> None:
        self.home = home
        self.words = words
        self.process: subprocess.Popen[str] | None = None
        self.ready: dict[str, Any] = {}

    def __enter__(self) -> Server:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        """Start it and wait until it says that it is ready."""
        self.process = self.spawn("--json", "--log", str(self.home.with_suffix(".log")))
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line, self.process.communicate(timeout=WAIT_S)[1]
        self.ready = json.loads(line)

    def spawn(self, *words: str) -> subprocess.Popen[str]:
        """Start the program, whatever becomes of it."""
        command = [sys.executable, "-m", "rota.server", "--home", str(self.home)]
        return subprocess.Popen(
            [*command, *self.words, *words],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def stop(self, how: int = signal.SIGTERM) -> int:
        """End it; return its exit code."""
        process = self.process
        assert process is not None
        if process.poll() is None:
            process.send_signal(how)
        process.communicate(timeout=WAIT_S)
        return process.returncode

    def facts(self) -> dict[str, Any]:
        """Return what server.json says."""
        found: dict[str, Any] = json.loads((self.home / "server.json").read_text())
        return found

    def log(self) -> str:
        """Return what it logged."""
        return self.home.with_suffix(".log").read_text()

    # ── talking to it ─────────────────────────────────────────────────────────────────

    def open(self, timeout: float = WAIT_S) -> UnixHTTP:
        """Return a connection to its unix socket."""
        return UnixHTTP(self.home / "rota.sock", timeout)

    def raw(
        self, method: str, path: str, body: Any = None, headers: Mapping[str, str] = {}
    ) -> tuple[int, bytes, Mapping[str, str]]:
        """Send one request; return status, body and headers."""
        link = self.open()
        try:
            data = body if isinstance(body, bytes | None) else json.dumps(body).encode()
            link.request(method, path, data, dict(headers))
            answer = link.getresponse()
            return (
                answer.status,
                answer.read(),
                {k.lower(): v for k, v in answer.headers.items()},
            )
        finally:
            link.close()

    def call(
        self, method: str, path: str, body: Any = None, headers: Mapping[str, str] = {}
    ) -> tuple[int, Any]:
        """Send one request below /api/v1; return status and JSON."""
        status, data, _ = self.raw(method, "/api/v1" + path, body, headers)
        return status, json.loads(data)

    def good(self, method: str, path: str, body: Any = None) -> Any:
        """Send one request that must succeed; return its JSON."""
        status, data = self.call(method, path, body)
        assert status in (200, 201), (status, data)
        return data

    def submit(self, **job: Any) -> int:
        """Submit one job; return its id."""
        doc = {"cwd": "/tmp", **job}
        if not {"argv", "command", "script"} & doc.keys():
            doc["argv"] = ["true"]
        number: int = self.good("POST", "/jobs", {"jobs": [doc]})["jobs"][0]["id"]
        return number

    def job(self, job: int) -> Any:
        """Return the view of a job."""
        return self.good("GET", f"/jobs/{job}")

    def until(self, job: int, *states: str) -> Any:
        """Wait until *job* is in one of *states*; return its view."""
        return until(lambda: (v := self.job(job))["state"] in states and v)

    def events(self, query: str, headers: Mapping[str, str] = {}) -> Events:
        """Open an event stream."""
        return Events(self, query, headers)


class Events:
    """An open event stream, read event by event."""

    def __init__(self, server: Server, query: str, headers: Mapping[str, str]) -> None:
        self.link = server.open()
        self.link.request("GET", f"/api/v1/events?{query}", headers=dict(headers))
        self.answer = self.link.getresponse()
        assert self.answer.status == 200, self.answer.read()

    def __iter__(self) -> Iterator[dict[str, Any]]:
        found: dict[str, Any] = {}
        while line := self.answer.readline():
            name, _, value = line.decode().rstrip("\n").partition(": ")
            if name in ("id", "event", "data"):
                found[name] = json.loads(value) if name != "event" else value
            elif not name and found:
                yield found
                found = {}

    def close(self) -> None:
        """Hang up."""
        self.answer.close()
        self.link.close()


class Node:
    """A node inside the test; see the head of the file."""

    def __init__(
        self, server: Server, *, name: str = "n1", cores: int = 4, memory: int = 8 << 30,
        holds: Sequence[Sequence[Any]] = (), boot: str = "boot-1", url: str | None = None,
        token: str | None = None, **hello: Any,
    ) -> None:  # fmt: skip
        self.name = name
        token = token or (server.home / "agent-token").read_text().strip()
        headers = {"Authorization": f"Bearer {token}"}
        if url is None:
            place = str(server.home / "rota.sock")
            url = "ws://localhost/api/v1/agent"
            opening = unix_connect(place, url, additional_headers=headers, compression=None)
        else:
            opening = connect(url, additional_headers=headers, compression=None)
        self.socket: ClientConnection = opening.__enter__()
        self.inbox: list[dict[str, Any]] = []
        self.say(
            {"t": "hello", "v": 1, "name": name, "instance": "i", "boot": boot,
             "cores": list(range(cores)), "memory": memory, "holds": list(holds), **hello}
        )  # fmt: skip

    def say(self, *messages: Mapping[str, Any]) -> None:
        """Send messages as one frame."""
        self.socket.send(json.dumps(messages))

    def hear(self, kind: str, timeout: float = WAIT_S) -> dict[str, Any]:
        """Return the next message of *kind*; others stay for later."""
        until_at = time.monotonic() + timeout
        while True:
            for at, message in enumerate(self.inbox):
                if message["t"] == kind:
                    return self.inbox.pop(at)
            self.inbox.extend(json.loads(self.socket.recv(until_at - time.monotonic())))

    def runs(self, count: int) -> list[list[int]]:
        """Return the next *count* attempts that it is told to run."""
        found: list[list[int]] = []
        while len(found) < count:
            run = self.hear("run")
            found.extend([run["job"], index, n] for index, n, _ in run["tasks"])
        return found

    def starts(self, a: Sequence[int], at: int | None = None) -> None:
        """Report that an attempt runs."""
        self.say({"t": "started", "a": a, "at": at or now_ms(), "pid": 1})

    def ends(self, *attempts: Sequence[int], code: int = 0) -> None:
        """Report that attempts ended, in one frame."""
        self.say(*(finished(a, code) for a in attempts))

    def serve(self, text: bytes, *, is_over: bool) -> dict[str, Any]:
        """Answer one read as an agent whose file holds *text*; return what was asked."""
        asked = self.hear("read")
        piece = text[asked["offset"] : asked["offset"] + asked["max"]]
        end = asked["offset"] + len(piece)
        self.say(
            {"t": "data", "id": asked["id"], "offset": asked["offset"], "size": len(text),
             "b64": base64.b64encode(piece).decode(), "eof": is_over and end == len(text)}
        )  # fmt: skip
        return asked

    def close(self) -> None:
        """Hang up."""
        self.socket.close()


def finished(a: Sequence[int], code: int = 0) -> dict[str, Any]:
    """Return the report of an end with exit code *code*."""
    reason = {"code": "exit_code" if code else "ok", "text": f"ended with exit code {code}"}
    usage = {"cpu_s": 0.01, "max_rss": 1 << 20}
    return {"t": "finished", "a": a, "s": now_ms(), "at": now_ms(), "exit": code,
            "sig": None, "reason": reason, "usage": usage}  # fmt: skip


def now_ms() -> int:
    """Return the time, milliseconds since the epoch."""
    return int(time.time() * 1000)


def until(found: Callable[[], T], timeout: float = WAIT_S) -> T:
    """Return what *found* returns as soon as it is true."""
    end = time.monotonic() + timeout
    while not (value := found()):
        assert time.monotonic() < end, f"not within {timeout} s; the last was {value!r}"
        time.sleep(0.01)
    return value


def is_alive(pid: int) -> bool:
    """Whether there is such a process, not yet ended."""
    try:
        os.kill(pid, 0)
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except (ProcessLookupError, FileNotFoundError):
        return False
