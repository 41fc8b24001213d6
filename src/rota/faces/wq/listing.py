"""``wq ls``, ``stat``, ``users``, ``user``: tables whose columns scripts cut out.

Pid User St Pri Nc Nh Host0 Tq Trun Cmd       a line for each job, no blanks in a cell
Jobs: 3 Running: 1 Waiting: 2
"""

from __future__ import annotations

import time

from rota.faces.terminal import clean

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from typing import Any

    from rota.client.views import Job
    from rota.faces.foreign import Site

COLUMNS = ("Pid", "User", "St", "Pri", "Nc", "Nh", "Host0", "Tq", "Trun", "Cmd")
_RIGHT = ("Tq", "Trun")
_RUNS = frozenset({"placed", "running", "suspended"})
_STEPS = ((86400, "d"), (3600, "h"), (60, "m"), (1, "s"))


def ls(words: list[str], site: Site) -> int:
    """List jobs."""
    users: list[str] = []
    full = False
    left = list(words)
    while left:
        word = left.pop(0)
        if word in ("-f", "--full"):
            full = True
        elif word in ("-u", "--user") and left:
            users = [name for name in left.pop(0).split(",") if name]
        elif word.startswith("--user="):
            users = [name for name in word[7:].split(",") if name]
        else:
            return _usage("ls [-f] [-u USER,USER]")
    jobs = sorted(site.client.all_jobs(live=True, user=users), key=lambda job: job.id)
    for line in _full(jobs) if full else page(jobs, users, now=time.time()):
        print(line)
    return 0


def page(jobs: Sequence[Job], users: Sequence[str], *, now: float) -> Iterator[str]:
    """Yield the lines of the list."""
    rows = [_row(job, now) for job in jobs]
    if rows:
        widths = [max(map(len, column)) for column in zip(COLUMNS, *rows, strict=True)]
        for row in (COLUMNS, *rows):
            cells = (
                cell.rjust(width) if name in _RIGHT else cell.ljust(width)
                for name, cell, width in zip(COLUMNS, row, widths, strict=True)
            )  # fmt: skip
            yield " " + " ".join(cells)
    runs = sum(job.state in _RUNS for job in jobs)
    whose = f" User: {clean(','.join(users))}" if users else ""
    yield f"{whose} Jobs: {len(jobs)} Running: {runs} Waiting: {len(jobs) - runs}"


def _row(job: Job, now: float) -> tuple[str, ...]:
    runs = job.state in _RUNS
    nodes = list(job.get("nodes") or ()) if runs else []
    cores = sum(_count(node.get("cores")) for node in nodes)
    if runs and job.get("array"):
        # Of an array it is told how many run, not where.
        cores = sum(job.counts.get(s, 0) for s in _RUNS) * int(job["request"]["cores"])
    began = seconds(job.get("started_at")) if runs else None
    asked = seconds(job.get("submitted_at"))
    return tuple(
        _word(cell)
        for cell in (
            str(job.id), str(job["user"]), "R" if runs else "W", priority(job["priority"]),
            str(cores) if cores else "-", str(len(nodes)) if nodes else "-",
            str(nodes[0]["host"]) if nodes else "-",
            span(now - asked) if asked is not None else "-",
            span(now - began) if began is not None else "-", job.name or "-",
        )
    )  # fmt: skip


def _word(text: str) -> str:
    """Return *text* without blanks, so that columns can be counted, and harmless."""
    return clean("-".join(text.split())) or "-"


def _count(cores: Any) -> int:
    return cores if isinstance(cores, int) else len(cores or ())


def priority(number: int) -> str:
    """Return the word of wq's that is nearest to *number*."""
    if number >= 1000:
        return "block"
    return "high" if number > 0 else "low" if number < 0 else "med"


def seconds(text: str | None) -> float | None:
    """Return the instant of an ISO text, in seconds since the epoch."""
    from datetime import datetime

    return None if not text else datetime.fromisoformat(text).timestamp()


