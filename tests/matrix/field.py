"""A server with a node beside it and one behind a link, all of which can be broken.

    client ── server ── near (agent, shepherd, jobs)
                └─ proxy ── far (agent, shepherd, jobs), a machine with a boot id of its own

The server's home, the far node's home and the book are three file systems: a full one
fills nothing else.
"""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import socket
import subprocess
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

from rota.client.http import Client
from rota.core.errors import RotaError
from tests.client.cluster import Cluster
from tests.matrix.proxy import Proxy
from tests.server.running import until

SIZE = "256m"
BOOT = "/proc/sys/kernel/random/boot_id"
UP_S = 60.0
FAKE_CLOCK = """
import time
_time, _time_ns = time.time, time.time_ns
def _shift():
    try:
        with open({clock!r}) as file:
            return int(file.read() or 0)
    except OSError:
        return 0
time.time = lambda: _time() + _shift()
time.time_ns = lambda: _time_ns() + _shift() * 10**9
"""
"""Python reads it at its start; only the time people read is another, none that counts."""


class Field:
    """``with`` builds it and takes it down."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = _free_port()
        listen = f"127.0.0.1:{self.port}"
        self.disk, self.far_disk = folder / "disk", folder / "far"
        self.near = Cluster(
            self.disk / "home", "--cores", "2", "--name", "near", "--listen", listen
        )
        self.clock = folder / "clock"
        self.clock.write_text("0")
        self._set_clocks_by(self.clock)
        self.proxy = Proxy(("127.0.0.1", self.port))
        self.boot = folder / "boot_id"
        self.agent: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        for disk in (self.disk, self.far_disk):
            disk.mkdir()
            _run("mount", "-t", "tmpfs", "-o", f"size={SIZE},mode=700", "tmpfs", str(disk))
        self.proxy.__enter__()
        self.up()
        self.new_boot()
        self.start_far()
        self.until_whole()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:  # fmt: skip
        self.kill(self.of("server", "agent", "shepherd", "far agent", "far shepherd"))
        self.proxy.__exit__(kind, value, trace)
        for disk in (self.disk, self.far_disk):
            _run("umount", "-l", str(disk))

    def _set_clocks_by(self, clock: Path) -> None:
        """Have the wall clocks of server and agents off by the seconds in *clock*."""
        path = self.folder / "python"
        path.mkdir()
        (path / "sitecustomize.py").write_text(FAKE_CLOCK.format(clock=str(clock)))
        known = os.environ.get("PYTHONPATH")
        self.near.env["PYTHONPATH"] = f"{path}:{known}" if known else str(path)

    # ── the parts ─────────────────────────────────────────────────────────────────────

    def up(self) -> None:
        """Start the server if it is not there; it sees to the near agent itself."""
        if self.of("server"):
            return
        done = self.near.rota("up", "--detach", *self.near.words)
        assert done.returncode == 0, done.stderr

    def start_far(self) -> None:
        """Start the far agent, as its machine does when it starts."""
        home = self.far_disk / "home"
        words = self.near.command(
            "agent", "--home", str(home), "--server", f"http://127.0.0.1:{self.proxy.port}",
            "--token-file", str(self.near.home / "agent-token"), "--name", "far",
            "--cores", "2",
        )  # fmt: skip
        # In a mount namespace of its own the machine has another boot id.
        inner = f'mount --bind {self.boot} {BOOT} && exec "$@"'
        with (self.folder / "far.log").open("ab") as log:
            self.agent = subprocess.Popen(
                ["unshare", "-m", "sh", "-c", inner, "sh", *words],
                env={k: v for k, v in self.near.env.items() if k != "ROTA_HOME"},
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip

    def new_boot(self) -> None:
        """The far machine starts its kernel again."""
        self.boot.write_text(f"{uuid.uuid4()}\n")

    def client(self) -> Client:
        """Return a client of the server."""
        return Client(home=str(self.near.home))

    def until_whole(self) -> None:
        """Wait until both nodes are there."""

        def is_whole() -> bool:
            try:
                with self.client() as client:
                    return [node.state for node in client.nodes()] == ["up", "up"]
            except (RotaError, OSError):
                return False

        until(is_whole, UP_S)

    def of(self, *parts: str) -> list[int]:
        """Return the processes of "server", "agent", "far agent", "shepherd", "jobs" …"""
        found = []
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit() and self._part_of(entry) in parts:
                found.append(int(entry.name))
        return found

    def _part_of(self, entry: Path) -> str:
        try:
            line = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode()
        except OSError:
            return ""
        if str(self.folder / "jobs") in line:
            return "jobs"
        if str(self.folder) not in line:
            return ""
        where = "far " if str(self.far_disk) in line else ""
        if "shepherd" in line or "rota.agent.fold" in line:
            return f"{where}shepherd"
        return (
            f"{where}agent" if "agent" in line and "rota.server" not in line else "server"
        )

    @staticmethod
    def kill(pids: list[int], how: int = signal.SIGKILL) -> None:
        """Send *how* at once; what died meanwhile is dead."""
        for pid in pids:
            try:
                os.kill(pid, how)
            except ProcessLookupError:
                continue

    @contextmanager
    def stopped(self, *parts: str) -> Iterator[None]:
        """Let processes stand still within."""
        pids = self.of(*parts)
        assert pids, f"no process of {parts}"
        self.kill(pids, signal.SIGSTOP)
        try:
            yield
        finally:
            self.kill(pids, signal.SIGCONT)


def fill(disk: Path) -> Path:
    """Write to *disk* until there is no room left; return what to remove."""
    rubbish = disk / f"rubbish-{secrets.token_hex(4)}"
    with rubbish.open("wb", buffering=0) as file:
        size = 1 << 20
        while size >= 512:
            try:
                file.write(b"x" * size)
            except OSError:
                size //= 2
    return rubbish


def why_not() -> str | None:
    """Return why no field can be built here, or None."""
    if os.geteuid() != 0:
        return "to build machines with disks of their own one must be root"
    if missing := [name for name in ("unshare", "mount") if shutil.which(name) is None]:
        return f"no {missing[0]} here"
    probe = ["unshare", "-m", "mount", "-t", "tmpfs", "tmpfs", "/mnt"]
    if subprocess.run(probe, capture_output=True, check=False).returncode:
        return "this account may not mount a small file system"
    return None


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _run(*words: str) -> None:
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{' '.join(words)}: {done.stderr}"
