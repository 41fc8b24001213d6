"""``rota wait``: wait until jobs are over, with a bar meanwhile; exit as they did.

    told by the server, not asked again and again: an array of a million tasks costs nothing

The exit code is the worst of all: 0 only when every job ended well; 124 when the time ran
out first (the jobs run on); 2 when all that is left is held because a job it depends on
did not end as asked: it would be waited for in vain.
"""

from __future__ import annotations

import time

from rota.faces import terminal
from rota.faces.connect import client_of
from rota.faces.meanwhile import BARS_MAX, shown
from rota.faces.options import duration
from rota.faces.selectors import HELP, LIVE, jobs_of, targets
from rota.faces.tables import counted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from rota.client.http import Client
    from rota.client.views import Job
    from rota.client.waiting import Waited
    from rota.faces.meanwhile import Show


LOOK_S = 1.0
"""So often it is asked why what is left is held, while all of it is."""

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
    with shown(client, quiet=args.json or getattr(args, "quiet", False)) as show:
        in_time = _until_over(client, found, deadline=deadline, show=show)
    views = [client.job(*_split(target)) for target in found]
    code = max((worst(client, view) for view in views), default=0)
    stuck = [view for view in views if is_stuck(view)]
    if stuck and in_time:
        for view in stuck:
            terminal.say(f"job {view.label} would be waited for in vain; {_remedy(view)}")
        code = 2
    if not in_time:
        left = sum(1 for view in views if not view.is_final)
        verb = "goes" if left == 1 else "go"
        terminal.say(f"the time is up; {counted(left, 'job')} {verb} on")
        code = 124
    if args.json:
        rows = [view.raw for view in views]
        terminal.show_json("waited", {
            "exit_code": code, "in_time": in_time, "jobs": rows,
            "held": [view.id for view in stuck],
        })  # fmt: skip
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
    if not view.is_final and is_stuck(view):
        why = terminal.clean(view.reason)
    if raw.get("array") and (not view.is_ok or not view.is_final):
        why = ", ".join(part for part in (counts(view.counts), why) if part)
    state = terminal.paint(view.state, _STYLE.get(view.state, ""), to_stderr=True)
    return f"job {view.label}{name} {state}{took}" + (f": {why}" if why else "")


def is_stuck(view: Job) -> bool:
    """Whether *view* is held for a dependency that failed: nobody but a user frees it."""
    why = view.raw.get("reason") or {}
    return view.state == "held" and why.get("code") == "dependency_failed"


def _remedy(view: Job) -> str:
    return f"rota release {view.label} or rota kill {view.label}"


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

    found: list[str] = []
    for word in words:
        try:
            found += targets(client, [word], which=LIVE)
        except Missing:
            # "Wait until all is over" is done at once when all is over; and of what has
            # a name, but is over, the last is meant.
            if word != "all":
                found += targets(client, [word])[-1:]
    return list(dict.fromkeys(found))


def _until_over(
    client: Client, found: list[str], *, deadline: float | None, show: Show
) -> bool:
    """Wait; return False when *deadline* came first."""
    from rota.client.waiting import waited

    tasks = [target for target in found if "[" in target]
    look_at = 0.0
    for known in waited(client, jobs_of(found), away=show.say):
        show.update(known)
        if time.monotonic() >= look_at and _all_held(known):
            if _all_stuck(client, known):
                return True
            look_at = time.monotonic() + LOOK_S
        if deadline is not None and time.monotonic() >= deadline and known.left:
            return False
        if tasks and _tasks_over(client, known, found, tasks):
            return True
    return True


def _all_held(known: Waited) -> bool:
    return bool(known.left) and all(known.state[job] == "held" for job in known.left)


def _all_stuck(client: Client, known: Waited) -> bool:
    """Why a job is held changes without a line of history: it must be asked for."""
    from rota.client.waiting import chunks

    for some in chunks(known.left):
        if not all(map(is_stuck, client.jobs(ids=some, limit=len(some)))):
            return False
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
