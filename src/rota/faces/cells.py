"""A job, task or node as cells of a table: what each column says about it.

view (JSON of the API) ──→ ("12", "fit", "ada", "running", "[****......] 42%", …)
"""

from __future__ import annotations

from rota.core.units import show_duration, show_size
from rota.faces.moments import lasted
from rota.faces.tables import STATE_STYLES, Column, bar

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    View = Mapping[str, Any]

JOB_COLUMNS = (
    Column("ID", right=True),
    Column("NAME", roomy=True),
    Column("USER"),
    Column("STATE", styles=STATE_STYLES),
    Column("PROGRESS"),
    Column("TIME", right=True),
    Column("WHERE", roomy=True),
    Column("WHY", roomy=True),
)


def job_cells(view: View, *, now: int) -> tuple[str, ...]:
    """Return the cells of a job or task for ``JOB_COLUMNS``."""
    return (
        label(view),
        str(view.get("name") or ""),
        str(view.get("user") or ""),
        str(view["state"]),
        progress(view),
        lasted(view.get("started_at"), view.get("ended_at"), now=now),
        where(view),
        why(view),
    )


def label(view: View) -> str:
    """Return "12", or "12[7]" for a task."""
    task = view.get("task")
    return str(view["id"]) if task is None else f"{view['id']}[{task}]"


def progress(view: View) -> str:
    """Return how far it is: of an array how many tasks ended, of a task what it says."""
    array = view.get("array")
    if array:
        return _array_progress(array)
    told = view.get("progress")
    if not told or view["state"] not in ("running", "suspended"):
        return ""
    percent = told.get("percent")
    if percent is None:
        return f"{told['done']:g}" + (f" {told['text']}" if told.get("text") else "")
    eta = eta_of(told)
    return f"{bar(percent, 100)} {percent:.0f}%" + (f", {eta} to go" if eta else "")


def eta_of(told: Mapping[str, Any]) -> str:
    """Return how much longer it takes at the pace so far; "" when nobody can say."""
    eta_s = told.get("eta_s")
    if eta_s is None:
        return ""
    # Tenths of a second would pretend to a precision that no forecast has.
    return show_duration(max(1, round(eta_s)) * 1000)


def where(view: View) -> str:
    """Return the nodes it runs or ran on: "astro01", "astro01 and 3 more"."""
    hosts = [str(grant["host"]) for grant in view.get("nodes") or ()]
    if len(hosts) > 1:
        return f"{hosts[0]} and {len(hosts) - 1} more"
    return hosts[0] if hosts else ""


def why(view: View) -> str:
    """Return the reason, as far as it says more than the state; flags come first."""
    flags = ", ".join(view.get("flags") or ())
    reason = view.get("reason") or {}
    text = "" if reason.get("code") == "ok" else str(reason.get("text", ""))
    return f"{flags}: {text}" if flags and text else flags or text


def counts(by_state: Mapping[str, int]) -> str:
    """Return "3 running, 12 queued", in the order of a task's life."""
    known = (
        "running",
        "suspended",
        "placed",
        "queued",
        "held",
        "done",
        "failed",
        "cancelled",
    )
    order = [*known, *sorted(set(by_state) - set(known))]
    return ", ".join(f"{by_state[s]} {s}" for s in order if by_state.get(s))


def usage(used: Mapping[str, Any]) -> str:
    """Return what was used: "cpu 12.3s, at most 1.2 GiB, read …"."""
    parts = []
    if used.get("cpu_s") is not None:
        parts.append(f"cpu {show_duration(round(used['cpu_s'] * 1000))}")
    if used.get("max_rss"):
        parts.append(f"memory at most {show_size(int(used['max_rss']))}")
    for name, word in (("read_bytes", "read"), ("written_bytes", "written")):
        if used.get(name):
            parts.append(f"{word} {show_size(int(used[name]))}")
    return ", ".join(parts)


def _array_progress(array: Mapping[str, Any]) -> str:
    by_state, total = array["counts"], int(array["tasks"])
    ended = sum(by_state.get(state, 0) for state in ("done", "failed", "cancelled"))
    failed = by_state.get("failed", 0)
    note = f", {failed} failed" if failed else ""
    return f"{bar(ended, total)} {ended}/{total}{note}"
