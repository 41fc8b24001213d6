"""The shapes of sessions and of the audit log."""

from __future__ import annotations

import msgspec

from rota.wire import api


def test_pages_carry_the_name_of_their_schema() -> None:
    """Scripts tell versions by it."""
    line = api.AuditLine(
        id=1, at="2026-01-01T00:00:00.000Z", user="ann", role="user", origin="pid 1 here",
        action="kill_jobs", subject="12", why="", refused=None,
    )  # fmt: skip
    page = msgspec.to_builtins(api.AuditPage(audit=[line], next=None))
    assert (page["schema"], page["audit"][0]["action"]) == ("rota.audit/1", "kill_jobs")
    told = msgspec.to_builtins(api.SessionView(user="ann", role="user", csrf=None))
    assert told["schema"] == "rota.session/1"
