"""``qacct -j``: what became of a job that has ended, a record for each task."""

from __future__ import annotations

import time

from rota.faces.foreign import tell
from rota.faces.slurm import show
from rota.faces.slurm.asking import rows, wanted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from rota.faces.foreign import Site
    from rota.faces.slurm.rows import Row

LAUNCH, KILLED = "26 : opening input/output file", "100 : assumedly after job"


def run(words: list[str], site: Site) -> int:
    """Print the records of a job."""
    if words[:1] != ["-j"] or len(words) < 2:
        tell("usage: qacct -j JOB")
        return 1
    try:
        jobs = wanted([words[1]])
        found = [row for row in rows(site.client, jobs=jobs, ended=True) if not row.is_live]
    except ValueError:
        found = []
    if not found:
        tell(f"error: job id {words[1]} not found")
        return 1
    for row in found:
        print("=" * 62)
        for name, value in record(row):
            print(f"{name:<12} {show.cell(value, None)}")
    return 0


def record(row: Row) -> list[tuple[str, str]]:
    """Return the record of one task: (name, value)."""
    used = row.view.get("usage") or {}
    failed = "0"
    if row.signal == 53:
        failed = LAUNCH
    elif row.signal or row.state in ("CANCELLED", "TIMEOUT", "OUT_OF_MEMORY"):
        failed = KILLED
    signal = row.signal if row.signal not in (0, 53, 125) else 9
    status = row.code if failed == "0" else 128 + signal
    return [
        ("qname", row.partition), ("hostname", row.hosts[0] if row.hosts else "unknown"),
        ("group", row.user), ("owner", row.user), ("project", "NONE"),
        ("department", "defaultdepartment"), ("jobname", row.name),
        ("jobnumber", str(row.job)),
        ("taskid", "undefined" if row.task is None else str(row.task)),
        ("account", row.account), ("priority", "0"), ("qsub_time", _when(row.submitted)),
        ("start_time", _when(row.started)), ("end_time", _when(row.ended)),
        ("granted_pe", row.origin.get("pe", "NONE")), ("slots", str(row.cpus)),
        ("failed", failed), ("exit_status", str(status)),
        ("ru_wallclock", f"{row.elapsed:.3f}"), ("cpu", f"{used.get('cpu_s', 0.0):.3f}"),
        ("maxrss", str(int(used.get("max_rss", 0)) >> 10)),
    ]  # fmt: skip


def _when(at: float | None) -> str:
    return (
        "-/-" if at is None else time.strftime("%a %b %d %H:%M:%S %Y", time.localtime(at))
    )
