"""The folders strips work with: one for each strip that runs, used again by the next.

    HOME/tmp/SHEPHERD.PID.N/   tmp/        TMPDIR of whichever task runs, empty at its start
                               progress    what $ROTA_PROGRESS names, gone at its start
                               requeue     what $ROTA_REQUEUE names, likewise
                               hosts       a line for each rank of the allocation
                               hosts.openmpi, hosts.mpich   a line for each node
                               scriptN     the job's script, while the strip is there
                               door, bin/  of an allocation of several nodes; see ``doors``

Making and removing folders costs more than starting ``true``: they stay, and a look at
their times says that a task has left nothing.  What it has left may be large: it is moved
aside, and deleted in a thread.
"""

from __future__ import annotations

import heapq
import os
import threading
from typing import Dict, List, Optional, Set

from rota.agent.clock import note
from rota.agent.doors import Door, counted, write_whole

_TRASH = ".trash"
_TEXT_MAX = 4096
_TICK_NS = 50_000_000
"""A folder's time may stand still for so long though something is made in it."""


MPI = {"openmpi": "{host} slots={n}", "mpich": "{host}:{n}"}
"""{make: a line of its host file}, as their manuals have it."""


def counted_hosts(hosts: str, line: str) -> str:
    """Return *hosts*, a line for each rank, as one *line* for each host, counted."""
    counts = counted(hosts)
    return "".join(line.format(host=host, n=n) + "\n" for host, n in counts.items())


class Slot:
    """The folder of one strip."""

    def __init__(self, path: str, trash: "Trash") -> None:
        self.path = path
        self.tmpdir = f"{path}/tmp"
        self.progress_path = f"{path}/progress"
        self.requeue_path = f"{path}/requeue"
        self.hosts_path = f"{path}/hosts"
        self._trash = trash
        self._hosts: Optional[str] = None
        self._scripts: Dict[str, str] = {}
        self._written: Set[str] = set()
        self._own_ns = self._tmp_ns = 0

    def script_path(self, script: str) -> str:
        """Return where *script* will be; another text, another place."""
        return self._scripts.setdefault(script, f"{self.path}/script{len(self._scripts)}")

    def furnish(
        self, *, hosts: str, script: Optional[str], door: Optional[Door] = None
    ) -> None:
        """Have all there that the tasks of a strip expect.

        Raises:
            OSError: the home cannot be written.
        """
        if not os.path.isdir(self.tmpdir):
            os.makedirs(self.tmpdir, 0o700)
            self._hosts = None
        if hosts != self._hosts:
            write_whole(self.hosts_path, hosts, mode=0o600)
            for make, line in MPI.items():
                text = counted_hosts(hosts, line)
                write_whole(f"{self.hosts_path}.{make}", text, mode=0o600)
            self._hosts = hosts
        if door is not None:
            door.write(self.path)
        if script is not None and script not in self._written:
            write_whole(self.script_path(script), script, mode=0o700)
            self._written.add(script)

    def last_progress(self) -> str:
        """Return the end of what a task wrote to its progress file; "": nothing."""
        return _end_of(self.progress_path) or ""

    def asked_again(self) -> Optional[str]:
        """Return in what words a task asks to be run again; None: it does not."""
        return _end_of(self.requeue_path)

    def clean(self, began_at: int) -> None:
        """Remove what a task has left that began at *began_at*, ms since the epoch."""
        try:
            surely_ns = began_at * 1_000_000 - _TICK_NS
            if not self._own_ns == os.stat(self.path).st_mtime_ns < surely_ns:
                self._trash.take(self.progress_path)
                self._trash.take(self.requeue_path)
                self._own_ns = os.stat(self.path).st_mtime_ns
            if not self._tmp_ns == os.stat(self.tmpdir).st_mtime_ns < surely_ns:
                if os.listdir(self.tmpdir):
                    self._renew()
                self._tmp_ns = os.stat(self.tmpdir).st_mtime_ns
        except OSError:
            # The task has removed, replaced or shut what we lent it.
            self._renew()

    def throw(self, path: str) -> None:
        """Let *path*, a folder that a task was given, be gone."""
        self._trash.take(path)

    def close(self) -> None:
        """The strip is over."""
        for path in self._scripts.values():
            self._trash.take(path)
        self._scripts.clear()
        self._written.clear()

    def _renew(self) -> None:
        self._trash.take(self.tmpdir)
        try:
            os.makedirs(self.tmpdir, 0o700)
        except OSError as error:
            note(f"{self.tmpdir}: {error.strerror}")


