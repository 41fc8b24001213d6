"""``rota show``: all that is known of a job or task, on one page."""

from __future__ import annotations

from itertools import pairwise

from rota.core.units import show_count, show_duration, show_size
from rota.faces import cells, chain, terminal
from rota.faces.connect import client_of
from rota.faces.moments import lasted, local, now_ms, seconds
from rota.faces.tables import Column, pairs, sparkline, table

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Mapping, Sequence
    from typing import Any

    from rota.client.http import Client

    View = Mapping[str, Any]

ATTEMPTS_SHOWN = 20
TASKS_JUDGED = 1_000
"""So many of the tasks of an array, the first ones that are done, are looked at."""

ATTEMPT_COLUMNS = (
    Column("ATTEMPT", right=True),
    Column("NODE"),
    Column("STARTED"),
    Column("TIME", right=True),
    Column("EXIT", right=True),
    Column("HOW IT ENDED", roomy=True),
)


def options(parser: ArgumentParser) -> None:
    """Say what ``show`` takes."""
    parser.add_argument("which", nargs="+", metavar="JOB", help="12, 12[7], last, a name")
    parser.add_argument(
        "--csv", action="store_true", help="only what its latest attempt used over time"
    )


def run(args: Namespace) -> int:
    """Show jobs or tasks."""
    from rota.faces.selectors import one

    client = client_of(args)
    found = [one(client, word) for word in args.which]
    views = [client.job(job, task).raw for job, task in found]
    if args.csv:
        _print_csv(client, views)
        return 0
    if args.json:
        doc = views[0] if len(views) == 1 else {"schema": "rota.jobs/1", "jobs": views}
        terminal.show_json("job", doc)
        return 0
    for number, view in enumerate(views):
        if number:
            terminal.out("")
        for line in page(view, now=now_ms()):
            terminal.out(line)
        for line in [*over_time(client, view), *advised(client, view)]:
            terminal.out(line)
    return 0


def _print_csv(client: Client, views: Sequence[View]) -> None:
    from rota.faces.series import csv_of

    for view in views:
        found = client.series(view["id"], task=view.get("task"))["samples"]
        for line in csv_of(view, found):
            terminal.out(line)


def page(view: View, *, now: int) -> list[str]:
    """Return the lines that tell all of *view*."""
    head = f"{'task' if view.get('task') is not None else 'job'} {cells.label(view)}"
    name = terminal.clean(str(view.get("name") or ""))
    lines = [terminal.paint(f"{head}  {name}".rstrip(), "bold")]
    lines += pairs([*_fate(view, now=now), *_wish(view), *_request(view["request"])])
    if links := [terminal.clean(line) for line in chain.lines(view.get("chain"))]:
        lines += ["", *links]
    attempts = view.get("attempts") or ()
    if attempts:
        lines += ["", *_attempts(attempts, now=now)]
    return lines


def over_time(client: Client, view: View) -> list[str]:
    """Return memory and cores used over time as two small lines, if they were measured."""
    if view.get("array") or not view.get("attempts"):
        return []
    samples = client.series(view["id"], task=view.get("task"))["samples"]
    if len(samples) < 2:
        return []
    memory = [sample["rss"] for sample in samples]
    return ["", *pairs([
        ("memory over time", f"{sparkline(memory)}  {show_size(max(memory))} at most"),
        ("cores over time", f"{sparkline(paces(samples))}"),
    ])]  # fmt: skip


def advised(client: Client, view: View) -> list[str]:
    """Return what its tasks used, if it is an array, and what less would do."""
    from rota.faces.advice import advice, spread

    if view.get("array"):
        done = client.tasks(view["id"], state=["done"], limit=TASKS_JUDGED)
        usages = [task.get("usage") or {} for task in done]
    else:
        usages = [view.get("usage") or {}] if view["state"] == "done" else []
    rows = spread(usages) + [("advice", told) for told in advice(view["request"], usages)]
    return ["", *pairs(rows)] if rows else []


def paces(samples: list[Mapping[str, Any]]) -> list[float]:
    """Return how many cores were busy between one sample and the next."""
    from rota.faces.moments import ms_of

    found = []
    for first, second in pairwise(samples):
        passed = ((ms_of(second["at"]) or 0) - (ms_of(first["at"]) or 0)) / 1000
        found.append(
            max(0.0, second["cpu_s"] - first["cpu_s"]) / passed if passed > 0 else 0.0
        )
    return found


def _fate(view: View, *, now: int) -> list[tuple[str, str]]:
    array = view.get("array")
    reason = (view.get("reason") or {}).get("text", "")
    return [
        ("state", str(view["state"]) + (f": {reason}" if reason else "")),
        ("flags", ", ".join(view.get("flags") or ())),
        ("tasks", f"{array['tasks']} ({cells.counts(array['counts'])})" if array else ""),
        ("progress", cells.progress(view)),
        ("exit code", "" if view.get("exit_code") is None else str(view["exit_code"])),
        ("signal", "" if not view.get("signal") else str(view["signal"])),
        ("submitted", local(view.get("submitted_at")) + f" by {view.get('user')}"),
        ("started", local(view["started_at"]) if view.get("started_at") else ""),
        ("ended", local(view["ended_at"]) if view.get("ended_at") else ""),
        ("ran for", lasted(view.get("started_at"), view.get("ended_at"), now=now)),
        ("phase", _phase(view)),
        ("used", cells.usage(view.get("usage") or {})),
        ("files", files(view.get("usage") or {})),
        ("on", _holds(view)),
    ]


