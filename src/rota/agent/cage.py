"""Memory limits by the kernel, where the account permits: one cgroup for an attempt.

    Cages.find() ──▶ None                       the watchdog measures instead
                 ╰─▶ Cages ──make(name, limit)──▶ Cage ── enter(pid) … oom() … remove()

        v1   /sys/fs/cgroup/memory/…/rota-X/NAME     memory.limit_in_bytes, oom_control
        v2   /sys/fs/cgroup/…/rota-X/NAME            memory.max, memory.events, cgroup.kill

Only attempts with a memory limit get one: moving a process costs the kernel up to tens
of milliseconds, more than many a job takes.  It is done in a thread, with the process
waiting at a gate, so that neither user code runs outside nor the shepherd waits.
"""

from __future__ import annotations

import os
from typing import Iterator, List, NamedTuple, Optional

from rota.agent.clock import note


class Cage:
    """The cgroup of one attempt."""

    def __init__(self, path: str, is_v2: bool) -> None:
        self.path = path
        self._is_v2 = is_v2

    def enter(self, pid: int) -> None:
        """Move *pid* in; whatever it starts from now on is born inside.

        Raises:
            OSError: the kernel does not let us.
        """
        _put(self.path, "cgroup.procs", str(pid))

    def pids(self) -> List[int]:
        """Return the processes inside."""
        return [int(word) for word in _get(self.path, "cgroup.procs").split()]

    def oom_kills(self) -> int:
        """Return how many processes the kernel killed here for want of memory."""
        name = "memory.events" if self._is_v2 else "memory.oom_control"
        for line in _get(self.path, name).splitlines():
            if line.startswith("oom_kill "):
                return int(line.split()[1])
        return 0

    def peak(self) -> int:
        """Return the most bytes that were ever charged to it; 0: this kernel is mute."""
        name = "memory.peak" if self._is_v2 else "memory.max_usage_in_bytes"
        return int(_get(self.path, name) or 0)

    def kill(self) -> None:
        """Kill everything inside, where the kernel has one word for it."""
        if self._is_v2 and os.path.exists(os.path.join(self.path, "cgroup.kill")):
            _put(self.path, "cgroup.kill", "1")

    def freeze(self, on: bool) -> None:
        """Let nothing inside run, or let it go on, where the kernel has a word for it."""
        if self._is_v2:
            _put_if_there(self.path, "cgroup.freeze", "1" if on else "0")

    def remove(self) -> bool:
        """Return whether it is gone; the kernel keeps it until the last one is reaped."""
        try:
            os.rmdir(self.path)
        except FileNotFoundError:
            return True
        except OSError:
            return False
        return True


class Cages(NamedTuple):
    """A cgroup in which we may make others."""

    path: str
    is_v2: bool

    def make(self, name: str, limit: int) -> Cage:
        """Return a new cage of *limit* bytes.

        Raises:
            OSError: the kernel does not let us.
        """
        path = os.path.join(self.path, name)
        os.makedirs(path, exist_ok=True)
        if self.is_v2:
            _put(path, "memory.max", str(limit))
            _put_if_there(path, "memory.swap.max", "0")
            _put_if_there(path, "memory.oom.group", "1")
        else:
            _put(path, "memory.limit_in_bytes", str(limit))
            _put_if_there(path, "memory.memsw.limit_in_bytes", str(limit))
        return Cage(path, self.is_v2)

    def left(self) -> List[Cage]:
        """Return the cages that an earlier shepherd has left behind."""
        with os.scandir(self.path) as entries:
            return [Cage(entry.path, self.is_v2) for entry in entries if entry.is_dir()]

    def remove(self) -> None:
        """Remove it, if nothing is in it any more."""
        Cage(self.path, self.is_v2).remove()


def find_cages(name: str) -> Optional[Cages]:
    """Return a place for cages named rota-*name*, or None: this account may not.

    ROTA_AGENT_CGROUPS=none in the agent's environment says to leave them alone.
    """
    if os.environ.get("ROTA_AGENT_CGROUPS") == "none":
        return None
    for folder, is_v2 in _candidates():
        cages = Cages(os.path.join(folder, f"rota-{name}"), is_v2)
        try:
            os.makedirs(cages.path, exist_ok=True)
            if is_v2:
                _put(cages.path, "cgroup.subtree_control", "+memory")
            cages.make("probe", 1 << 30).remove()
            return cages
        except OSError:
            cages.remove()
    return None


def kind_of_cages() -> str:
    """Return how memory is limited here: "v1", "v2", or "none": it is watched."""
    cages = find_cages(f"look-{os.getpid()}")
    if cages is None:
        return "none"
    cages.remove()
    return "v2" if cages.is_v2 else "v1"


def _candidates() -> Iterator["tuple[str, bool]"]:
    """Yield folders that might take a cgroup of ours, the nearest first."""
    own = {}
    for line in _get("/proc/self", "cgroup").splitlines():
        _, controllers, path = line.split(":", 2)
        for controller in controllers.split(","):
            own[controller] = path
    for line in _get("/proc/self", "mounts").splitlines():
        _, mount, kind, options = line.split()[:4]
        if kind == "cgroup" and "memory" in options.split(",") and "memory" in own:
            inside = mount + own["memory"].rstrip("/")
            # A container may see the mount, but not the path of the host in it.
            yield inside if os.path.isdir(inside) else mount, False
        elif kind == "cgroup2" and "" in own:
            # A group that holds processes cannot divide its memory: go up from ours.
            path = own[""].rstrip("/")
            while True:
                controls = _get(mount + path, "cgroup.subtree_control").split()
                if "memory" in controls and os.access(mount + path, os.W_OK):
                    yield mount + path, True
                if not path:
                    break
                path = path.rsplit("/", 1)[0]


def _put(folder: str, name: str, text: str) -> None:
    fd = os.open(os.path.join(folder, name), os.O_WRONLY | os.O_CLOEXEC)
    try:
        os.write(fd, text.encode())
    finally:
        os.close(fd)


def _put_if_there(folder: str, name: str, text: str) -> None:
    if os.path.exists(os.path.join(folder, name)):
        try:
            _put(folder, name, text)
        except OSError as error:
            note(f"cgroup {folder}: {name}: {error.strerror}")


def _get(folder: str, name: str) -> str:
    try:
        with open(os.path.join(folder, name), encoding="utf-8") as source:
            return source.read()
    except OSError:
        return ""
