"""Who asks, and what they may do: four roles, each with all that those below it may.

    viewer     looks
    user       hands in, acts on their own jobs
    operator   acts on everybody's jobs, drains nodes, sets limits, reads the audit log
    admin      everything: others' output, pools, tokens for others, what is in force

Only what is decided by words lives here; the arithmetic of shares is ``sched.fairshare``.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from enum import IntEnum

EVERYBODY = "*"


class Role(IntEnum):
    """What somebody may do here; a larger one may all that a smaller one may."""

    VIEWER = 0
    USER = 1
    OPERATOR = 2
    ADMIN = 3

    @property
    def word(self) -> str:
        """Its name, as files and answers have it."""
        return self.name.lower()


ROLES = {role.word: role for role in Role}


@dataclass(frozen=True, slots=True)
class Quota:
    """What one user may take of the server (G34).

    Shapes:
        requests_per_minute, connections: of requests, and of those open at a time
        stored:       bytes of files kept here;  request_size: bytes of one submission
        output:       bytes that a task may write; None: as many as it likes
    """

    requests_per_minute: int = 6000
    connections: int = 200
    stored: int = 1 << 40
    request_size: int = 512 << 20
    output: int | None = None


@dataclass(frozen=True, slots=True)
class User:
    """Who is asking, as the kernel or a token says, never as the client states (G29)."""

    name: str
    uid: int | None = None
    role: Role = Role.USER

    @property
    def is_admin(self) -> bool:
        """Whether nothing is refused to them."""
        return self.role >= Role.ADMIN

    @property
    def is_operator(self) -> bool:
        """Whether they run the queue: everybody's jobs, nodes, limits."""
        return self.role >= Role.OPERATOR

    def may_act(self, owner: str) -> bool:
        """Whether to kill, hold, rerun … jobs of *owner*: one's own, an operator's all."""
        return self.is_operator or (self.name == owner and self.role >= Role.USER)

    def may_enter(self, owner: str) -> bool:
        """Whether to do as *owner* does: type to a job, lay files in, say what it runs."""
        return self.is_admin or (self.name == owner and self.role >= Role.USER)

    def may_read(self, owner: str, shared: Collection[str] = ()) -> bool:
        """Whether to see output, files and environment of a job of *owner*.

        Shapes:
            shared: whom its owner lets see them, by name; ``EVERYBODY``
        """
        return (
            self.is_admin or self.name == owner
            or self.name in shared or EVERYBODY in shared
        )  # fmt: skip
