"""States and reasons of ours in DIRAC's words: Status and MinorStatus.

held → Received · queued → Waiting · placed → Matched · running → Running, Completing
done → Done · failed → Failed with the cause as MinorStatus · cancelled → Killed
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

STATUSES = {
    "Received": ("held", "submitting"), "Waiting": ("queued",), "Matched": ("placed",),
    "Running": ("running",), "Completing": ("running",), "Stalled": ("suspended",),
    "Done": ("done",), "Failed": ("failed",), "Killed": ("cancelled",),
}  # fmt: skip
"""{Status: states of ours that may be shown so}."""

FINAL = ("Done", "Failed", "Killed")
_LIVE = {
    "submitting": ("Received", "Bulk transaction confirmation"),
    "held": ("Received", "Job accepted"),
    "queued": ("Waiting", "Pilot Agent Submission"),
    "placed": ("Matched", "Assigned"),
    "running": ("Running", "Application"),
    "suspended": ("Stalled", "Watchdog identified this job as stalled"),
    "done": ("Done", "Execution Complete"),
    "cancelled": ("Killed", "Marked for termination"),
}
_PHASES = {
    "staging_in": ("Running", "Downloading InputSandbox"),
    "staging_out": ("Completing", "Uploading Output Sandbox"),
}
_WAITS = {
    "retry_delay": "Job Rescheduled", "nodes_away": "No candidate sites available",
    "no_node": "No candidate sites available",
    "impossible_now": "No candidate sites available", "trouble": "Going to reschedule job",
    "poison": "Maximum of reschedulings reached",
}  # fmt: skip
_FAILED = {
    "exit_code": "Application Finished With Errors",
    "signal": "Application Finished With Errors",
    "pattern": "Application Finished With Errors",
    "expect": "Application Finished With Errors",
    "not_found": "Application not found", "not_executable": "Application not found",
    "stage_in": "Failed Downloading InputSandbox", "stage_out": "Uploading Output Sandbox",
    "time_limit": "Job has exceeded maximum wall clock time",
    "disk": "Job has insufficient disk space to continue",
    "output_limit": "Job has insufficient disk space to continue",
    "disk_limit": "Job has insufficient disk space to continue",
    "lost": "Job stalled: pilot not running", "lease": "Job stalled: pilot not running",
    "stalled": "Watchdog identified this job as stalled", "oom": "Payload failed",
    "killed": "Received Kill signal", "dependency_failed": "Input Data Not Available",
}  # fmt: skip


def words_of(view: Mapping[str, Any]) -> tuple[str, str, str]:
    """Return (Status, MinorStatus, ApplicationStatus) of the job in *view*."""
    state, code = str(view["state"]), str((view.get("reason") or {}).get("code", ""))
    told = str((view.get("reason") or {}).get("text", "")) or "Unknown"
    if state == "failed":
        return "Failed", _FAILED.get(code, "Exception During Execution"), told
    if state == "running" and view.get("phase") in _PHASES:
        return (*_PHASES[view["phase"]], told)
    status, minor = _LIVE.get(state, ("Received", "Job accepted"))
    if state in ("queued", "held"):
        minor = _WAITS.get(code, minor)
    return status, minor, _progress(view) or told


def _progress(view: Mapping[str, Any]) -> str:
    progress = view.get("progress")
    if not isinstance(progress, dict):
        return ""
    return str(progress.get("text") or "")
