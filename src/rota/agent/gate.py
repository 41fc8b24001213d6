"""Starting an attempt that has a memory limit: into its cgroup before any user code.

spawn  sh -c 'read …; exec "$@"'   ─ waits at the pipe ─▶  becomes the job's program
thread            make the cgroup, move the pid in, write the line ─╯
"""

from __future__ import annotations

import os
import threading
from typing import List, Optional, Sequence

from rota.agent import spawn
from rota.agent.book import Attempt
from rota.agent.cage import Cage, Cages, find_cages
from rota.agent.clock import note
from rota.agent.reactor import Reactor
from rota.agent.recipe import Launch

_PAUSE_MS = 100


class Gate:
    """Makes cages where this account may; see the head of the file."""

    def __init__(self, reactor: Reactor, name: str) -> None:
        self._reactor = reactor
        self._name = name
        self._cages: Optional[Cages] = None
        self._is_known = False
        self._leaving: List[Cage] = []

    @property
    def is_open(self) -> bool:
        """May this account limit memory by the kernel?"""
        if not self._is_known:
            self._is_known = True
            self._cages = find_cages(self._name)
            for old in self._cages.left() if self._cages else ():
                # Of a shepherd that was killed; its attempts have been ended since.
                self.remove(old)
            how = self._cages.path if self._cages else "no cgroup is ours: watched instead"
            note(f"memory limits: {how}")
        return self._cages is not None

    def start(
        self, attempt: Attempt, launch: Launch, *, cores: Optional[Sequence[int]]
    ) -> spawn.Started:
        """Start *launch* for *attempt*, whose ``cage`` is set before its program runs.

        Raises:
            Unstartable: nothing of it runs.
        """
        waits, opens = os.pipe2(os.O_CLOEXEC)
        try:
            started = spawn.start(launch, cores=cores, tag=attempt.tag, gate=waits)
        except BaseException:
            os.close(opens)
            raise
        finally:
            os.close(waits)
        threading.Thread(
            target=self._let_in, args=(attempt, started.pid, opens), daemon=True
        ).start()
        return started

    def remove(self, cage: Cage) -> None:
        """Remove *cage* as soon as the kernel lets it go."""
        if not cage.remove():
            self._leaving.append(cage)
            if len(self._leaving) == 1:
                self._reactor.after(_PAUSE_MS, self._again)

    def close(self) -> None:
        """Remove our folder of cages, if nothing is in it any more."""
        self._leaving = [cage for cage in self._leaving if not cage.remove()]
        if self._cages is not None:
            self._cages.remove()

    def _again(self) -> None:
        self._leaving = [cage for cage in self._leaving if not cage.remove()]
        if self._leaving:
            self._reactor.after(_PAUSE_MS, self._again)

    def _let_in(self, attempt: Attempt, pid: int, opens: int) -> None:
        cages, cage = self._cages, None
        try:
            if cages is not None:
                name = ".".join(map(str, attempt.ref))
                cage = cages.make(name, attempt.recipe.memory)
                cage.enter(pid)
                attempt.cage = cage
        except OSError as error:
            # It runs all the same: without a cage, the watchdog measures it.
            if not attempt.main_gone:
                note(f"cgroup of {attempt.ref}: {error}")
                self._cages = None
            if cage is not None:
                cage.remove()
        finally:
            try:
                os.write(opens, b"\n")
            except OSError as error:
                note(f"{attempt.ref} was gone before it began: {error}")
            os.close(opens)
