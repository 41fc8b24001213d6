"""Whose process is this?  And the end of all of an attempt's processes (G14–G17).

    children of the shepherd  =  first processes of attempts  +  strays

A process whose parent has ended becomes the shepherd's child (it is a *subreaper*); so
everything of an attempt is below its first process or below a stray.  A stray is told
apart by the tag it inherited, else by its session.  To end a tree that may fork faster
than it is read: stop whom one sees, look again until nobody new is there, then kill.
"""

from __future__ import annotations

import ctypes
import os
import time
from signal import SIGCONT, SIGKILL, SIGSTOP
from typing import Callable, Dict, List, Optional, Set, Tuple

from rota.agent import procfs
from rota.agent.book import Attempt
from rota.agent.clock import boot_ms, note
from rota.agent.outcome import take_status
from rota.agent.procfs import Facts

FREEZE_MS_MAX = 200
"""So long the shepherd freezes one tree at a stretch; it comes back to it soon."""

_PR_SET_CHILD_SUBREAPER = 36


def become_subreaper() -> None:
    """Become the parent of every descendant whose own parent ends.

    Raises:
        OSError: this kernel has no such thing.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


class Reaper:
    """Knows whose the shepherd's children are, and reaps them.

    Shapes:
        mains:  {pid: attempt whose first process it is}
        ending: attempts whose first process has ended, but maybe not all of them
    """

    def __init__(self) -> None:
        self.mains: Dict[int, Attempt] = {}
        self.ending: List[Attempt] = []
        self._strays: Dict[int, Optional[Attempt]] = {}
        self._untouchable: Set[Tuple[int, int]] = set()
        self._pid = os.getpid()
        self._children = procfs.open_children(self._pid)

    def reap(self) -> List[Attempt]:
        """Take leave of every child that has ended; return whose first process it was."""
        ended: List[Attempt] = []
        while True:
            try:
                pid, status, rusage = os.wait4(-1, os.WNOHANG)
            except ChildProcessError:
                return ended
            if pid == 0:
                return ended
            attempt = self.mains.pop(pid, None)
            if attempt is not None:
                attempt.main_gone = True
                attempt.ended_at = boot_ms()
                attempt.rusage = rusage
                take_status(attempt, status)
                ended.append(attempt)
            else:
                owner = self._strays.pop(pid, None)
                if owner is not None:
                    owner.extra_cpu_s += rusage.ru_utime + rusage.ru_stime

    def has_strays(self) -> bool:
        """Is any child there whose owner is not known yet, or that has lost its parent?"""
        return self._count() > len(self.mains)

    def strays_of(self, attempt: Attempt) -> List[int]:
        """Return the children that are *attempt*'s though not its first process."""
        if not self.has_strays():
            return []
        self._find_owners()
        return [pid for pid, owner in self._strays.items() if owner is attempt]

    def roots(self, attempt: Attempt) -> List[int]:
        """Return pids that everything of *attempt* is at or below."""
        roots = [] if attempt.main_gone else [attempt.pid]
        roots.extend(self.strays_of(attempt))
        if attempt.cage is not None:
            roots.extend(attempt.cage.pids())
        return roots

    def members(self, attempt: Attempt) -> List[Facts]:
        """Return the processes of *attempt* that are there, but for what we may not end."""
        tree = procfs.tree(self.roots(attempt))
        return [f for f in tree if (f.pid, f.start) not in self._untouchable]

    def signal(self, attempt: Attempt, number: int) -> None:
        """Send *number* to every process of *attempt*; a stopped one is made to hear it."""
        for facts in self.members(attempt):
            self._send(facts, number)
            if facts.state == "T":
                self._send(facts, SIGCONT)

    def warn(self, attempt: Attempt, number: int) -> int:
        """Send *number* to those of *attempt* who catch it: nobody dies of a warning.

        Returns how many they are.
        """
        who = [f for f in self.members(attempt) if procfs.catches(f.pid, number)]
        for facts in who:
            self._send(facts, number)
        return len(who)

    def freeze(self, attempt: Attempt) -> None:
        """Stop all of *attempt*, however fast it forks; who stood still is left alone."""
        stop_all(lambda: self._moving(attempt), self._send, attempt.frozen)
        if attempt.cage is not None:
            attempt.cage.freeze(True)

    def thaw(self, attempt: Attempt) -> None:
        """Let go on what ``freeze`` stopped."""
        if attempt.cage is not None:
            attempt.cage.freeze(False)
        # Nobody new came while all stood; the pid and the start name each of them.
        for facts in self.members(attempt):
            if (facts.pid, facts.start) in attempt.frozen:
                self._send(facts, SIGCONT)
        attempt.frozen.clear()

    def _moving(self, attempt: Attempt) -> List[Facts]:
        """Return the processes of *attempt* but for those that stood before we came."""
        frozen = attempt.frozen
        return [
            f for f in self.members(attempt)
            if f.state not in "Tt" or (f.pid, f.start) in frozen
        ]  # fmt: skip

    def sweep(self, attempt: Attempt) -> bool:
        """Kill all of *attempt*; return whether nothing of it is left."""
        if attempt.cage is not None:
            attempt.cage.kill()
        end_all(lambda: self.members(attempt), self._send)
        return attempt.main_gone and not self.members(attempt)

    def sweep_unowned(self) -> None:
        """Kill strays that nobody can be named for, once no attempt runs."""
        if not self.mains and self.has_strays():
            self._find_owners()
            pids = [pid for pid, owner in self._strays.items() if owner is None]
            end_all(lambda: procfs.tree(pids), self._send)

    def _send(self, facts: Facts, number: int) -> None:
        if not procfs.send(facts, number):
            note(f"process {facts.pid} may not be signalled: it runs as another user")
            self._untouchable.add((facts.pid, facts.start))

    def _count(self) -> int:
        if self._children is not None:
            text = os.pread(self._children, 4096, 0)
            if len(text) < 2048:
                return text.count(b" ")
        return len(procfs.children_of(self._pid))

    def _find_owners(self) -> None:
        children = procfs.children_of(self._pid)
        strays = [pid for pid in children if pid not in self.mains]
        self._strays = {
            pid: self._strays[pid] if self._strays.get(pid) else self._owner_of(pid)
            for pid in strays
        }

    def _owner_of(self, pid: int) -> Optional[Attempt]:
        tag = procfs.tag_of(pid)
        facts = procfs.facts_of(pid)
        owners = [*self.mains.values(), *self.ending]
        for attempt in owners:
            if attempt.tag == tag or (facts and facts.session == attempt.pid):
                return attempt
        return owners[0] if len(owners) == 1 else None


def end_all(
    members: Callable[[], List[Facts]], send: Callable[[Facts, int], object]
) -> None:
    """Kill all *members*, who may be forking: stop until nobody is new, then kill."""
    # The youngest first: a parent that dies wakes the stopped groups of its children.
    for facts in reversed(stop_all(members, send, set())):
        send(facts, SIGKILL)


def stop_all(
    members: Callable[[], List[Facts]],
    send: Callable[[Facts, int], object],
    frozen: Set[Tuple[int, int]],
) -> List[Facts]:
    """Stop all *members* until nobody is new, or for FREEZE_MS_MAX; return who is there.

    Whom it stops is added to *frozen*.
    """
    until = boot_ms() + FREEZE_MS_MAX
    while True:
        tree = [facts for facts in members() if facts.state not in procfs.GONE_STATES]
        fresh = [facts for facts in tree if (facts.pid, facts.start) not in frozen]
        for facts in fresh:
            send(facts, SIGSTOP)
            frozen.add((facts.pid, facts.start))
        still = all(facts.state in procfs.STILL_STATES for facts in tree)
        if (not fresh and still) or boot_ms() > until:
            break
        if not fresh:
            # It is on its way to the stop, on another core.
            time.sleep(0.0002)
    return tree
