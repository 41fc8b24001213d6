"""Who may not run yet: what users, accounts and queues may have at a time.

A limit is checked *after* adding the job: cores: 10 never lets 100 cores run.  Caps set
by an administrator and those people set for themselves are the same thing.

    Limit("user", "ann", cores=64)      ann's jobs together
    Limit("user", "*", jobs=100)        each user's
    Limit("account", "physics", …)  Limit("queue", "short", …)
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from rota.core.reasons import Reason, reason
from rota.core.resources import Mode, Request
from rota.core.units import show_duration, show_size

MINUTE_MS = 60_000
BLOCK = 1000
"""The priority of those who want the next free machine; the word ``block``."""


@dataclass(frozen=True, slots=True)
class Limit:
    """So much at a time for one name, or with "*" for each name of that kind.

    Shapes:
        kind:     "user", "account" or "queue"
        licences: ((name, most), …)
        starts:   (count, per_ms): how many may start in any such stretch of time
        queued:   how many tasks may wait; beyond it a submit is refused
        set_by:   shown in the reason: "the administrator", "ann"
        but_not:  names that "*" does not mean here: something of their own is in force
        live:     it was set by a verb, not by the file
        blocks:   how many waiting jobs of priority block come before everybody at a time
        block_time_ms: they do so for so long
    """

    kind: str
    name: str
    jobs: int | None = None
    cores: int | None = None
    memory: int | None = None
    gpus: int | None = None
    licences: tuple[tuple[str, int], ...] = ()
    starts: tuple[int, int] | None = None
    set_by: str = "the administrator"
    queued: int | None = None
    but_not: frozenset[str] = frozenset()
    live: bool = False
    blocks: int | None = None
    block_time_ms: int | None = None

    def binds(self, kind: str, name: str) -> bool:
        """Whether it is about the user, account or queue *name*."""
        if self.kind != kind or name in self.but_not:
            return False
        return self.name in (name, "*")


class Held(Protocol):
    """Whoever holds or wants resources: a running allocation or a waiting line."""

    @property
    def user(self) -> str: ...
    @property
    def account(self) -> str: ...
    @property
    def queue(self) -> str: ...
    @property
    def request(self) -> Request: ...


class Quota:
    """The limits, and what is used of them; grows as a round starts jobs."""

    def __init__(
        self,
        limits: Sequence[Limit],
        running: Iterable[Held],
        *,
        at: int,
        recent: Mapping[str, Sequence[int]],
    ) -> None:
        self._limits = limits
        self._at = at
        self._recent = recent
        self._used: dict[tuple[str, str], dict[str, int]] = {}
        self._started: dict[str, int] = {}
        if limits:
            for held in running:
                self.add(held, new=False)

    def add(self, held: Held, *, new: bool = True) -> None:
        """Count *held* in."""
        if not self._limits:
            return
        need = _need(held.request)
        for key in _keys(held):
            used = self._used.setdefault(key, {})
            for what, amount in need.items():
                used[what] = used.get(what, 0) + amount
        if new:
            self._started[held.user] = self._started.get(held.user, 0) + 1

    def refuses(self, held: Held) -> Reason | None:
        """Return why one more like *held* would be too much, or None."""
        if not self._limits:
            return None
        need = _need(held.request)
        keys = dict(_keys(held))
        for limit in self._limits:
            name = keys[limit.kind]
            if not limit.binds(limit.kind, name):
                continue
            used = self._used.get((limit.kind, name), {})
            if said := _over(limit, need, used) or self._too_fast(limit, held.user):
                text = f"{said} for {limit.kind} {name}, set by {limit.set_by}"
                return reason("limit", limit=text)
        return None

    def _too_fast(self, limit: Limit, user: str) -> str:
        if limit.starts is None or limit.kind != "user":
            return ""
        count, per_ms = limit.starts
        lately = sum(1 for at in self._recent.get(user, ()) if at > self._at - per_ms)
        if lately + self._started.get(user, 0) < count:
            return ""
        return f"{count} starts in {show_duration(per_ms)}"


@dataclass(frozen=True, slots=True)
class Blocking:
    """What jobs of priority block are allowed: so many of a user at a time, for so long.

    Shapes:
        time_ms: after submission; None: until they start
        set_by:  who said so; "": nobody, it is the usual
    """

    most: int = 1
    time_ms: int | None = None
    set_by: str = ""


def blocking(limits: Iterable[Limit], *, user: str, account: str, queue: str) -> Blocking:
    """Return the least that *limits* leave a user's blocking jobs."""
    names = {"user": user, "account": account or user, "queue": queue}
    binding = [limit for limit in limits if limit.binds(limit.kind, names[limit.kind])]
    counts = [one for one in binding if one.blocks is not None]
    times = [one for one in binding if one.block_time_ms is not None]
    if not counts and not times:
        return Blocking()
    least = min(counts, key=lambda one: one.blocks or 0, default=None)
    return Blocking(
        1 if least is None else least.blocks or 0,
        min((one.block_time_ms or 0 for one in times), default=None),
        (least or times[0]).set_by,
    )


def width(request: Request) -> int:
    """Return the cores of the task, as far as the request itself says."""
    if request.mode is Mode.BY_NODE:
        return request.n * max(1, request.cores_per_node, request.min_cores)
    return request.cores


def _need(request: Request) -> dict[str, int]:
    need = {
        "jobs": 1, "cores": width(request), "memory": request.memory, "gpus": request.gpus,
    }  # fmt: skip
    need.update({f"licence {name}": amount for name, amount in request.licences})
    return need


def _keys(held: Held) -> list[tuple[str, str]]:
    return [("user", held.user), ("account", held.account), ("queue", held.queue)]


def _over(limit: Limit, need: Mapping[str, int], used: Mapping[str, int]) -> str:
    """Return what of *limit* would be passed, with its figures, or ""."""
    caps = {
        "jobs": limit.jobs, "cores": limit.cores,
        "memory": limit.memory, "gpus": limit.gpus,
    }  # fmt: skip
    caps.update({f"licence {name}": most for name, most in limit.licences})
    for what, most in caps.items():
        have, more = used.get(what, 0), need.get(what, 0)
        if most is not None and more and have + more > most:
            show = show_size if what == "memory" else str
            return f"{show(most)} {what} ({show(have)} in use, {show(more)} asked for)"
    return ""
