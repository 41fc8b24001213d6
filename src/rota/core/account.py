"""Who asks and whom usage is charged to: users, queues, and their limits.

Only what is decided by words lives here; the arithmetic of shares is ``sched.fairshare``.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class User:
    """Who is asking, as the kernel or a token says, never as the client states (G29)."""

    name: str
    uid: int | None = None
    is_admin: bool = False

    def may_touch(self, owner: str) -> bool:
        """Owners act on their own jobs, administrators on everybody's."""
        return self.is_admin or self.name == owner
