"""``wam -cstat``, ``-qstat``, ``-hist``, ``-tc``: machines, jobs, tokens."""

from __future__ import annotations

from rota.faces.tables import Column, table
from rota.faces.terminal import clean
from rota.faces.wam.entry import UsageError
from rota.faces.wam.words import numbered, priority_of, status_of, tokens_for

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from rota.client.views import Job
    from rota.faces.foreign import Site
    from rota.faces.wam.entry import Asked

HISTORY = 30


def cstat(asked: Asked, site: Site) -> int:
    """List the machines: what they have, and how many jobs run there and wait."""
    waiting = sum(1 for job in site.client.all_jobs(live=True) if job.state == "queued")
    rows = []
    for node in site.client.nodes():
        memory = f"{int(node['memory']) / (1 << 30):.1f} GB"
        queue = f"Running: {len(node['running'])}, Queue: {waiting}"
        host = str((node.get("facts") or {}).get("host") or node.name)
        rows.append((node.name, host, str(node["cores"]), str(node["gpus"]), memory, queue))
    _print(("Host", "IP", "Cores", "GPUS", "Total Memory", "Job Queue Length"), rows)
    return 0


def qstat(asked: Asked, site: Site) -> int:
    """List the jobs that wait and run, with the tokens that they take."""
    jobs = list(site.client.all_jobs(live=True, spec=True))
    names = numbered(jobs)
    rows = []
    for job in sorted(jobs, key=lambda job: job.id):
        request = job["request"]
        estimate = tokens_for(int(request["cores"]), int(request["gpus"]))
        rows.append((_host(job), str(job["user"]), names[job.id], status_of(job.raw),
                     priority_of(job.raw), str(estimate)))  # fmt: skip
    heads = ("Host Name", "Username", "Job ID", "Status", "Priority", "Est. Tokens")
    _print(heads, rows)
    return 0


def hist(asked: Asked, site: Site) -> int:
    """List the last jobs of each machine that have ended."""
    final = ["done", "failed", "cancelled"]
    ended = list(site.client.all_jobs(spec=True, state=final))
    names = numbered(ended)
    counts: dict[str, int] = {}
    rows = []
    for job in sorted(ended, key=lambda job: -job.id):
        host = _host(job)
        counts[host] = counts.get(host, 0) + 1
        if counts[host] <= HISTORY:
            number, _, name = names[job.id].partition(":")
            at = str(job["submitted_at"])[:16].replace("T", " ")
            rows.append((host, str(job["user"]), number, name, status_of(job.raw), at))
    _print(
        ("Host", "Username", "Job Number", "Job Name", "Status", "Submission Time"), rows
    )
    return 0


def tokens(asked: Asked, site: Site) -> int:
    """Print how many tokens so many cores, and GPUs, take."""
    words = asked["tokens"]
    if not words or len(words) > 2 or not all(w.isdigit() and len(w) < 7 for w in words):
        raise UsageError("-tc needs CORES, and may have GPUS: -tc 8 1")
    cores, gpus = [*map(int, words), 0][:2]
    print(tokens_for(cores, gpus))
    return 0


def _host(job: Job) -> str:
    nodes = job.get("nodes") or ()
    if nodes:
        return str(nodes[0]["host"])
    attempts = job.get("attempts")
    return str(attempts[-1]["node"]) if attempts else "-"


def _print(heads: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> None:
    cells = [tuple(map(clean, row)) for row in rows]
    for line in table(tuple(map(Column, heads)), cells, fit=None):
        print(line)
