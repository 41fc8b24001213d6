"""What an operator may set about the mind; durations in milliseconds."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Settings:
    """The mind's own settings.

    Shapes:
        lease_ms:        how long a restartable attempt is left alone without word from its
                         node before it counts as ended; the node ends it by then (G07)
        lease_margin_ms: added on the server's side, so that the node is surely first
        strip_ms:        short tasks are sent to a node for about so long a time at once …
        strip_max:       … but never more than so many
        server:          what the names of its pilots begin with: a short name of its own
        uid:             the server's own account, under which its pilots run too; None: it
                         does not matter who asks for a node
        trouble_delay_ms: a task waits so long after an infrastructure failure
    """

    lease_ms: int = 3_600_000
    lease_margin_ms: int = 15_000
    strip_ms: int = 200
    strip_max: int = 64
    trouble_delay_ms: int = 1_000
    server: str = "here"
    uid: int | None = None
