"""The servers whose node this machine is: what a home keeps of each.

HOME/joined/SERVER/   address   where it is, with its fingerprint
                      token     the agent's own (0600)
                      options   what the agent is started with, one a line
                      node/     the agent's home      agent.log
"""

from __future__ import annotations

import fcntl
import os
import select
import shlex
import signal
import sys

FOLDER, LOG = "joined", "agent.log"
ADDRESS, TOKEN, OPTIONS, NODE = "address", "token", "options", "node"
LOCK = "agent.lock"


class Membership:
    """One server that this home is a node of; *path* is the folder of it."""

    def __init__(self, path: str) -> None:
        self.path = path

    @property
    def url(self) -> str:
        """The server's address, with its fingerprint; "" before ``write``."""
        return self._read(ADDRESS).strip()

    @property
    def name(self) -> str:
        """What the node is called there."""
        words = self.options
        return words[words.index("--name") + 1] if "--name" in words else "?"

    @property
    def options(self) -> list[str]:
        """What the agent is started with."""
        return shlex.split(self._read(OPTIONS))

    def write(self, url: str, token: str, options: list[str]) -> None:
        """Keep what joining gave; nobody else can read it."""
        os.makedirs(self.path, 0o700, exist_ok=True)
        os.chmod(self.path, 0o700)
        rows = ((TOKEN, token), (OPTIONS, shlex.join(options)), (ADDRESS, url))
        for name, text in rows:
            fresh = os.path.join(self.path, f".{name}.new")
            fd = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with open(fd, "w", encoding="utf-8") as file:
                file.write(text + "\n")
                file.flush()
                os.fsync(file.fileno())
            os.replace(fresh, os.path.join(self.path, name))

    def command(self) -> list[str]:
        """Return the command line of its agent."""
        return [
            sys.executable, "-m", "rota.agent", "--server", self.url,
            "--token-file", os.path.join(self.path, TOKEN),
            "--home", os.path.join(self.path, NODE), *self.options,
        ]  # fmt: skip

    def is_running(self) -> bool:
        """Whether an agent holds the lock of this home now."""
        return self._pid() is not None

    def stop(self, *, wait_s: float) -> bool:
        """Ask the agent to end; return whether it is gone.  Its jobs go on."""
        pid = self._pid()
        if pid is None:
            return True
        try:
            handle = os.pidfd_open(pid)
        except ProcessLookupError:
            return True
        try:
            if self._pid() != pid:
                return not self.is_running()
            signal.pidfd_send_signal(handle, signal.SIGTERM)
            ended, _, _ = select.select([handle], [], [], wait_s)
            return bool(ended)
        except ProcessLookupError:
            return True
        finally:
            os.close(handle)

    def _pid(self) -> int | None:
        """Return who holds the lock; a number in a file alone is not believed (G14)."""
        try:
            lock = os.open(os.path.join(self.path, NODE, LOCK), os.O_RDONLY | os.O_CLOEXEC)
        except FileNotFoundError:
            return None
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            text = os.read(lock, 20).decode("ascii", "replace").strip()
            return int(text) if text.isdigit() else None
        finally:
            os.close(lock)
        return None

    def _read(self, name: str) -> str:
        try:
            with open(os.path.join(self.path, name), encoding="utf-8") as file:
                return file.read()
        except FileNotFoundError:
            return ""


def memberships(home: str) -> list[Membership]:
    """Return all that *home* has joined, whole ones only."""
    place = os.path.join(home, FOLDER)
    try:
        names = sorted(os.listdir(place))
    except FileNotFoundError:
        return []
    found = [Membership(os.path.join(place, name)) for name in names]
    return [one for one in found if one.url]
