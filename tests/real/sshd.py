"""Machines for tests: sshd programs of their own on loopback, with keys of their own.

with Sshd(folder, 2) as machines:
    machines.config          an ssh_config: ssh -F … n1 hostname
    machines.lose("n1")      its connections break, as if the network had
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path
from types import TracebackType

import pytest

WAIT_S = 20.0
PATH = os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/sbin", "/sbin"])

_SERVER = """
ListenAddress {address}
Port {port}
HostKey {folder}/hostkey
PidFile {folder}/{name}.pid
AuthorizedKeysFile {folder}/id.pub
PasswordAuthentication no
KbdInteractiveAuthentication no
PermitRootLogin prohibit-password
StrictModes no
UsePAM no
UseDNS no
PrintMotd no
MaxStartups 200:30:400
"""
_CLIENT = """
Host {name}
  HostName {address}
  Port {port}
  IdentityFile {folder}/id
  IdentitiesOnly yes
  UserKnownHostsFile {folder}/known_hosts
  GlobalKnownHostsFile /dev/null
  StrictHostKeyChecking yes
  LogLevel ERROR
"""


def require(*programs: str, root: bool = False) -> None:
    """Skip the test where a program is missing, or root is needed and is not there."""
    missing = [one for one in programs if shutil.which(one, path=PATH) is None]
    if missing:
        pytest.skip(f"{', '.join(missing)} is not installed (tools/packages.py has it)")
    if root and os.geteuid() != 0:
        pytest.skip("network namespaces are root's to make")


class Sshd:
    """See the head of the file."""

    def __init__(self, folder: Path, count: int) -> None:
        self.folder = folder
        self.names = [f"n{at}" for at in range(1, count + 1)]
        self.config = folder / "ssh_config"
        self._programs: dict[str, subprocess.Popen[bytes]] = {}

    def __enter__(self) -> Sshd:
        require("sshd", "ssh", "ssh-keygen")
        self.folder.mkdir(parents=True, exist_ok=True)
        if os.geteuid() == 0:
            Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)
        self.make_key("id")
        self.make_key("hostkey")
        host_key = " ".join((self.folder / "hostkey.pub").read_text().split()[:2])
        known, config = [], []
        for at, name in enumerate(self.names, 1):
            address = f"127.78.0.{at}"
            port = free_port(address)
            told = {"folder": self.folder, "name": name, "address": address, "port": port}
            (self.folder / f"sshd_{name}").write_text(_SERVER.format(**told))
            config.append(_CLIENT.format(**told))
            known.append(f"[{address}]:{port} {host_key}\n")
        self.config.write_text("".join(config))
        (self.folder / "known_hosts").write_text("".join(known))
        for name in self.names:
            self.boot(name)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:  # fmt: skip
        for name in self.names:
            self.halt(name)

    def make_key(self, name: str) -> Path:
        """Make a pair of keys called *name*; return the private one."""
        path = self.folder / name
        command = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(path)]
        subprocess.run(command, check=True, stdin=subprocess.DEVNULL)
        return path

    def boot(self, name: str) -> None:
        """Start the sshd of *name* and wait until it listens."""
        program = shutil.which("sshd", path=PATH)
        assert program is not None
        config = self.folder / f"sshd_{name}"
        with (self.folder / f"{name}.log").open("ab") as log:
            self._programs[name] = subprocess.Popen(
                [program, "-D", "-e", "-f", str(config)],
                stderr=log,
                stdin=subprocess.DEVNULL,
            )
        words = dict(line.split(" ", 1) for line in config.read_text().split("\n") if line)
        until = time.monotonic() + WAIT_S
        while True:
            try:
                address = (words["ListenAddress"], int(words["Port"]))
                socket.create_connection(address, 1).close()
                return
            except OSError:
                assert time.monotonic() < until, (self.folder / f"{name}.log").read_text()
                time.sleep(0.02)

    def lose(self, name: str) -> None:
        """Break all connections of *name*; new ones can be made."""
        for pid in children(self._programs[name].pid):
            for one in (*children(pid), pid):
                kill(one)

    def halt(self, name: str) -> None:
        """End the sshd of *name* and its connections."""
        program = self._programs.pop(name, None)
        if program is not None:
            self._programs[name] = program
            self.lose(name)
            program.kill()
            program.wait()
            del self._programs[name]


def children(pid: int) -> list[int]:
    """Return the processes that *pid* started and that are there."""
    try:
        text = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    except FileNotFoundError:
        return []
    return [int(word) for word in text.split()]


def kill(pid: int) -> None:
    """Kill *pid*, if it still is there."""
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return


def free_port(address: str) -> int:
    """Return a port that nobody has at *address*."""
    with socket.socket() as one:
        one.bind((address, 0))
        return int(one.getsockname()[1])
