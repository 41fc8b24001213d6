"""``rota simulate``: replay a trace, or what this queue itself did, under other policies.

    TRACE ───────────────────────────────╮
    --history: the server's ended jobs ──┴→ a workload in SWF ──→ ``python -m rota.sim``

``rota.sim`` has the last word on its options; here they are declared for help and
completion, and the history is fetched.
"""

from __future__ import annotations

import os
import sys

from rota.faces import terminal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Iterable, Iterator
    from typing import Any

    from rota.client.http import Client

HANDS_ON = True
PROGRAM = (sys.executable, "-m", "rota.sim")

EPILOG = """\
  rota simulate trace.swf.gz --policy easy --compare default --report out.html
  rota simulate --history --compare ours.yaml --with-nodes +2
  rota simulate --history --since 30d --save-trace march.swf
"""


def options(parser: ArgumentParser) -> None:
    """Say what ``simulate`` takes."""
    add = parser.add_argument
    add("trace", nargs="?", help="a workload trace in SWF, .gz understood")
    _ours(parser)
    add("--scenario", metavar="FILE", help="a scenario file instead of a trace")
    add("--procs", metavar="N", help="cores of the machine [as the trace says]")
    add("--cluster", metavar="FILE", help="a YAML file that names the nodes, instead")
    add("--policy", metavar="NAME|FILE", help="default, easy, saf@72000:easy …, or a"
        " config.yaml [default]")  # fmt: skip
    add("--compare", metavar="NAME|FILE", action="append", help="this policy, too")
    add("--with-nodes", metavar="+N", help="each also with so many more nodes; +2x64")
    add("--report", metavar="OUT.html", help="write a page with pictures")
    add("--seed", metavar="S", help="accepted; nothing is left to chance")
    add("--schedule", metavar="OUT.csv", help="write when each job started and ended")
    add("--skip-broken", action="store_true", help="leave out lines that cannot be read")


def _ours(parser: ArgumentParser) -> None:
    add = parser.add_argument
    add("--history", action="store_true", help="replay what this queue's jobs did")
    add("--since", metavar="WHEN", help="of the history: an instant, or 30d for ago")
    add("--save-trace", metavar="OUT.swf", help="keep the history as a trace")


def run(args: Namespace) -> int:
    """Become the program; of a history, fetch it first."""
    from rota.faces.options import Parser

    parser = Parser(prog="rota simulate", add_help=False, allow_abbrev=False)
    _ours(parser)
    parser.add_argument("--home")
    parser.add_argument("--server")
    asked, words = parser.parse_known_args(args.words)
    if asked.history:
        return _replay_history(asked, words)
    for name in ("since", "save_trace"):
        if getattr(asked, name):
            parser.error(f"--{name.replace('_', '-')} goes with --history")
    if not words:
        parser.error("it needs a trace, --history or --scenario FILE")
    sys.stdout.flush()
    os.execv(PROGRAM[0], [*PROGRAM, *words])


def _replay_history(asked: Namespace, words: list[str]) -> int:
    import subprocess
    import tempfile

    from rota.faces.connect import client_of

    client = client_of(asked)
    with tempfile.TemporaryDirectory(prefix="rota-simulate-") as folder:
        path = asked.save_trace or os.path.join(folder, "history.swf")
        count = write_trace(client, path, since=asked.since)
        if not count:
            terminal.say("no job of this queue has ended yet: there is nothing to replay")
            return 2
        terminal.say(f"{count} tasks have ended")
        return subprocess.call([*PROGRAM, path, *words])


def write_trace(client: Client, path: str, *, since: str | None) -> int:
    """Write what ended as a trace in SWF to *path*; return how many tasks that are.

    Seconds are rounded up; a task without a limit is taken to have asked for its run.
    """
    rows = sorted(_ended(client, since), key=lambda row: row[0])
    users = {name: number for number, name in enumerate(sorted({row[4] for row in rows}))}
    cores = sum(node["cores"] for node in client.nodes())
    first = rows[0][0] if rows else 0
    with open(path, "w", encoding="utf-8") as file:
        named = " ".join(f"{number}={name}" for name, number in users.items())
        file.write(f"; MaxProcs: {max(1, cores, *(row[2] for row in rows))}\n")
        file.write(f"; Users: {named}\n")
        for number, (since_ms, run, width, limit, user) in enumerate(rows, 1):
            at = (since_ms - first) // 1000
            head = f"{number} {at} -1 {run} {width} -1 -1 {width} {limit} -1 1"
            file.write(f"{head} {users[user]} -1 -1 -1 -1 -1 -1\n")
    return len(rows)


def _ended(client: Client, since: str | None) -> Iterator[tuple[int, int, int, int, str]]:
    """Yield when it was submitted, ms; run, s; cores; limit, s, or −1; user."""
    from rota.faces.moments import ms_of

    for task in _tasks(client, since):
        began, over = ms_of(task["started_at"]), ms_of(task["ended_at"])
        submitted = ms_of(task["submitted_at"])
        if began is None or over is None or submitted is None:
            continue
        request = task["request"]
        limit = -1 if request["time"] is None else max(1, -int(-request["time"] // 1))
        run = max(1, -((began - over) // 1000))
        yield submitted, run, _width(task), limit, task["user"]


def _tasks(client: Client, since: str | None) -> Iterator[dict[str, Any]]:
    from rota.client.calls import PAGE_MAX

    cursor = None
    while True:
        page = client.jobs(since=since, limit=PAGE_MAX, cursor=cursor)
        for job in page:
            tasks: Iterable[Any] = client.all_tasks(job.id) if job.get("array") else (job,)
            yield from (task.raw for task in tasks if task.is_final)
        if page.next is None:
            return
        cursor = page.next


def _width(task: dict[str, Any]) -> int:
    """Return how many cores it had, or if that is not kept, how many it asked for."""
    held = sum(len(grant["cores"]) for grant in task["nodes"])
    request = task["request"]
    asked = request["cores"] * (request["n"] if request["mode"] == "bynode" else 1)
    return max(1, held or asked)