class Slots:
    """Lends slots; the lowest free one first."""

    def __init__(self, folder: str, name: str) -> None:
        """Lend folders in *folder* whose names begin with *name*; throw old ones away."""
        self._folder = folder
        self._prefix = f"{name}.{os.getpid()}."
        self._trash = Trash(folder)
        self._slots: List[Slot] = []
        self._free: List[int] = []
        for old in os.listdir(folder):
            if old.startswith((f"{name}.", _TRASH)):
                self._trash.take(os.path.join(folder, old))

    def take(self) -> Slot:
        """Return a slot that nobody uses."""
        if not self._free:
            path = os.path.join(self._folder, self._prefix + str(len(self._slots)))
            self._free.append(len(self._slots))
            self._slots.append(Slot(path, self._trash))
        return self._slots[heapq.heappop(self._free)]

    def give_back(self, slot: Slot) -> None:
        """Nobody uses *slot* any more."""
        slot.close()
        heapq.heappush(self._free, self._slots.index(slot))

    def close(self) -> None:
        """Remove them all, and wait for what is still being deleted."""
        for slot in self._slots:
            self._trash.take(slot.path)
        self._trash.wait()


class Trash:
    """Makes things disappear at once and deletes them when there is time."""

    def __init__(self, folder: str) -> None:
        self._folder = folder
        self._count = 0
        self._threads: List[threading.Thread] = []

    def take(self, path: str) -> None:
        """Let *path*, a file or a folder and all in it, be gone, if it is there."""
        try:
            os.unlink(path)
            return
        except FileNotFoundError:
            return
        except OSError:
            # A folder.  Large ones take long: one rename, and a thread does the rest.
            self._count += 1
        aside = os.path.join(self._folder, f"{_TRASH}.{os.getpid()}.{self._count}")
        try:
            os.rename(path, aside)
        except OSError as error:
            note(f"{path}: {error.strerror}")
            return
        self._threads = [thread for thread in self._threads if thread.is_alive()]
        self._threads.append(
            threading.Thread(target=remove_tree, args=(aside,), daemon=True)
        )
        self._threads[-1].start()

    def wait(self) -> None:
        """Return when all is deleted."""
        for thread in self._threads:
            thread.join()


def remove_tree(path: str, parent: Optional[int] = None) -> None:
    """Remove the folder *path* and all in it, following no link (G25)."""
    try:
        folder = _open_folder(path, parent)
        try:
            with os.scandir(folder) as entries:
                for entry in list(entries):
                    if entry.is_dir(follow_symlinks=False):
                        remove_tree(entry.name, folder)
                    else:
                        os.unlink(entry.name, dir_fd=folder)
        finally:
            os.close(folder)
        os.rmdir(path, dir_fd=parent)
    except OSError as error:
        note(f"cannot remove {path}: {error.strerror}")


def _end_of(path: str) -> Optional[str]:
    """Return the end of the text at *path*; None: there is none."""
    try:
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except OSError:
        return None
    try:
        size = os.fstat(fd).st_size
        text = os.pread(fd, _TEXT_MAX, max(0, size - _TEXT_MAX))
        return text.decode("utf-8", "replace")
    except OSError as error:
        # A fifo or a folder of that name: not what it is for.
        note(f"{path}: {error.strerror}")
        return None
    finally:
        os.close(fd)


def _open_folder(path: str, parent: Optional[int]) -> int:
    flags = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
    try:
        return os.open(path, flags, dir_fd=parent)
    except PermissionError:
        # Its maker has shut it; it is ours all the same.
        os.chmod(path, 0o700, dir_fd=parent)
        return os.open(path, flags, dir_fd=parent)
