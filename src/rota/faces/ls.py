"""``rota ls``: a bounded list of jobs, newest first, that says when some were left out."""

from __future__ import annotations

from rota.client.calls import PAGE_MAX
from rota.faces import terminal
from rota.faces.connect import client_of
from rota.faces.options import count

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Iterator
    from typing import Any

    from rota.client.http import Client
    from rota.client.views import Job, Page

STATES = ("held", "queued", "placed", "running", "suspended", "done", "failed", "cancelled")
RECENT = 10
WATCH_S = 2.0

EPILOG = """\
Without conditions it lists what is not over yet, and your last few jobs that are.
  rota ls --failed             what failed, or has tasks that failed
  rota ls 12 --tasks           the tasks of array 12
  rota ls 'fit-*' --state running
"""


def options(parser: ArgumentParser) -> None:
    """Say what ``ls`` takes."""
    add = parser.add_argument
    add("which", nargs="*", metavar="JOB", help="numbers, names, globs, tag:WORD, last")
    add("--all", action="store_true", help="also what is over")
    add("--state", action="append", choices=STATES, default=[], help="only in this state")
    add("--failed", action="store_true", help="only what failed")
    add("--user", action="append", default=[], metavar="NAME", help="only of this user")
    add("--mine", action="store_true", help="only my own")
    add("--name", action="append", default=[], metavar="GLOB", help="only so named")
    add("--tag", action="append", default=[], metavar="WORD", help="only so tagged")
    add("--queue", action="append", default=[], metavar="NAME", help="only in this queue")
    add("--since", metavar="WHEN", help="only from then on: an instant, or 2h for ago")
    add("--tasks", action="store_true", help="list the tasks of arrays, one a line")
    add("--limit", type=count, default=100, metavar="N", help="at most so many [100]")
    add("--watch", action="store_true", help="keep the list on the screen, up to date")
    add("--jsonl", action="store_true", help="answer in JSON, one job a line")


def run(args: Namespace) -> int:
    """List jobs."""
    client = client_of(args)
    if args.watch and terminal.is_live() and not (args.json or args.jsonl):
        return _watch(client, args)
    rows, more = listed(client, args)
    if args.jsonl:
        for row in rows:
            terminal.show_line(row)
    elif args.json:
        terminal.show_json("jobs", {"jobs": rows, "more": more})
    else:
        _print(rows, args, more=more)
    return 0


def listed(client: Client, args: Namespace) -> tuple[list[dict[str, Any]], bool]:
    """Return the jobs or tasks to list, as views, and whether some were left out."""
    jobs, more = _jobs(client, args)
    if not args.tasks:
        return [job.raw for job in jobs], more
    rows: list[dict[str, Any]] = []
    for job in jobs:
        for task in _tasks(client, job, args):
            if len(rows) >= args.limit and not args.all:
                return rows, True
            rows.append(task.raw)
    return rows, more


def _jobs(client: Client, args: Namespace) -> tuple[list[Job], bool]:
    conditions = _conditions(client, args)
    if args.all and not args.which:
        found = list(client.all_jobs(**conditions))
        return found, False
    page = client.jobs(**conditions, limit=min(args.limit, PAGE_MAX))
    jobs = _filled(client, page, conditions, args)
    if args.which or _is_narrow(args):
        return jobs, page.next is not None and len(jobs) >= args.limit
    # Nothing was asked for in particular: what is over lately is news, too.
    known = {job.id for job in jobs}
    recent = client.jobs(limit=min(RECENT, args.limit), user=conditions["user"])
    jobs += [job for job in recent if job.id not in known]
    jobs.sort(key=lambda job: -job.id)
    more = page.next is not None or len(jobs) > args.limit
    return jobs[: args.limit], more


def _filled(
    client: Client, page: Page, conditions: dict[str, Any], args: Namespace
) -> list[Job]:
    jobs = list(page)
    while page.next and len(jobs) < args.limit:
        size = min(args.limit - len(jobs), PAGE_MAX)
        page = client.jobs(**conditions, limit=size, cursor=page.next)
        jobs.extend(page)
    return jobs


def _conditions(client: Client, args: Namespace) -> dict[str, Any]:
    conditions: dict[str, Any] = {
        "user": [*args.user, *([client.info()["user"]] if args.mine else [])],
        "state": args.state,
        "name": args.name,
        "tag": args.tag,
        "queue": args.queue,
        "failed": args.failed,
        "since": args.since,
    }
    if args.which:
        from rota.faces.selectors import jobs_of, targets

        conditions["ids"] = jobs_of(targets(client, args.which))
    elif not args.all and not _is_narrow(args):
        conditions["live"] = True
    return conditions


def _is_narrow(args: Namespace) -> bool:
    return bool(
        args.state or args.failed or args.name or args.tag or args.since or args.all
    )


def _tasks(client: Client, job: Job, args: Namespace) -> Iterator[Job]:
    if not job.get("array"):
        yield job
        return
    size = PAGE_MAX if args.all else min(args.limit + 1, PAGE_MAX)
    yield from client.all_tasks(job.id, state=args.state, failed=args.failed, limit=size)


def _print(rows: list[dict[str, Any]], args: Namespace, *, more: bool) -> None:
    for line in lines(rows):
        terminal.out(line)
    if not rows:
        terminal.say(
            "no job matches" if _asked(args) else "no jobs yet; rota submit --help"
        )
    elif more:
        terminal.say(
            f"… and more: these are the newest {len(rows)}; --limit N shows others"
        )


def lines(rows: list[dict[str, Any]]) -> list[str]:
    """Return the table of *rows*, cut to the terminal if there is one."""
    from rota.faces.cells import JOB_COLUMNS, job_cells
    from rota.faces.moments import now_ms
    from rota.faces.tables import table

    now = now_ms()
    fit = terminal.width() if terminal.is_live() else None
    return table(JOB_COLUMNS, [job_cells(row, now=now) for row in rows], fit=fit)


def _asked(args: Namespace) -> bool:
    return bool(args.which or args.user or args.queue or args.mine or _is_narrow(args))


def _watch(client: Client, args: Namespace) -> int:
    from rota.faces.live import Screen

    with Screen() as screen:
        while True:
            rows, _ = listed(client, args)
            screen.show(lines(rows))
            screen.rest(WATCH_S)
