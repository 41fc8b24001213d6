"""Views of the API as the server would answer them, made by hand."""

from __future__ import annotations

from typing import Any

REQUEST: dict[str, Any] = {
    "cores": 1, "memory": 0, "gpus": 0, "time": None, "mode": "bycore1", "n": 1,
    "host": None, "require": [],
}  # fmt: skip


def view(**said: Any) -> dict[str, Any]:
    """Return the view of a job that waits, with *said* changed."""
    request = {**REQUEST, **said.pop("request", {})}
    return {
        "id": 12, "task": None, "name": "fit", "user": "ada", "account": "", "flags": [],
        "queue": "default", "state": "queued", "reason": None, "priority": 0, "nodes": [],
        "attempt": 0, "attempts": [], "exit_code": None, "signal": None,
        "submitted_at": "2026-11-21T01:17:32.000Z", "started_at": None, "ended_at": None,
        "array": None, "info": "", "after": [], "restartable": True, "begin_at": None,
        "request": request, **said,
    }  # fmt: skip


def reason(code: str, **evidence: Any) -> dict[str, Any]:
    """Return the view of a reason."""
    return {"code": code, "text": code, "evidence": evidence}
