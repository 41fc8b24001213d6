"""States of ours in WAM's words, jobs as its users number them, and tokens.

submission 12 of two decks ──▶ 12:bracket 12:bracket_fine, whatever their numbers here
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any

    from rota.client.views import Job

PRIORITIES = ((1, "High"), (0, "Med"), (-1000, "Low"))
_MACHINE = ("lost", "lease", "disk", "spawn", "cwd", "output", "stage_in", "stage_out")


def status_of(view: Mapping[str, Any]) -> str:
    """Return WAM's word for the state of the job in *view*."""
    state, reason = view["state"], view.get("reason") or {}
    if state in ("running", "suspended"):
        return "running"
    if state == "done":
        return "complete"
    if state == "cancelled":
        who = (reason.get("evidence") or {}).get("who") or view["user"]
        return f"killed by {who}"
    if state == "failed":
        return "MACHINE ERROR" if reason.get("code") in _MACHINE else "JOB ERROR"
    return "queue"


def priority_of(view: Mapping[str, Any]) -> str:
    """Return High, Med or Low."""
    level = int(view.get("priority") or 0)
    return next((word for least, word in PRIORITIES if level >= least), "Low")


def tokens_for(cores: int, gpus: int) -> int:
    """Return how many tokens Abaqus takes for so many cores and GPUs."""
    from rota.core.formula import amount
    from rota.formats.wam import TOKENS

    return amount(TOKENS, {"n": max(1, cores + gpus)})


def origin_of(job: Job) -> Mapping[str, str]:
    """Return what the job keeps of its submission."""
    return (job.get("spec") or {}).get("origin") or {}


def numbered(jobs: Iterable[Job]) -> dict[int, str]:
    """Return {number here: "12:bracket"}; 12 is the first number of the submission."""
    found = sorted(jobs, key=lambda job: job.id)
    first: dict[str, int] = {}
    for job in found:
        first.setdefault(origin_of(job).get("submission", str(job.id)), job.id)
    return {
        job.id: f"{first[origin_of(job).get('submission', str(job.id))]}:{job.name}"
        for job in found
    }
