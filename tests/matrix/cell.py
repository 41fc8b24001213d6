"""One cell of the matrix: work, a fault in the middle of it, and the judge's word."""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field

from rota.client.http import Client
from rota.client.views import Job
from rota.core.errors import Conflict, RotaError
from tests.matrix.faults import CELLS
from tests.matrix.field import Field
from tests.matrix.witness import Book, judge
from tests.server.running import until

TASKS = 14
BROKEN_S = (0.2, 0.8, 1.5)
"""How long a fault lasts."""
END_S = 120.0
NO_ROOM_CODES = (1, 120)
"""Of a Python that could not print, or not the last of it."""


@dataclass(slots=True)
class Outcome:
    """What one round of one cell gave.

    tasks, attempts: what was to be done, and how often it was begun
    back_s:   from healed until all nodes are there
    breaches: what must never be, as (law, sentence)
    """

    tasks: int = 0
    attempts: int = 0
    back_s: float = 0.0
    breaches: list[tuple[str, str]] = field(default_factory=list)

    def by_law(self) -> Counter[str]:
        """Return how many breaches each law has."""
        return Counter(law for law, _ in self.breaches)


class Round:
    """One round of the cell (*part*, *fault*) on *ground*, its times drawn from *seed*."""

    def __init__(self, ground: Field, part: str, fault: str, *, seed: int) -> None:
        self.ground = ground
        self.cell = (part, fault)
        self.chance = random.Random(f"{part} {fault} {seed}")
        folder = ground.folder / "jobs" / f"{part}-{fault}-{seed}"
        folder.mkdir(parents=True)
        self.book = Book(folder)
        self.key = f"{part}-{fault}-{seed}-{time.time_ns()}"
        self.condemned: int | None = None

    def run(self) -> Outcome:
        """Work, break, work, heal, work to the end, judge."""
        self.attempt_all("before")
        until(lambda: len(self.book.lines()) >= self.chance.randint(1, 8), END_S)
        # In a thread, for a server that stands still answers when it goes on.
        asking = threading.Thread(target=self.attempt_all, args=("during",))
        with CELLS[self.cell](self.ground):
            asking.start()
            threading.Event().wait(self.chance.choice(BROKEN_S))
        healed = time.monotonic()
        asking.join(END_S)
        self.ground.until_whole()
        made = Outcome(back_s=time.monotonic() - healed)
        for which in ("before", "during", "after"):
            self.attempt_all(which, surely=True)
        self.finish(made)
        return made

    def attempt_all(self, which: str, *, surely: bool = False) -> None:
        """Submit and cancel under keys: what had no answer is done again later, once."""
        try:
            with self.ground.client() as client:
                self._work(client, which)
        except (RotaError, OSError):
            if surely:
                raise

    def _work(self, client: Client, which: str) -> None:
        if self.condemned is None and which == "before":
            argv = self.book.argv(for_ever=True)
            doc = {"argv": argv, "cwd": "/", "key": f"{self.key}condemned"}
            self.condemned = client.submit(doc)[0].id
        argv = self.book.argv()
        doc = {"argv": argv, "array": f"0-{TASKS - 1}", "cwd": "/", "key": self.key + which}
        self.book.jobs[client.submit(doc)[0].id] = TASKS
        if which == "during" and self.condemned is not None:
            with suppress(Conflict):  # heard before: it is over
                client.kill(self.condemned, grace_ms=100, wait=False)

    def finish(self, made: Outcome) -> None:
        """Wait until everything is over, and have it judged."""
        with self.ground.client() as client:
            assert self.condemned is not None
            client.wait(self.condemned, timeout_s=END_S)
            self.book.cancelled[self.condemned] = self.book.count(self.condemned)
            for job in self.book.jobs:
                client.wait(job, timeout_s=END_S)
            until(lambda: not self.book.still_running() or _is_late(self.book), 10)
            made.breaches = judge(self.book, client, excuse=self.is_excused)
        lines = self.book.lines()
        made.tasks = sum(self.book.jobs.values()) + 1
        made.attempts = sum(line[0] == "start" for line in lines)

    def is_excused(self, task: Job) -> bool:
        """Whether *task* may have ended otherwise: what it printed had no room."""
        is_cut = task["reason"]["code"] in ("disk", "output")
        # The room may be there again when its shepherd looks: then only its code tells.
        return self.cell[1] == "full" and (is_cut or task["exit_code"] in NO_ROOM_CODES)


def _is_late(book: Book) -> bool:
    """Whether processes still write although all is said to be over."""
    before = len(book.lines())
    time.sleep(0.2)
    return len(book.lines()) > before
