"""What the kernel says of processes, read from /proc as cheaply as it goes.

    facts_of(pid)          Facts: parent, session, state, start, cpu, memory
    children_of(pid)       pids of its children, all its threads'
    tree(roots)            the roots and everything below them
    tag_of(pid)            the mark it inherited (``spawn`` says which and why)

A process may vanish between two reads: what is gone reads as None or is left out.
"""

from __future__ import annotations

import functools
import os
import signal
from typing import Iterable, List, NamedTuple, Optional, Set, Tuple

TICK_MS = 1000 // os.sysconf("SC_CLK_TCK")
PAGE = os.sysconf("SC_PAGE_SIZE")

GONE_STATES = "ZXx"
STILL_STATES = "TtDZXx"
"""States in which a process that was sent SIGSTOP cannot fork any more."""


class Facts(NamedTuple):
    """One line of /proc/PID/stat.

    Shapes:
        start:  clock ticks since the machine started; with the pid it names a process
        cpu_ms: its own and that of children it has waited for
        rss:    bytes
    """

    pid: int
    state: str
    parent: int
    session: int
    threads: int
    start: int
    cpu_ms: int
    rss: int


def facts_of(pid: int) -> Optional[Facts]:
    """Return what the kernel says of *pid*, or None when there is no such process."""
    text = _read(f"/proc/{pid}/stat")
    if not text:
        return None
    # The name may hold spaces and brackets: fields are counted from behind it.
    words = text[text.rindex(b")") + 2 :].split()
    ticks = int(words[11]) + int(words[12]) + int(words[13]) + int(words[14])
    return Facts(
        pid,
        chr(words[0][0]),
        int(words[1]),
        int(words[3]),
        int(words[17]),
        int(words[19]),
        ticks * TICK_MS,
        int(words[21]) * PAGE,
    )


def open_children(pid: int) -> Optional[int]:
    """Return a descriptor of the list of *pid*'s first thread's children, to be reread.

    None: this kernel was built without it, and everybody is asked for their parent.
    """
    path = f"/proc/{pid}/task/{pid}/children"
    try:
        return os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return None


def children_of(pid: int, threads: int = 0) -> List[int]:
    """Return the children of *pid*; *threads* is how many threads it has, if known."""
    if not _lists_children():
        every = map(facts_of, all_pids())
        return [facts.pid for facts in every if facts and facts.parent == pid]
    if threads == 1:
        return [int(word) for word in _read(f"/proc/{pid}/task/{pid}/children").split()]
    try:
        tasks = os.listdir(f"/proc/{pid}/task")
    except OSError:
        return []
    found: List[int] = []
    for task in tasks:
        found.extend(map(int, _read(f"/proc/{pid}/task/{task}/children").split()))
    return found


def tree(roots: Iterable[int]) -> List[Facts]:
    """Return *roots* and all their descendants that are there, parents first."""
    found: List[Facts] = []
    seen: Set[int] = set()
    ahead = list(roots)
    while ahead:
        below: List[int] = []
        for pid in ahead:
            facts = facts_of(pid) if pid not in seen else None
            seen.add(pid)
            if facts is not None:
                found.append(facts)
                below.extend(children_of(pid, facts.threads))
        ahead = below
    return found


@functools.lru_cache(maxsize=None)
def _lists_children() -> bool:
    fd = open_children(os.getpid())
    if fd is None:
        return False
    os.close(fd)
    return True


def tag_of(pid: int) -> Optional[int]:
    """Return the soft limit on *pid*'s resident set, which is our mark; None: no limit."""
    text = _read(f"/proc/{pid}/limits")
    place = text.find(b"\nMax resident set")
    if place < 0:
        return None
    words = text[place : text.index(b"\n", place + 1)].split()
    return None if words[3] == b"unlimited" else int(words[3])


def all_pids() -> List[int]:
    """Return every process there is."""
    return [int(name) for name in os.listdir("/proc") if name.isdigit()]


def catches(pid: int, number: int) -> bool:
    """Has *pid* a handler of its own for signal *number*?"""
    text = _read(f"/proc/{pid}/status")
    place = text.find(b"\nSigCgt:")
    if place < 0:
        return False
    caught = int(text[place + 8 : text.index(b"\n", place + 1)], 16)
    return bool(caught >> (number - 1) & 1)


def io_of(pid: int) -> Tuple[int, int]:
    """Return the bytes *pid* has had read from and written to storage."""
    read = written = 0
    for line in _read(f"/proc/{pid}/io").splitlines():
        if line.startswith(b"read_bytes:"):
            read = int(line[11:])
        elif line.startswith(b"write_bytes:"):
            written = int(line[12:])
    return read, written


def shared_of(pid: int) -> int:
    """Return how much of *pid*'s memory other processes may share, bytes."""
    words = _read(f"/proc/{pid}/statm").split()
    return int(words[2]) * PAGE if len(words) > 2 else 0


def proportional_of(pid: int) -> Optional[int]:
    """Return *pid*'s fair part of its memory, bytes; None when it may not be read."""
    for line in _read(f"/proc/{pid}/smaps_rollup").splitlines():
        if line.startswith(b"Pss:"):
            return int(line.split()[1]) * 1024
    return None


def send(facts: Facts, number: int) -> bool:
    """Send signal *number* to the process *facts* is about, and to no other (G14).

    Returns False when it may not be signalled by us: a set-uid program.
    """
    try:
        handle = os.pidfd_open(facts.pid)
    except ProcessLookupError:
        return True
    try:
        # The descriptor is of whoever has the pid now: is that still the same one?
        now = facts_of(facts.pid)
        if now is not None and now.start == facts.start:
            signal.pidfd_send_signal(handle, number)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    finally:
        os.close(handle)
    return True


def _read(path: str) -> bytes:
    try:
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return b""
    try:
        text = piece = os.read(fd, 65536)
        # The kernel hands long lists out by the page, whatever is asked for.
        while len(piece) > 2048:
            piece = os.read(fd, 65536)
            text += piece
        return text
    except OSError:
        return b""
    finally:
        os.close(fd)
