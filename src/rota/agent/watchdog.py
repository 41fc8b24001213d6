"""Pure: what was measured of an attempt, and its limits → go on, warn, or stop.

    judge(limits, sample) ──▶ Verdict(stop=None, warn=False, look_ms=…)

It knows no clock and no process: ``shepherd`` measures, asks, and obeys.
"""

from __future__ import annotations

from typing import NamedTuple, Optional

from rota.core.reasons import Reason, reason
from rota.core.units import show_duration, show_size

RSS_LOOK_MS = 100
"""How often memory is measured when no cgroup does it."""


class Limits(NamedTuple):
    """What an attempt may use.

    Shapes:
        time_ms:  wall time;  warn_ms: so long before its end it is warned
        memory:   bytes to be watched here; 0: nobody asked, or the kernel watches
        lease_ms: without word from the server; None: for ever
    """

    time_ms: Optional[int]
    warn_ms: Optional[int]
    memory: int
    lease_ms: Optional[int]


class Sample(NamedTuple):
    """What was measured.

    Shapes:
        ran_ms:    since its start;  rss: bytes of the whole tree, None: not measured
        silent_ms: since the server was last heard of
        is_warned: it has been warned already
    """

    ran_ms: int
    rss: Optional[int]
    silent_ms: int
    is_warned: bool


class Verdict(NamedTuple):
    """Stop it (why), warn it, or go on; and when to look again, ms from now."""

    stop: Optional[Reason]
    warn: bool
    look_ms: Optional[int]


def judge(limits: Limits, sample: Sample) -> Verdict:
    """Return what is to be done with an attempt of which *sample* was measured."""
    why = _broken(limits, sample)
    if why is not None:
        return Verdict(why, False, None)
    warn_at = _warn_at(limits)
    warn = warn_at is not None and not sample.is_warned and sample.ran_ms >= warn_at
    looks = []
    if limits.time_ms is not None:
        looks.append(limits.time_ms - sample.ran_ms)
    if warn_at is not None and not sample.is_warned and not warn:
        looks.append(warn_at - sample.ran_ms)
    if limits.lease_ms is not None:
        looks.append(limits.lease_ms - sample.silent_ms)
    if limits.memory:
        looks.append(RSS_LOOK_MS)
    return Verdict(None, warn, min(looks) if looks else None)


def _broken(limits: Limits, sample: Sample) -> Optional[Reason]:
    if limits.time_ms is not None and sample.ran_ms >= limits.time_ms:
        return reason("time_limit", limit=show_duration(limits.time_ms))
    if limits.lease_ms is not None and sample.silent_ms >= limits.lease_ms:
        return reason("lease", length=show_duration(sample.silent_ms))
    if limits.memory and sample.rss is not None and sample.rss > limits.memory:
        return out_of_memory(sample.rss, limits.memory, "watchdog")
    return None


def out_of_memory(used: int, limit: int, seen_by: str) -> Reason:
    """Return the reason ``oom``; *seen_by* is who has the evidence: watchdog or kernel."""
    shown = reason("oom", used=show_size(used), limit=show_size(limit))
    evidence = {"used_bytes": used, "limit_bytes": limit, "seen_by": seen_by}
    return shown._replace(evidence=evidence)


def _warn_at(limits: Limits) -> Optional[int]:
    if limits.time_ms is None or limits.warn_ms is None:
        return None
    return max(0, limits.time_ms - limits.warn_ms)
