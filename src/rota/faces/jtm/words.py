"""States of ours in JTM's words, with its numbers.

held → ready · queued → queued · a pool is starting → pending · running → running
done → success · failed → outputerror, outofresource, timeout, lostconnection, failed
cancelled → terminated
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

CODES = {
    "ready": 0, "queued": 1, "pending": 2, "running": 3, "success": 4, "outputerror": -1,
    "failed": -2, "outofresource": -3, "terminated": -4, "invalidtask": -5, "timeout": -6,
    "lostconnection": -7,
}  # fmt: skip
"""{word: number}; from 0 to 3 a task is alive."""

_LIVE = {"submitting": "ready", "held": "ready", "queued": "queued", "placed": "pending",
         "running": "running", "suspended": "running"}  # fmt: skip
_STARTING = ("pool_starting", "pool_backoff")
_FAILED = {
    "expect": "outputerror", "stage_out": "outputerror", "oom": "outofresource",
    "time_limit": "timeout", "stalled": "timeout", "lost": "lostconnection",
    "lease": "lostconnection",
}  # fmt: skip


def word_of(view: Mapping[str, Any]) -> str:
    """Return JTM's word for the state of the job in *view*."""
    state, code = view["state"], str((view.get("reason") or {}).get("code", ""))
    if state in _LIVE:
        return "pending" if code in _STARTING else _LIVE[state]
    if state == "failed":
        return _FAILED.get(code, "failed")
    return "success" if state == "done" else "terminated"


def is_alive(word: str) -> bool:
    """Is a task of this status waiting or running?"""
    return 0 <= CODES[word] < CODES["success"]
