"""A server's home on disk: the folder, its lock, its tokens, what it says when it is ready.

    rota.db  rota.sock  server.json  server.lock  token  agent-token  job-key  server.log
    node/

One server holds a home, by a lock that the kernel takes back when the server dies, however
it dies.  Files are written whole or not at all (G03).
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import socket
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, TextIO

from rota.core.errors import Conflict, Refused
from rota.server.auth import hash_of, name_of, new_token
from rota.server.scopes import ADMIN, AGENT
from rota.store.contract import Store, Token

LOG = "server.log"
CONFIG = "config.yaml"


class Home:
    """See the head of the file."""

    def __init__(self, path: Path) -> None:
        self.path = path.absolute()
        self.sock = self.path / "rota.sock"
        self.ready_file = self.path / "server.json"
        self.node = self.path / "node"
        self.agent_token = self.path / "agent-token"
        self.config = self.path / CONFIG
        self.agent_log = self.path / "agent.log"
        self._lock: TextIO | None = None

    def make(self) -> None:
        """Create the folder, for its owner alone.

        Raises:
            Refused: it cannot be made, or is somebody's or something else's.
        """
        try:
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
            state = self.path.stat()
        except OSError as error:
            raise Refused(f"cannot make the home {self.path}: {error.strerror}") from None
        if state.st_uid != os.getuid():
            owner = name_of(state.st_uid)
            raise Refused(f"{self.path} belongs to {owner}; choose a home of your own")
        if state.st_mode & 0o077:
            self._tighten()

    def _tighten(self) -> None:
        known = (self.path / "server.lock").exists()
        if not known and any(
            path.name not in (LOG, CONFIG) for path in self.path.iterdir()
        ):
            raise Refused(
                f"{self.path} can be read by others and holds other files; "
                "choose an empty folder as home"
            )
        self.path.chmod(0o700)

    def lock(self) -> None:
        """Take the home, until this process ends.

        Raises:
            Conflict: another server holds it; the sentence says which.
        """
        path = self.path / "server.lock"
        file = open(path, "a+", encoding="utf-8")  # noqa: SIM115 - held until we end
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = lock_holder(file)
            file.close()
            raise Conflict(
                f"the home {self.path} is held by a running server ({holder}); "
                f"rota down --home {self.path} stops it"
            ) from None
        file.truncate(0)
        file.write(f"pid {os.getpid()} on {socket.gethostname()}\n")
        file.flush()
        self._lock = file

    def tokens(self, store: Store, *, at: int) -> None:
        """See that the owner's and the agents' tokens are there, and known to *store*."""
        for digest, token in self.own_tokens(at=at):
            found = store.token(digest)
            if found is None or found.scope != token.scope:
                store.add_token(digest, token)

    def own_tokens(self, *, at: int) -> Iterator[tuple[str, Token]]:
        """Yield the hashes of the owner's and the agents' tokens, made if need be."""
        owner = name_of(os.getuid())
        for name, scope in (("token", ADMIN), ("agent-token", AGENT)):
            path = self.path / name
            if not path.exists():
                write_whole(path, new_token() + "\n")
            digest = hash_of(path.read_text(encoding="ascii").strip())
            note = f"the file {name} of the server's home"
            yield digest, Token(owner, os.getuid(), scope, at, note)

    def job_key(self) -> bytes:
        """Return the key that tokens of jobs are signed with, made when first needed."""
        path = self.path / "job-key"
        if not path.exists():
            write_whole(path, new_token() + "\n")
        return path.read_bytes().strip()

    def say_ready(self, facts: Mapping[str, Any]) -> None:
        """Tell clients where the server is."""
        write_whole(self.ready_file, json.dumps(facts, indent=1) + "\n")

    def say_gone(self) -> None:
        """Take back what ``say_ready`` told."""
        self.ready_file.unlink(missing_ok=True)
        self.sock.unlink(missing_ok=True)

    def listen(self, *, backlog: int) -> socket.socket:
        """Return a socket that listens at ``rota.sock``, however long its path is."""
        self.sock.unlink(missing_ok=True)
        listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        with folder_fd(self.path) as fd:
            listening.bind(f"/proc/self/fd/{fd}/{self.sock.name}")
        self.sock.chmod(0o600)
        listening.listen(backlog)
        listening.setblocking(False)
        return listening


def lock_holder(file: TextIO) -> str:
    """Return what the holder of a lock wrote into it."""
    file.seek(0)
    return file.readline().strip()[:200] or "which has not said who it is"


def write_whole(path: Path, text: str) -> None:
    """Write *text* to *path*, for its owner alone: all of it or nothing (G03)."""
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    fd = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
    with open(fd, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
    with folder_fd(path.parent) as folder:
        os.fsync(folder)


@contextlib.contextmanager
def folder_fd(path: Path) -> Iterator[int]:
    """Hold *path*, a folder, open."""
    fd = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield fd
    finally:
        os.close(fd)
