"""The audit log: who asked for what, from where and why; and who was refused.

    a request that changes something ─┬─▶ its line ──▶ inbox ──▶ on disk no later than what
                                      │                          it did (promise 1)
                                      ╰─▶ refused: the same line again, with the sentence

A line is numbered here and written by the store like every other record.  What is only
read is not noted, unless it was refused for want of rights.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from rota.core.errors import Malformed, NotAllowed, RotaError
from rota.engine.events import Noted
from rota.engine.records import Audited
from rota.store.contract import AuditQuery, Store

if TYPE_CHECKING:
    from rota.server.auth import Caller
    from rota.server.loop import Loop
    from rota.server.route import Route

WHY_HEADER = "x-rota-why"
WHY_MAX = 1000
NAMED_MAX = 20
TEXT_MAX = 500
REFUSED_MAX = 60
"""So many refusals of one user are noted in a minute: a flood must not fill the disk."""

MINUTE_MS = 60_000


class Audit:
    """See the head of the file."""

    def __init__(self, loop: Loop, store: Store) -> None:
        self._loop = loop
        last = store.audit(AuditQuery(limit=1))
        self._last = last[0]["id"] if last else 0
        self._minute, self._refused = 0, Counter[str]()

    def taken(self, caller: Caller, action: str, *, subject: str, why: str) -> Audited:
        """Note that *caller* asked for *action*; return the line."""
        self._last += 1
        at, user = self._loop.clock.now(), caller.user
        line = Audited(
            self._last, at, user.name, user.role.word, caller.origin, action, subject, why
        )
        self._loop.post(Noted(at, line))
        return line

    async def written(self) -> None:
        """Return when all that was noted is on disk."""
        await self._loop.ask(lambda ticket: Noted(self._loop.clock.now(), None, ticket))

    def refused(self, line: Audited, error: RotaError) -> None:
        """Note that what *line* tells of was refused, or failed."""
        sentence = error.sentence[:TEXT_MAX]
        self._loop.post(Noted(self._loop.clock.now(), line._replace(refused=sentence)))

    def denied(
        self, caller: Caller, action: str, *, subject: str, error: RotaError
    ) -> None:
        """Note that *caller* may not do *action*; of a flood of them only the first."""
        minute = self._loop.clock.now() // MINUTE_MS
        if minute != self._minute:
            self._minute, self._refused = minute, Counter()
        self._refused[caller.user.name] += 1
        if self._refused[caller.user.name] <= REFUSED_MAX:
            self.refused(self.taken(caller, action, subject=subject, why=""), error)


def is_noted(row: Route, error: RotaError) -> bool:
    """Whether a refusal of *row*, of which nothing was noted before, is to be noted."""
    return isinstance(error, NotAllowed) or (row.is_action and isinstance(error, Malformed))


def why_of(headers: Mapping[str, str]) -> str:
    """Return what the user says of a request: text, percent-encoded in its header.

    Raises:
        Malformed: it is too long.
    """
    why = " ".join(unquote(headers.get(WHY_HEADER, "")).split())
    if len(why) > WHY_MAX:
        raise Malformed(f"X-Rota-Why: a reason has at most {WHY_MAX} characters")
    return "".join(c for c in why if c.isprintable())


def subject_of(path: Mapping[str, Any], body: Any) -> str:
    """Return what a request is about: the jobs, nodes … that its path or body names."""
    for name in ("targets", "nodes", "ids"):
        named = getattr(body, name, None)
        if named:
            more = f" and {len(named) - NAMED_MAX} more" if len(named) > NAMED_MAX else ""
            return ", ".join(named[:NAMED_MAX])[:TEXT_MAX] + more
    words = [getattr(body, name, None) for name in ("kind", "scope", "user", "name")]
    said = [*path.values(), *words]
    return " ".join(str(word) for word in said if isinstance(word, str | int))[:TEXT_MAX]
