"""What is free of a licence that others use too: the declared, the measured, the unknown.

    there are 50 ─┬─ 12 ours: held by what runs here, whether the server shows it yet or not
                  ├─ 31 foreign: out, and not ours
                  └─  7 free

Ours is told apart by the hosts of the checkouts where the probe names them, and otherwise
by arithmetic: what of ours has run for a while (``settle_ms``) is surely among those in
use; all else in use is foreign.  So a token that we took and the server does not show yet
is counted once, and one that a job of ours just gave back is given again only when the
server has it back.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from rota.core.licences import Reading

UNKNOWN = ("last", "hold", "declared")
"""What holds when the probe is silent: what it said last, nothing, or as declared."""


@dataclass(frozen=True, slots=True)
class Metering:
    """How a licence is measured, and what a denied checkout looks like.

    Shapes:
        probe:        (lmstat, rlmstat, command or url, its text); None: not measured
        feature:      what the licence server calls it
        gives:        what a number counts: free, used or total
        every_ms:     between two looks;  timeout_ms: of one
        settle_ms:    after a start, until the licence server surely shows it
        when_unknown: one of ``UNKNOWN``;  max_age_ms: a look is good for so long
        exit_codes:   of jobs whose checkout was denied;  pattern: what they write; "": none
    """

    probe: tuple[str, str] | None = None
    feature: str = ""
    gives: str = "free"
    every_ms: int = 30_000
    timeout_ms: int = 20_000
    settle_ms: int = 60_000
    when_unknown: str = "last"
    max_age_ms: int = 300_000
    exit_codes: tuple[int, ...] = ()
    pattern: str = ""


class Ours(NamedTuple):
    """Tokens that a job of ours holds on a host since an instant."""

    host: str
    tokens: int
    since: int


@dataclass(frozen=True, slots=True)
class Measured:
    """What the last looks at a licence came to.

    Shapes:
        asked_at: when the last good look was; None: there was none yet
        foreign:  how many others had out then;  total: how many there were; None: not said
        trouble:  what is wrong with the probe, "" when nothing is
        short_until: nothing is given before it: a checkout of ours was denied
    """

    asked_at: int | None = None
    foreign: int = 0
    total: int | None = None
    trouble: str = ""
    short_until: int = 0

    def is_known(self, metering: Metering, at: int) -> bool:
        """Whether the last good look is young enough at *at*."""
        return self.asked_at is not None and at - self.asked_at <= metering.max_age_ms


def foreign_of(
    reading: Reading, ours: Iterable[Ours], *, settle_ms: int, count: int
) -> int:
    """Return how many tokens are out that are not ours.

    Args:
        count: how many there are, should *reading* not say it
    """
    held = list(ours)
    total = count if reading.total is None else reading.total
    used = reading.used if reading.used is not None else 0
    if reading.free is not None:
        used = total - reading.free
    here = _by_host((one.host, one.tokens) for one in held)
    shown = _by_host((one.host, one.tokens) for one in reading.checkouts)
    known = {host: min(count, here[host]) for host, count in shown.items() if host in here}
    if known:
        visible = sum(known.values())
    else:
        settled = reading.asked_at - settle_ms
        visible = sum(one.tokens for one in held if one.since <= settled)
    return max(0, used - visible)


def free_of(
    count: int, held: int, metering: Metering, *, measured: Measured, at: int
) -> int:
    """Return how many of *count* licences may be given now, *held* being ours already."""
    if measured.short_until > at:
        return 0
    if metering.probe is None:
        return max(0, count - held)
    if not measured.is_known(metering, at):
        if metering.when_unknown == "declared":
            return max(0, count - held)
        if metering.when_unknown == "hold" or measured.asked_at is None:
            return 0
    total = count if measured.total is None else min(count, measured.total)
    return max(0, total - measured.foreign - held)


def judge(reading: Reading, before: Measured, *, foreign: int, count: int) -> Measured:
    """Return what is known after *reading*; what is impossible is told and not believed."""
    trouble = _trouble(reading, before, foreign=foreign, count=count)
    numbers = [n for n in (reading.total, reading.used, reading.free) if n is not None]
    if reading.error or not numbers or min(numbers) < 0:
        return Measured(
            before.asked_at, before.foreign, before.total, trouble, before.short_until
        )
    return Measured(reading.asked_at, foreign, reading.total, trouble, before.short_until)


def _trouble(reading: Reading, before: Measured, *, foreign: int, count: int) -> str:
    if reading.error:
        return reading.error
    told = {"total": reading.total, "in use": reading.used, "free": reading.free}
    said = {name: number for name, number in told.items() if number is not None}
    if not said:
        return "says nothing of it"
    for name, number in said.items():
        if number < 0:
            return f"says {number} {name}: that cannot be"
    total = count if reading.total is None else reading.total
    for name in ("in use", "free"):
        if said.get(name, 0) > total:
            return f"says {said[name]} {name} of {total}: that cannot be"
    if before.asked_at is not None and abs(foreign - before.foreign) > max(total // 2, 1):
        return f"jumps: {before.foreign} used by others, then {foreign}"
    return ""


def _by_host(rows: Iterable[tuple[str, int]]) -> Mapping[str, int]:
    found: dict[str, int] = {}
    for host, count in rows:
        name = host.partition(".")[0].lower()
        found[name] = found.get(name, 0) + count
    return found
