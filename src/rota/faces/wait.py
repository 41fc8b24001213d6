"""``rota wait``: wait until jobs are over, with a bar meanwhile; exit as they did.

    told by the server, not asked again and again: an array of a million tasks costs nothing

The exit code is the worst of all: 0 only when every job ended well; 124 when the time ran
out first (the jobs run on).
"""

from __future__ import annotations

import time

from rota.faces import terminal
from rota.faces.connect import client_of
from rota.faces.options import duration
from rota.faces.selectors import HELP, jobs_of, targets
from rota.faces.tables import counted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Iterator
    from typing import Any, Protocol

    from rota.client.http import Client
    from rota.client.views import Job
    from rota.client.waiting import Waited

    class Show(Protocol):
        """What shows how far the waiting is."""

        def update(self, known: Waited) -> None:
            """Show what is known now."""

        def say(self, text: str) -> None:
            """Tell that the server is away, or with "" that it is back."""


BARS_MAX = 8
LOOK_S = 1.0
PLAIN_S = 30.0
"""Without a terminal, how often a line tells how far it is."""

EPILOG = """\
  rota wait last && echo fine
  rota wait 12 13 --timeout 1h
"""


def options(parser: ArgumentParser) -> None:
    """Say what ``wait`` takes."""
    add = parser.add_argument
    add("which", nargs="+", metavar="JOB", help=HELP)
    add("--timeout", type=duration, metavar="TIME", help="give up after it, exit 124")
    add("-q", "--quiet", action="store_true", help="show nothing")


def run(args: Namespace) -> int:
    """Wait for jobs."""
    client = client_of(args)
    found = _wanted(client, args.which)
    if not found:
        terminal.say("nothing to wait for: no job of yours is unfinished")
        return 0
    return wait(client, found, args)


def wait(client: Client, found: list[str], args: Namespace) -> int:
    """Wait until all targets *found* are over; return the exit code for them."""
    ids = jobs_of(found)
    timeout = getattr(args, "timeout", None)
    deadline = None if timeout is None else time.monotonic() + timeout / 1000
    with _shown(client, quiet=args.json or getattr(args, "quiet", False)) as show:
        in_time = _until_over(client, found, deadline=deadline, show=show)
    views = [client.job(*_split(target)) for target in found]
    code = max((worst(client, view) for view in views), default=0)
    if not in_time:
        left = sum(1 for view in views if not view.is_final)
        verb = "goes" if left == 1 else "go"
        terminal.say(f"the time is up; {counted(left, 'job')} {verb} on")
        code = 124
    if args.json:
        rows = [view.raw for view in views]
        terminal.show_json("waited", {"exit_code": code, "in_time": in_time, "jobs": rows})
    elif not getattr(args, "quiet", False) and len(ids) <= BARS_MAX:
        for view in views:
            terminal.say(verdict(view))
    return code


def verdict(view: Job) -> str:
    """Return how a job ended, or that it has not: "job 12 (fit) done in 3m05s"."""
    from rota.faces.cells import counts
    from rota.faces.moments import lasted, now_ms

    raw = view.raw
    name = f" ({terminal.clean(view.name)})" if view.name else ""
    length = lasted(raw.get("started_at"), raw.get("ended_at"), now=now_ms())
    took = f" in {length}" if length and view.is_final else ""
    why = terminal.clean(view.reason) if view.is_final and not view.is_ok else ""
    if raw.get("array") and (not view.is_ok or not view.is_final):
        why = ", ".join(part for part in (counts(view.counts), why) if part)
    state = terminal.paint(view.state, _STYLE.get(view.state, ""), to_stderr=True)
    return f"job {view.label}{name} {state}{took}" + (f": {why}" if why else "")


def worst(client: Client, view: Job) -> int:
    """Return the exit code for *view*; for an array the worst of its tasks'."""
    if not view.is_final or view.is_ok:
        return 0
    if not view.get("array"):
        return view.exit_code
    bad = client.tasks(view.id, state=["failed", "cancelled"], limit=1000)
    return max((task.exit_code for task in bad), default=1)


_STYLE = {"done": "green", "failed": "red", "cancelled": "yellow"}


def _wanted(client: Client, words: list[str]) -> list[str]:
    from rota.core.errors import Missing

    try:
        return targets(client, words)
    except Missing:
        # "Wait until all is over" is done at once when all is over.
        if words == ["all"]:
            return []
        raise


def _until_over(
    client: Client, found: list[str], *, deadline: float | None, show: Show
) -> bool:
    """Wait; return False when *deadline* came first."""
    from rota.client.waiting import waited

    tasks = [target for target in found if "[" in target]
    for known in waited(client, jobs_of(found), away=show.say):
        show.update(known)
        if deadline is not None and time.monotonic() >= deadline and known.left:
            return False
        if tasks and _tasks_over(client, known, found, tasks):
            return True
    return True


def _tasks_over(client: Client, known: Waited, found: list[str], tasks: list[str]) -> bool:
    """Whether all targets are over although some of their jobs have other tasks to do."""
    whole = {int(target) for target in found if "[" not in target}
    if any(job in whole for job in known.left):
        return False
    for target in list(tasks):
        job, task = _split(target)
        if job in known.left and not client.job(job, task).is_final:
            return False
        tasks.remove(target)
    return True


def _split(target: str) -> tuple[int, int | None]:
    job, bracket, task = target.partition("[")
    return int(job), int(task.rstrip("]")) if bracket else None


def _shown(client: Client, *, quiet: bool) -> Any:
    from contextlib import contextmanager

    @contextmanager
    def shown() -> Iterator[Show]:
        if quiet:
            yield _Quiet()
        elif terminal.is_live(to_stderr=True):
            from rota.faces.live import Bars

            with Bars() as bars:
                yield _Drawn(bars, client)
        else:
            yield _Plain()

    return shown()


def far(known: Waited, job: int) -> tuple[float, float, str]:
    """Return how much of *job* is done, of how much, and what else to say.

    Of an array that is tasks; of a single job whatever its own progress counts.
    """
    by_state = known.counts.get(job, {})
    told = known.views[job].get("progress") if job in known.views else None
    if sum(by_state.values()) == 1 and known.state[job] == "running" and told:
        if told.get("total"):
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
    def update(self, known: Waited) -> None:
        """Show nothing."""

    def say(self, text: str) -> None:
        """Say nothing."""


class _Plain:
    """A line at first, one every now and then, and one whenever a job ends."""

    def __init__(self) -> None:
        self._next_at = time.monotonic() + PLAIN_S
        self._left: int | None = None

    def update(self, known: Waited) -> None:
        """Print a line if it is time to."""
        left = len(known.left)
        due = time.monotonic() >= self._next_at
        if left and (self._left is None or left != self._left or due):
            ended, total = tasks_over(known)
            jobs = counted(left, "job")
            terminal.say(f"{ended} of {counted(total, 'task')} over, {jobs} to go")
            self._next_at = time.monotonic() + PLAIN_S
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
            rows = [far(known, job) for job in known.ids]
            self._bars.show(
                "all", title=f"{len(known.ids)} jobs", done=sum(row[0] for row in rows),
                total=sum(row[1] for row in rows), note=f"{len(known.left)} to go",
            )  # fmt: skip
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
