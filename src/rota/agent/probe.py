"""What this machine has: cores, memory, devices, space; and how it is doing.

What the kernel lets this very process use is what is offered: its affinity, the quota and
the limit of its cgroup, not what is printed on the box.
"""

from __future__ import annotations

import math
import os
import pwd
import sys
from typing import Any, Dict, List, Optional

from rota.agent import VERSION
from rota.agent.clock import wall_ms

_GPU_S_MAX = 20
_UNLIMITED = 1 << 60


def cores(wanted: Optional[int] = None) -> List[int]:
    """Return ids of the cores to offer: *wanted* of them, or all that may be used.

    More than there are may be wanted, for work that waits more than it computes: those
    have numbers no core has, and who is granted one of them is not bound.
    """
    usable = sorted(os.sched_getaffinity(0))
    quota = _quota()
    if quota is not None:
        usable = usable[: max(1, quota)]
    if wanted is None:
        return usable
    beyond = range(max(usable) + 1, max(usable) + 1 + max(0, wanted - len(usable)))
    return (usable + list(beyond))[:wanted]


def memory() -> int:
    """Return bytes of memory that may be used here."""
    limits = [_meminfo("MemTotal")]
    for path in _cgroup_files("memory", ("memory.limit_in_bytes", "memory.max")):
        text = _read(path)
        if text.isdigit() and int(text) < _UNLIMITED:
            limits.append(int(text))
    return min(limits)


def memory_free() -> int:
    """Return bytes that could be had now without swapping."""
    return _meminfo("MemAvailable")


def disk_free(path: str) -> int:
    """Return bytes that an ordinary user may still write where *path* is."""
    space = os.statvfs(path)
    return space.f_bavail * space.f_frsize


def disk_offer(path: str) -> int:
    """Return bytes of scratch space to offer where *path* is: of what is free, rounded
    down to one of four steps between powers of two, so that machines alike stay alike.
    """
    free = disk_free(path)
    step = max(1, 1 << max(0, free.bit_length() - 3))
    return free - free % step


def load() -> float:
    """Return how many processes wanted to run, on average of the last minute."""
    return round(os.getloadavg()[0], 2)


def gpus() -> List[int]:
    """Return ids of the NVIDIA devices, as their own tool lists them."""
    paths = os.environ.get("PATH", os.defpath).split(os.pathsep)
    tools = [os.path.join(path, "nvidia-smi") for path in paths]
    tool = next((path for path in tools if os.access(path, os.X_OK)), None)
    if tool is None:
        return []
    import subprocess

    try:
        listed = subprocess.run(
            [tool, "--query-gpu=index", "--format=csv,noheader"],
            capture_output=True,
            text=True,
            timeout=_GPU_S_MAX,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        # The tool is there and the driver is not: no devices to offer.
        return []
    return [int(line) for line in listed.stdout.split() if line.isdigit()]


def facts() -> Dict[str, Any]:
    """Return what helps to understand this node, for people."""
    uid = os.getuid()
    try:
        user = pwd.getpwuid(uid).pw_name
    except KeyError:
        user = str(uid)
    return {
        "python": ".".join(map(str, sys.version_info[:3])),
        "kernel": os.uname().release,
        "host": os.uname().nodename,
        "user": user,
        "uid": uid,
        "version": VERSION,
        "clock_at": wall_ms(),
    }


def _meminfo(name: str) -> int:
    for line in _read("/proc/meminfo").splitlines():
        if line.startswith(name + ":"):
            return int(line.split()[1]) * 1024
    return 0


def _quota() -> Optional[int]:
    """Return how many cores' worth of time our cgroup gets, rounded up; None: all."""
    found: List[float] = []
    for path in _cgroup_files("cpu", ("cpu.max",)):
        quota, _, period = _read(path).partition(" ")
        if quota.isdigit() and period.isdigit():
            found.append(int(quota) / int(period))
    for path in _cgroup_files("cpu", ("cpu.cfs_quota_us",)):
        quota = _read(path)
        period = _read(path.replace("quota", "period"))
        if quota.isdigit() and period.isdigit():
            found.append(int(quota) / int(period))
    return math.ceil(min(found)) if found else None


def _cgroup_files(controller: str, names: "tuple[str, ...]") -> List[str]:
    """Return the files called *names* of our cgroup, and of those above it."""
    paths: List[str] = []
    for line in _read("/proc/self/cgroup").splitlines():
        _, controllers, group = line.split(":", 2)
        if controllers and controller not in controllers.split(","):
            continue
        mount = "/sys/fs/cgroup" + (f"/{controller}" if controllers else "")
        while True:
            paths.extend(f"{mount}{group.rstrip('/')}/{name}" for name in names)
            if group in ("/", ""):
                break
            group = os.path.dirname(group)
    return [path for path in paths if os.path.exists(path)]


def _read(path: str) -> str:
    try:
        with open(path, encoding="utf-8") as source:
            return source.read().strip()
    except OSError:
        return ""
