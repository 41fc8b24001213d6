"""Licences that others use, too: what was measured, and what may be given of them.

``Metered`` events bring readings, denied checkouts make a licence short for a while; all
is forgotten at a restart, and measured again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from rota.engine.events import Effect, Metered
from rota.engine.live import Alloc
from rota.engine.state import Memory
from rota.sched.licences import Measured, Metering, Ours, foreign_of, free_of, judge

SHORT_MS = 60_000
"""After a denied checkout nothing is given of that licence for so long."""

NOTHING = Measured()
PLAIN = Metering()


def metered(memory: Memory, event: Metered) -> list[Effect]:
    """Take in what licence servers said; a round looks at it."""
    rules = memory.rules
    for name, reading in event.readings.items():
        metering, count = rules.metering.get(name), rules.licences.get(name)
        if metering is None or count is None:
            continue
        before = memory.measured.get(name, NOTHING)
        ours = _ours(memory.allocs.values(), name)
        foreign = foreign_of(reading, ours, settle_ms=metering.settle_ms, count=count)
        after = judge(reading, before, foreign=foreign, count=count)
        memory.measured[name] = after
        memory.set_timer(event.at + metering.max_age_ms + 1, "round")
    memory.round_wanted = True
    return []


def free_licences(memory: Memory, at: int) -> Mapping[str, int]:
    """Return {licence: how many may be given now}."""
    rules, held = memory.rules, memory.tally.licences
    free = memory.tally.free(rules.licences)
    for name in {*rules.metering, *memory.measured} & {*rules.licences}:
        free[name] = free_of(
            rules.licences[name], held[name], rules.metering.get(name, PLAIN),
            measured=memory.measured.get(name, NOTHING), at=at,
        )  # fmt: skip
    return free


def note(memory: Memory, name: str, at: int) -> str:
    """Return what else is to be said of licence *name*: foreign use, a silent probe."""
    metering = memory.rules.metering.get(name, PLAIN)
    known = memory.measured.get(name, NOTHING)
    told = []
    if known.short_until > at:
        told.append(f"a checkout was denied: none are given for {SHORT_MS // 1000} s")
    if metering.probe is not None:
        if known.foreign:
            told.append(f"{known.foreign} used outside Rota")
        if not known.is_known(metering, at):
            ago = (
                "yet"
                if known.asked_at is None
                else f"for {(at - known.asked_at) // 1000} s"
            )
            told.append(
                f"its probe said nothing {ago}, when_unknown: {metering.when_unknown}"
            )
        if known.trouble:
            told.append(f"its probe {known.trouble}")
    return "; ".join(told)


def run_short(memory: Memory, names: Iterable[str], *, at: int) -> None:
    """Give nothing of *names* for a while: a checkout of ours was denied."""
    for name in names:
        known = memory.measured.get(name, NOTHING)
        memory.measured[name] = Measured(
            known.asked_at, known.foreign, known.total, known.trouble, at + SHORT_MS
        )
    memory.set_timer(at + SHORT_MS, "round")


def _ours(allocs: Iterable[Alloc], name: str) -> Iterable[Ours]:
    for alloc in allocs:
        for licence, count in alloc.job.spec.request.licences:
            if licence == name:
                yield Ours(alloc.node, count, alloc.placed_at)
