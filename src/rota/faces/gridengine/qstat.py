"""``qstat``: own jobs that wait and run; ``-j`` one of them in full, ``-xml`` for programs.

States: r runs · qw waits · hqw is held or depends · Eqw · s stands still · dr is ending
"""

from __future__ import annotations

import sys
import time

from rota.faces.foreign import tell
from rota.faces.slurm import show
from rota.faces.slurm.asking import rows, wanted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from rota.faces.foreign import Site
    from rota.faces.slurm.rows import Row

HEAD = (
    "job-ID  prior   name       user         state submit/start at     queue             "
    "             slots ja-task-ID "
)
_VALUES = frozenset(["-u", "-j", "-q", "-s", "-l", "-pe", "-U", "-F", "-explain"])
_HELD = frozenset(
    {"JobHeldUser", "JobHeldAdmin", "Dependency", "DependencyNeverSatisfied", "BeginTime"}
)


def run(words: list[str], site: Site) -> int:
    """List jobs."""
    asked: dict[str, str] = {}
    left = list(words)
    while left:
        word = left.pop(0)
        if not word.startswith("-"):
            tell(f'error: ERROR! invalid option argument "{word}"')
            return 1
        asked[word] = left.pop(0) if word in _VALUES and left else ""
    if "-j" in asked:
        return _one(site, asked["-j"])
    conditions: dict[str, Any] = {"live": True}
    user = asked.get("-u", "")
    if user not in ("*", '"*"'):
        from rota.faces.slurm.submitter import user_name

        conditions["user"] = show.listed([user]) or [user_name()]
    found = _chosen(rows(site.client, **conditions), asked.get("-s", ""))
    if "-xml" in asked:
        sys.stdout.write(_xml(found))
        return 0
    if found:
        print(HEAD)
        print("-" * (len(HEAD) - 1))
        for row in found:
            print(line(row))
    return 0


def state(row: Row) -> str:
    """Return Grid Engine's letters for the state of *row*."""
    if row.state == "PENDING":
        return "hqw" if row.reason in _HELD else "qw"
    return {"RUNNING": "r", "SUSPENDED": "s", "COMPLETING": "dr"}.get(row.state, "qw")


def line(row: Row) -> str:
    """Return the line of *row*, as wide as the real thing prints it."""
    at = row.started if row.state != "PENDING" else row.submitted
    when = time.strftime("%m/%d/%Y %H:%M:%S", time.localtime(at or 0))
    queue = f"{row.partition}@{row.hosts[0]}" if row.hosts else ""
    prior = 0.0 if state(row) == "hqw" else 0.5
    tasks = row.index.strip("[]").partition("%")[0] if row.is_array else ""
    return (
        f"{row.job:>7} {prior:.5f} {show.cell(row.name, 10)} {show.cell(row.user, 12)}"
        f" {state(row):<5} {when} {show.cell(queue, 30)} {row.cpus:>5} {tasks}"
    )


def _chosen(found: Sequence[Row], text: str) -> list[Row]:
    if not text or text == "a":
        return list(found)
    return [row for row in found if (row.state == "PENDING") == ("p" in text)]


def _one(site: Site, text: str) -> int:
    try:
        jobs = wanted(part.partition(".")[0] for part in show.listed([text]))
    except ValueError:
        jobs = {}
    found = rows(site.client, jobs=jobs) if jobs else []
    missing = sorted(set(jobs) - {row.job for row in found})
    for row in found:
        print("=" * 62)
        for name, value in _facts(row):
            print(f"{name + ':':<28}{show.cell(value, None)}")
    if missing or not jobs:
        told = "\n".join(map(str, missing)) or text
        tell(f"Following jobs do not exist: \n{told}")
        return 1
    return 0


def _facts(row: Row) -> list[tuple[str, str]]:
    at = time.strftime("%m/%d/%Y %H:%M:%S", time.localtime(row.submitted or 0))
    return [
        ("job_number", str(row.job)), ("submission_time", at), ("owner", row.user),
        ("uid", row.uid), ("sge_o_workdir", row.folder), ("account", row.account),
        ("job_name", row.name), ("stdout_path_list", row.path("output")),
        ("stderr_path_list", row.path("error")), ("hard_queue_list", row.partition),
        ("job_state", state(row)), ("slots", str(row.cpus)),
    ]  # fmt: skip


def _xml(found: Sequence[Row]) -> str:
    from xml.sax.saxutils import escape

    def entry(row: Row) -> str:
        kind = "running" if row.state != "PENDING" else "pending"
        at = show.moment(row.started if kind == "running" else row.submitted)
        tag = "JAT_start_time" if kind == "running" else "JB_submission_time"
        queue = f"{row.partition}@{row.hosts[0]}" if row.hosts else ""
        name = escape(show.cell(row.name, None))
        tasks = f"<tasks>{escape(row.index.strip('[]'))}</tasks>" if row.is_array else ""
        return (
            f'    <job_list state="{kind}"><JB_job_number>{row.job}</JB_job_number>'
            f"<JAT_prio>0.50000</JAT_prio><JB_name>{name}</JB_name>"
            f"<JB_owner>{escape(row.user)}</JB_owner><state>{state(row)}</state>"
            f"<{tag}>{at}</{tag}><queue_name>{escape(queue)}</queue_name>"
            f"<slots>{row.cpus}</slots>{tasks}</job_list>\n"
        )

    running = "".join(entry(row) for row in found if row.state != "PENDING")
    waiting = "".join(entry(row) for row in found if row.state == "PENDING")
    return (
        "<?xml version='1.0'?>\n<job_info>\n"
        f"  <queue_info>\n{running}  </queue_info>\n  <job_info>\n{waiting}  </job_info>\n"
        "</job_info>\n"
    )
