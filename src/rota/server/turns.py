"""How much one user may ask for: so many requests in a minute, so many at a time (G34).

    request ──▶ below the rate?  ──▶ served at once
            ──▶ above it          ──▶ waits for its turn, some seconds at most
            ──▶ far above it, or too many at a time ──▶ 429, and when to come back

A script that submits job by job is slowed down to what it may, and never notices why; one
that floods is refused.  Administrators are not bounded.
"""

from __future__ import annotations

import asyncio
import math
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rota.core.account import Quota, User
from rota.core.errors import TooMany

WAIT_S_MAX = 10.0
BURST_S = 10.0
"""Who was quiet may ask for so many seconds' worth at once."""

KNOWN_MAX = 10_000


class Turns:
    """See the head of the file."""

    def __init__(self, quota_of: Callable[[str], Quota]) -> None:
        self._quota_of = quota_of
        self._due: dict[str, float] = {}
        self._held: Counter[str] = Counter()

    async def wait(self, user: User) -> None:
        """Return when it is *user*'s turn.

        Raises:
            TooMany: that would take too long.
        """
        if user.is_admin:
            return
        late = self.book(user.name, asyncio.get_running_loop().time())
        if late > 0:
            await asyncio.sleep(late)

    def book(self, name: str, now: float) -> float:
        """Take the next turn of *name*; return in how many seconds it is, 0: now.

        Raises:
            TooMany: it is too far away, and was not taken.
        """
        rate = self._quota_of(name).requests_per_minute / 60.0
        due = max(self._due.get(name, 0.0), now - BURST_S) + 1.0 / rate
        if due - now > WAIT_S_MAX:
            after = math.ceil(due - now - WAIT_S_MAX)
            told = f"{name} may ask {rate * 60:.0f} times a minute"
            raise TooMany(f"{told}; come back in {after} s", after_s=after)
        if len(self._due) >= KNOWN_MAX:
            self._due = {who: at for who, at in self._due.items() if at > now - BURST_S}
        self._due[name] = due
        return max(0.0, due - now)

    @contextmanager
    def held(self, user: User) -> Iterator[None]:
        """While a request of *user* is served, its answer included.

        Raises:
            TooMany: too many of theirs are already.
        """
        most = self._quota_of(user.name).connections
        if not user.is_admin and self._held[user.name] >= most:
            told = f"{user.name} may have {most} requests open at a time"
            raise TooMany(f"{told}: end a watch or a log that follows", after_s=1)
        self._held[user.name] += 1
        try:
            yield
        finally:
            self._held[user.name] -= 1
            if not self._held[user.name]:
                del self._held[user.name]