def span(length: float) -> str:
    """Return seconds as wq shows them: "15h09m58s"."""
    left = max(0, int(length))
    parts: list[str] = []
    for size, letter in _STEPS:
        count, left = divmod(left, size)
        if count or parts or letter == "s":
            parts.append(f"{count:02d}{letter}" if parts else f"{count}{letter}")
    return "".join(parts)


def _full(jobs: Sequence[Job]) -> Iterator[str]:
    """Yield a YAML list with the fields that wq keeps of a job."""
    import yaml

    if not jobs:
        return
    rows = []
    for job in jobs:
        runs = job.state in _RUNS
        rows.append(
            {
                "pid": job.id, "user": job["user"], "job_name": job.name,
                "status": "run" if runs else "wait", "priority": priority(job["priority"]),
                "time_sub": seconds(job.get("submitted_at")),
                "time_run": seconds(job.get("started_at")) if runs else None,
                "hosts": [
                    str(node["host"])
                    for node in (job.get("nodes") or ()) if runs
                    for _ in range(_count(node.get("cores")))
                ],
                "reason": job.reason, "require": dict(job["request"]),
            }
        )  # fmt: skip
    yield yaml.safe_dump(rows, sort_keys=False).rstrip("\n")


def stat(words: list[str], site: Site) -> int:
    """Show how busy the nodes are."""
    if words:
        return _usage("stat")
    for line in bars([node.raw for node in site.client.nodes()]):
        print(line)
    return 0


def bars(nodes: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Yield a line for each node, its bar first, and the totals."""
    rows = [("Usage", "Host", "Mem", "Groups")]
    used = active = offline = 0
    for node in nodes:
        cores, busy = _count(node["cores"]), int(node["cores_used"])
        is_online = node["state"] == "up"
        used += busy
        active += cores if is_online else 0
        offline += 0 if is_online else cores
        bar = "*" * busy + "." * (cores - busy) if is_online else "X" * cores
        memory = f"{float(node['memory']) / 1e9:.4g}"
        labels = ",".join(map(str, node.get("labels") or ()))
        rows.append((f"[{bar}]", _word(str(node["name"])), memory, clean(labels)))
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    yield ""
    for bar, host, memory, labels in rows:
        line = f" {bar:<{widths[0]}}  {host:<{widths[1]}}  {memory:>{widths[2]}} {labels}"
        yield line.rstrip()
    load = 100.0 * used / active if active else 0.0
    yield ""
    yield (
        f" Used/avail/active cores: {used}/{active - used}/{active}"
        f" ({load:.1f}% load, {offline} are offline)"
    )


def users(words: list[str], site: Site) -> int:
    """Show what users run."""
    if words:
        return _usage("users")
    return _users(site, None)


def user(words: list[str], site: Site) -> int:
    """Show what one user runs."""
    if len(words) != 1:
        return _usage("user NAME")
    return _users(site, words[0])


def _users(site: Site, only: str | None) -> int:
    limits = site.client.config()["limits"]
    rows = [("user", "total", "run", "cores", "limits")]
    for told in site.client.stat()["users"]:
        name = str(told["name"])
        if only is not None and name != only:
            continue
        counts = told["counts"]
        live = sum(n for state, n in counts.items() if state in (*_RUNS, "queued", "held"))
        runs = sum(counts.get(state, 0) for state in _RUNS)
        held = limits_of(name, limits)
        rows.append((_word(name), str(live), str(runs), str(told["cores_used"]), held))
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        print(" " + "  ".join(c.ljust(w) for c, w in zip(row, widths, strict=True)))
    return 0


def limits_of(name: str, limits: Sequence[Mapping[str, Any]]) -> str:
    """Return the limits on *name* as wq writes them: "{cores:100;run:10}"."""
    found: dict[str, int] = {}
    for limit in limits:
        if limit.get("user") in (name, "*"):
            for key, word in (("cores", "cores"), ("jobs", "run")):
                if key in limit:
                    found[word] = min(int(limit[key]), found.get(word, int(limit[key])))
    return "{" + ";".join(f"{word}:{found[word]}" for word in sorted(found)) + "}"


def _usage(text: str) -> int:
    from rota.faces.foreign import tell

    tell(f"usage: wq {text}")
    return 2
