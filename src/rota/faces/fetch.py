"""``rota fetch``: outputs of jobs, brought here; of running ones, what they have so far."""

from __future__ import annotations

import os

from rota.faces import terminal
from rota.faces.connect import client_of
from rota.faces.options import count

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from typing import Any

    from rota.client.http import Client

LINES_MAX = 20

EPILOG = """\
  rota fetch 12                     all outputs of job 12, into this folder
  rota fetch 12 'results/*.csv'     only those
  rota fetch 12 --list              what there is, with sizes
  rota fetch 12 --to out            of an array: out/0, out/1, … for each task
  rota fetch 12[7] --attempt 1      what the first try left
"""


def options(parser: ArgumentParser) -> None:
    """Say what ``fetch`` takes."""
    add = parser.add_argument
    add("which", metavar="JOB", help="12, 12[7], last, a name")
    add("patterns", nargs="*", metavar="PATTERN", help="which files; without any: all")
    add("--to", metavar="DIR", default=".", help="the folder to bring them to (this one)")
    add("--attempt", type=count, metavar="N", help="of this attempt; without it the latest")
    add("--force", action="store_true", help="replace other files of the same name")
    add("--list", action="store_true", help="only say what there is")


def run(args: Namespace) -> int:
    """Bring files here."""
    from rota.faces.selectors import one

    client = client_of(args)
    job, task = one(client, args.which)
    view = client.job(job, task).raw
    if task is None and view.get("array"):
        rows = [_of_task(client, args, job=job, task=t) for t in _tasks(client, job)]
        done = [row for row in rows if row is not None]
        if not done:
            from rota.core.errors import Missing

            raise Missing(f"no task of job {job} has stored files of that name")
    else:
        done = [_brought(client, args, job=job, task=task, to=args.to)]
    if args.json:
        terminal.show_json("fetched", {"fetched": done})
    elif not args.list:
        total = sum(len(row["files"]) for row in done)
        where = os.path.relpath(args.to)
        files = "1 file" if total == 1 else f"{total} files"
        terminal.say(f"{files} brought to {'this folder' if where == '.' else where}")
    return 0


def _tasks(client: Client, job: int) -> list[int]:
    return [int(row.raw["task"]) for row in client.all_tasks(job) if row.raw.get("attempt")]


def _of_task(client: Client, args: Namespace, *, job: int, task: int) -> Any:
    """Bring the files of one task of an array; None: it has none of them."""
    from rota.core.errors import Missing

    try:
        to = os.path.join(args.to, str(task))
        return _brought(client, args, job=job, task=task, to=to)
    except Missing:
        return None


def _brought(
    client: Client, args: Namespace, *, job: int, task: int | None, to: str
) -> dict[str, Any]:
    from rota.faces.moving import moving

    if args.list:
        return _listed(client, args, job=job, task=task)
    with moving(client, "fetching"):
        paths = client.fetch(
            job, *args.patterns, to=to, task=task, attempt=args.attempt, force=args.force
        )
    return {"id": job, "task": task, "to": os.path.abspath(to), "files": paths}


def _listed(
    client: Client, args: Namespace, *, job: int, task: int | None
) -> dict[str, Any]:
    from rota.client.fetching import listed, meant, nothing
    from rota.core.errors import Missing
    from rota.core.units import show_size
    from rota.faces.tables import Column, table

    found = listed(client, job, args.patterns, task=task, attempt=args.attempt)
    rows = meant(found["files"], args.patterns)
    if not rows:
        raise Missing(nothing(found, args.patterns))
    if not args.json:
        columns = (Column("SIZE", right=True), Column("FILE"))
        name = "" if task is None else f"[{task}] "
        cells = [
            (show_size(row.get("size", 0)), terminal.clean(name + row["path"]))
            for row in rows
        ]
        for line in table(columns, cells, fit=None):
            terminal.out(line)
    return {"id": job, "task": task, "files": rows}
