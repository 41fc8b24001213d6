"""Our states and reasons in Slurm's words; none that Slurm does not have.

queued, held, placed → PENDING (Priority, Resources, Dependency, JobHeldUser, …)
running → RUNNING, COMPLETING while it is being killed       suspended → SUSPENDED
done → COMPLETED     failed → FAILED, TIMEOUT, OUT_OF_MEMORY, NODE_FAIL, …
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

COMPACT = {
    "PENDING": "PD", "RUNNING": "R", "SUSPENDED": "S", "COMPLETING": "CG",
    "CONFIGURING": "CF", "COMPLETED": "CD", "CANCELLED": "CA", "FAILED": "F",
    "TIMEOUT": "TO", "NODE_FAIL": "NF", "PREEMPTED": "PR", "OUT_OF_MEMORY": "OOM",
    "BOOT_FAIL": "BF", "DEADLINE": "DL", "REQUEUED": "RQ", "STOPPED": "ST",
    "RESIZING": "RS", "REVOKED": "RV", "SPECIAL_EXIT": "SE", "REQUEUE_HOLD": "RH",
    "REQUEUE_FED": "RF", "RESV_DEL_HOLD": "RD", "SIGNALING": "SI", "STAGE_OUT": "SO",
}  # fmt: skip
WORDS = {**{word: word for word in COMPACT}, **{code: w for w, code in COMPACT.items()}}
"""{word or code: word}."""

LIVE = frozenset({"PENDING", "RUNNING", "SUSPENDED", "COMPLETING", "CONFIGURING"})

_WAITS = {
    "resources": "Resources", "priority": "Priority", "dependency": "Dependency",
    "begin": "BeginTime", "throttle": "JobArrayTaskLimit", "retry_delay": "BeginTime",
    "no_node": "ReqNodeNotAvail", "nodes_away": "ReqNodeNotAvail",
    "trouble": "JobHeldAdmin", "limit": "AssocGrpJobsLimit", "licence": "Licenses",
    "reservation": "Reservation", "impossible_now": "PartitionConfig",
    "dependency_failed": "DependencyNeverSatisfied", "held": "JobHeldUser",
}  # fmt: skip
_FAILED = {
    "oom": ("OUT_OF_MEMORY", "OutOfMemory", 0, 125),
    "time_limit": ("TIMEOUT", "TimeLimit", 0, 0),
    "lost": ("NODE_FAIL", "NodeDown", 0, 0), "lease": ("NODE_FAIL", "NodeDown", 0, 0),
    "preempted": ("PREEMPTED", "None", 0, 0), "deadline": ("DEADLINE", "DeadLine", 0, 0),
    "output": ("FAILED", "JobLaunchFailure", 0, 53),
    "cwd": ("FAILED", "JobLaunchFailure", 0, 53),
    "spawn": ("FAILED", "JobLaunchFailure", 0, 53),
    "disk": ("FAILED", "JobLaunchFailure", 0, 53),
    "dependency_failed": ("CANCELLED", "DependencyNeverSatisfied", 0, 0),
}  # fmt: skip
"""{our reason: (state, reason, exit code, signal)}."""


class Told:
    """What Slurm says of a job: its state, the reason, and how it ended."""

    __slots__ = ("code", "reason", "signal", "state")

    def __init__(
        self, state: str, reason: str = "None", code: int = 0, signal: int = 0
    ) -> None:
        self.state, self.reason, self.code, self.signal = state, reason, code, signal


def told(view: Mapping[str, Any]) -> Told:
    """Return what Slurm would say of the job or task *view*."""
    state = view["state"]
    reason = view.get("reason") or {}
    code = str(reason.get("code", ""))
    if state in ("held", "queued", "placed", "submitting"):
        if state == "held" and not code:
            code = "held"
        owner = str(view.get("user", ""))
        why = "None" if state == "placed" else waiting(reason, code, owner)
        return Told("PENDING", why)
    if state == "running":
        return Told("COMPLETING" if "killing" in (view.get("flags") or ()) else "RUNNING")
    if state == "suspended":
        return Told("SUSPENDED")
    if state == "done":
        return Told("COMPLETED", code=int(view.get("exit_code") or 0))
    if state == "cancelled":
        return Told("CANCELLED")
    return _failed(view, code)


def waiting(reason: Mapping[str, Any], code: str, owner: str) -> str:
    """Return Slurm's word for why a job of *owner* waits."""
    who = (reason.get("evidence") or {}).get("who", owner)
    if code == "held" and who != owner:
        return "JobHeldAdmin"
    return _WAITS.get(code, "None")


def _failed(view: Mapping[str, Any], code: str) -> Told:
    if code in _FAILED:
        return Told(*_FAILED[code])
    if view.get("signal"):
        return Told("FAILED", "JobLaunchFailure", 0, int(view["signal"]))
    return Told("FAILED", "NonZeroExitCode", int(view.get("exit_code") or 1), 0)
