"""The rules change while the server runs: from the next round on the new ones hold.

What runs goes on, even where there are fewer licences now; what waits is judged anew.
"""

from __future__ import annotations

from rota.core.errors import NotAllowed
from rota.engine.events import Configured, Effect, Reply
from rota.engine.limiting import put_in_force
from rota.engine.pools import configure
from rota.engine.state import Memory


def configured(memory: Memory, event: Configured) -> list[Effect]:
    """Put the rules of *event* in force."""
    if not event.user.is_admin:
        error = NotAllowed(f"{event.user.name} is no administrator of this server")
        return [Reply(event.ticket, error=error)]
    before = memory.rules
    put_in_force(memory, event.rules)
    if before.half_life_ms != event.rules.half_life_ms:
        memory.tally.fade(half_life_ms=event.rules.half_life_ms)
    memory.tally.excuse()
    look_again(memory)
    configure(memory, event.rules.pools)
    return [Reply(event.ticket, {"source": event.rules.source or None})]


def look_again(memory: Memory) -> None:
    """See that the next round judges all anew, also what was promised under other rules."""
    memory.lines.roster.review_all()
    memory.promised = {}
    memory.round_wanted = True
    watch_windows(memory)


def watch_windows(memory: Memory) -> None:
    """See that a round looks again when a window begins or ends."""
    for window in memory.rules.windows:
        for instant in (window.start, window.end):
            if instant > memory.at:
                memory.set_timer(instant, "round")
