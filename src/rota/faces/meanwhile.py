"""What people see while they wait: nothing, a line now and then, or bars that fill.

a terminal        bars, one for each job while they are few (rich draws them)
a pipe or a log   a line at first, when a job ends, and every half minute
--quiet, --json   nothing
"""

from __future__ import annotations

import time
from contextlib import contextmanager

from rota.client.views import FINAL
from rota.faces import terminal
from rota.faces.tables import counted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any, Protocol

    from rota.client.http import Client
    from rota.client.waiting import Waited

    class Show(Protocol):
        """What shows how far the waiting is."""

        def update(self, known: Waited) -> None:
            """Show what is known now."""

        def say(self, text: str) -> None:
            """Tell that the server is away, or with "" that it is back."""


BARS_MAX = 8
LOOK_S = 1.0
LINE_S = 30.0


@contextmanager
def shown(client: Client, *, quiet: bool) -> Iterator[Show]:
    """Give what shows people how far the waiting is, until the block ends."""
    if quiet:
        yield _Quiet()
    elif terminal.is_live(to_stderr=True):
        from rota.faces.live import Bars

        with Bars() as bars:
            yield _Drawn(bars, client)
    else:
        yield _Plain()


def far(known: Waited, job: int) -> tuple[float, float, str]:
    """Return how much of *job* is done, of how much, and what else to say.

    Of an array that is tasks; of a single job whatever its own progress counts.
    """
    by_state = known.counts.get(job, {})
    told = known.views[job].get("progress") if job in known.views else None
    is_running = sum(by_state.values()) == 1 and known.state[job] == "running"
    if is_running and told and told.get("total"):
        return told["done"], told["total"], str(told.get("text") or "")
    ended = sum(by_state.get(state, 0) for state in FINAL)
    failed = by_state.get("failed", 0)
    note = known.state.get(job, "") if sum(by_state.values()) == 1 else ""
    return ended, sum(by_state.values()), f"{failed} failed" if failed else note


def tasks_over(known: Waited) -> tuple[int, int]:
    """Return how many tasks of all jobs have ended, and how many there are."""
    counts = [(state, n) for by in known.counts.values() for state, n in by.items()]
    return sum(n for state, n in counts if state in FINAL), sum(n for _, n in counts)


class _Quiet:
    """Nothing at all."""

    def update(self, known: Waited) -> None:
        """Show nothing."""

    def say(self, text: str) -> None:
        """Say nothing."""


class _Plain:
    """A line at first, one every now and then, and one whenever a job ends."""

    def __init__(self) -> None:
        self._next_at = time.monotonic() + LINE_S
        self._left: int | None = None

    def update(self, known: Waited) -> None:
        """Print a line if it is time to."""
        left = len(known.left)
        due = time.monotonic() >= self._next_at
        if left and (self._left is None or left != self._left or due):
            ended, total = tasks_over(known)
            jobs = counted(left, "job")
            terminal.say(f"{ended} of {counted(total, 'task')} over, {jobs} to go")
            self._next_at = time.monotonic() + LINE_S
        self._left = left

    def say(self, text: str) -> None:
        """Print what goes on with the server."""
        terminal.say(text or "the server is back")


class _Drawn:
    """A bar for each job; one for all of them when there are many."""

    def __init__(self, bars: Any, client: Client) -> None:
        self._bars, self._client = bars, client
        self._look_at = time.monotonic() + LOOK_S

    def update(self, known: Waited) -> None:
        """Move the bars."""
        self._look(known)
        if len(known.ids) > BARS_MAX:
            ended, tasks = tasks_over(known)
            title, note = f"{len(known.ids)} jobs", f"{len(known.left)} to go"
            self._bars.show("all", title=title, done=ended, total=tasks, note=note)
            return
        for job in known.ids:
            done, total, note = far(known, job)
            name = known.views[job].name if job in known.views else ""
            self._bars.show(job, title=f"{job} {name}", done=done, total=total, note=note)

    def _look(self, known: Waited) -> None:
        """Ask single jobs for the progress that they tell: events speak of states only."""
        now = time.monotonic()
        alone = [j for j in known.left if sum(known.counts[j].values()) == 1]
        if now >= self._look_at and 0 < len(alone) <= BARS_MAX:
            self._look_at = now + LOOK_S
            for job in self._client.jobs(ids=alone):
                known.views[job.id] = job

    def say(self, text: str) -> None:
        """Print what goes on with the server above the bars."""
        self._bars.say(text or "the server is back")