def _phase(view: View) -> str:
    """Return the stage it is in, where that says more than its state."""
    phase = str(view.get("phase") or "")
    return "" if phase == "executing" else phase.replace("_", " ")


def files(used: View) -> str:
    """Return "in 0.2s, out 0.1s: 3 files, 12 MiB", or "" when none travelled."""
    stages, outputs = used.get("stages") or {}, used.get("outputs") or {}
    times = [
        f"{word} {show_duration(round(stages[name] * 1000))}"
        for name, word in (("stage_in_s", "in"), ("stage_out_s", "out"))
        if stages.get(name) is not None
    ]
    told = ", ".join(times)
    if not outputs.get("tree"):
        return told
    count = outputs.get("files", 0)
    noun = "1 file" if count == 1 else f"{count} files"
    return f"{told}: {noun}, {show_size(int(outputs.get('bytes', 0)))}, see rota fetch"


def _holds(view: View) -> str:
    return ", ".join(
        f"{grant['host']} (cores {_ranges(grant['cores'])})" if grant.get("cores")
        else str(grant["host"])
        for grant in view.get("nodes") or ()
    )  # fmt: skip


def _ranges(numbers: list[int]) -> str:
    from rota.core.indexes import IndexSet

    return str(IndexSet([n, n] for n in sorted(numbers)))


def _wish(view: View) -> list[tuple[str, str]]:
    spec = view.get("spec") or {}
    import shlex

    array = view.get("array") or {}
    command = spec.get("command") or (shlex.join(spec["argv"]) if spec.get("argv") else "")
    return [
        ("command", command or ("a script, see --json" if spec.get("script") else "")),
        ("in", str(spec.get("cwd") or "")),
        ("output", str(spec.get("output") or "")),
        ("error", str(spec.get("error") or "")),
        ("array", str(array.get("indexes", "")) + _at_most(array.get("limit"))),
        ("after", ", ".join(view.get("after") or ())),
        ("not before", local(view["begin_at"]) if view.get("begin_at") else ""),
        ("deadline", local(view["deadline_at"]) if view.get("deadline_at") else ""),
        ("every", view.get("every") or ""),
        ("next", local(view["next_at"]) if view.get("next_at") else ""),
        ("queue", str(view.get("queue") or "")),
        ("account", str(view.get("account") or "")),
        ("priority", str(view.get("priority") or "")),
        ("tags", ", ".join(view.get("tags") or ())),
        ("key", str(view.get("key") or "")),
        ("info", str(view.get("info") or "")),
    ]


def _at_most(limit: int | None) -> str:
    return f", at most {limit} at a time" if limit else ""


def _request(request: View) -> list[tuple[str, str]]:
    size = show_size
    other = {**request.get("resources", {}), **request.get("licences", {})}
    where = (
        [request.get("mode", "")] if request.get("mode") not in (None, "bycore1") else []
    )
    where += [f"host {request['host']}"] if request.get("host") else []
    where += [f"one of {', '.join(request['group'])}"] if request.get("group") else []
    where += [f"not {', '.join(request['not_group'])}"] if request.get("not_group") else []
    where += [f"with {', '.join(request['require'])}"] if request.get("require") else []
    return [
        ("cores", str(request["cores"])),
        ("memory", size(request["memory"]) if request.get("memory") else ""),
        ("gpus", str(request.get("gpus") or "")),
        ("resources", ", ".join(f"{k}={show_count(k, n)}" for k, n in other.items())),
        ("time limit", seconds(request.get("time"))),
        ("where", ", ".join(where)),
    ]


def _attempts(attempts: list[View], *, now: int) -> list[str]:
    rows = [_attempt(row, now=now) for row in attempts[-ATTEMPTS_SHOWN:]]
    fit = terminal.width() if terminal.is_live() else None
    lines = table(ATTEMPT_COLUMNS, rows, fit=fit)
    if (hidden := len(attempts) - ATTEMPTS_SHOWN) > 0:
        lines.append(f"… and {hidden} before; --json has all")
    return lines


def _attempt(row: View, *, now: int) -> tuple[str, ...]:
    task = row.get("task")
    end = f"signal {row['signal']}" if row.get("signal") else row.get("exit_code")
    return (
        str(row["n"]) if task is None else f"[{task}]#{row['n']}",
        str(row["node"]),
        local(row.get("started_at")),
        lasted(row.get("started_at"), row.get("ended_at"), now=now),
        "" if end is None else str(end),
        str((row.get("reason") or {}).get("text", "")),
    )
