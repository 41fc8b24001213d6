"""What processes use: all that this one started, whoever is their parent by now.

    harness ── rota up ── server ── agent          all of them, and the jobs they ran,
       ╰───────────────── shepherd ── jobs         are in the sum; orphans come to us

Processor time is what the kernel counted (/proc/PID/stat), children waited for included.
"""

from __future__ import annotations

import ctypes
import os
import resource
import time
from collections.abc import Callable, Iterator
from pathlib import Path

TICKS_S = os.sysconf("SC_CLK_TCK")
SUBREAPER = 36  # PR_SET_CHILD_SUBREAPER of <linux/prctl.h>
QUIET_S = 0.3
"""Work is over when nothing has used processor time for so long."""


def adopt_orphans() -> None:
    """Become the parent of every descendant whose own parent ends, however detached."""
    if ctypes.CDLL(None, use_errno=True).prctl(SUBREAPER, 1, 0, 0, 0):
        raise OSError(ctypes.get_errno(), "cannot become a subreaper")


def cpu_s() -> float:
    """Return the processor time of all descendants, living and gone."""
    while _reap_one():
        pass
    gone = resource.getrusage(resource.RUSAGE_CHILDREN)
    return gone.ru_utime + gone.ru_stime + sum(cpu_of(pid) for pid in descendants())


def settle(*, limit_s: float = 20.0) -> float:
    """Wait until the descendants have nothing left to do; return their processor time."""
    deadline = time.monotonic() + limit_s
    before = cpu_s()
    while time.monotonic() < deadline:
        time.sleep(QUIET_S)
        now = cpu_s()
        if now - before < 0.005:
            return now
        before = now
    return before


def descendants() -> list[int]:
    """Return the pids of all living descendants."""
    children: dict[int, list[int]] = {}
    for pid, fields in _stats():
        children.setdefault(int(fields[1]), []).append(pid)
    found, waiting = [], [os.getpid()]
    while waiting:
        own = children.get(waiting.pop(), [])
        found += own
        waiting += own
    return found


def cpu_of(pid: int) -> float:
    """Return the processor time of *pid* and of the children that it waited for."""
    fields = _fields(Path(f"/proc/{pid}/stat"))
    return sum(int(field) for field in fields[11:15]) / TICKS_S if fields else 0.0


def own_cpu_s(pid: int) -> float:
    """Return the processor time of *pid* alone, to the microsecond: for idle processes."""
    spent_ns = 0
    for thread in Path(f"/proc/{pid}/task").iterdir():
        spent_ns += int((thread / "schedstat").read_text().split()[0])
    return spent_ns / 1e9


def memory_of(pid: int) -> int:
    """Return the resident memory of *pid*, bytes."""
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    except (OSError, IndexError):
        return 0
    return pages * resource.getpagesize()


def command_of(pid: int) -> str:
    """Return the command line of *pid*."""
    try:
        raw = Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return ""
    return raw.replace(b"\0", b" ").decode("utf-8", "replace").strip()


def until(condition: Callable[[], bool], *, limit_s: float, what: str) -> None:
    """Wait until *condition* holds.

    Raises:
        TimeoutError: *limit_s* passed first.
    """
    deadline = time.monotonic() + limit_s
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(f"{what}: not within {limit_s:.0f} s")
        time.sleep(0.02)


def _stats() -> Iterator[tuple[int, list[str]]]:
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit() and (fields := _fields(folder / "stat")):
            yield int(folder.name), fields


def _fields(path: Path) -> list[str]:
    """Return what stands behind the name: state, ppid, …; [] when the process is gone."""
    try:
        return path.read_text().rpartition(")")[2].split()
    except (OSError, UnicodeDecodeError):
        return []


def _reap_one() -> bool:
    """Wait for an orphan that has ended; what it used is then in RUSAGE_CHILDREN."""
    try:
        return os.waitpid(-1, os.WNOHANG)[0] > 0
    except ChildProcessError:
        return False
