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

OUTPUT_LOOK_MS = 250
DISK_LOOK_MS = 1_000
STALL_LOOK_MS = 5_000

UNCUT = 4
"""So many times its limit although it was cut: it cannot be, and the job is stopped."""


class Limits(NamedTuple):
    """What an attempt may use.

    Shapes:
        time_ms:  wall time;  warn_ms: so long before its end it is warned
        memory:   bytes to be watched here; 0: nobody asked, or the kernel watches
        lease_ms: without word from the server; None: for ever
        stall_ms: without news of its progress;  output: bytes of each of its outputs
        disk:     bytes of its own folders
    """

    time_ms: Optional[int]
    warn_ms: Optional[int]
    memory: int
    lease_ms: Optional[int]
    stall_ms: Optional[int] = None
    output: Optional[int] = None
    disk: Optional[int] = None


class Sample(NamedTuple):
    """What was measured.

    Shapes:
        ran_ms:    since its start;  rss: bytes of the whole tree, None: not measured
        silent_ms: since the server was last heard of
        is_warned: it has been warned already
        still_ms:  since it last told other progress
        output:    bytes that its larger output takes on disk, after the cut
        disk:      bytes that its own folders take
    """

    ran_ms: int
    rss: Optional[int]
    silent_ms: int
    is_warned: bool
    still_ms: int = 0
    output: int = 0
    disk: int = 0


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
    if limits.stall_ms is not None:
        looks.append(min(limits.stall_ms - sample.still_ms, STALL_LOOK_MS))
    if limits.output is not None:
        looks.append(OUTPUT_LOOK_MS)
    if limits.disk is not None:
        looks.append(DISK_LOOK_MS)
    return Verdict(None, warn, min(looks) if looks else None)


def _broken(limits: Limits, sample: Sample) -> Optional[Reason]:
    if limits.time_ms is not None and sample.ran_ms >= limits.time_ms:
        return reason("time_limit", limit=show_duration(limits.time_ms))
    if limits.lease_ms is not None and sample.silent_ms >= limits.lease_ms:
        return reason("lease", length=show_duration(sample.silent_ms))
    if limits.memory and sample.rss is not None and sample.rss > limits.memory:
        return out_of_memory(sample.rss, limits.memory, "watchdog")
    if limits.stall_ms is not None and sample.still_ms >= limits.stall_ms:
        length, limit = show_duration(sample.still_ms), show_duration(limits.stall_ms)
        why = reason("stalled", length=length, limit=limit)
        return why._replace(
            evidence={"still_ms": sample.still_ms, "limit_ms": limits.stall_ms}
        )
    if limits.output is not None and sample.output > UNCUT * limits.output:
        return _too_large("output_limit", sample.output, limits.output)
    if limits.disk is not None and sample.disk > limits.disk:
        return _too_large("disk_limit", sample.disk, limits.disk)
    return None


def _too_large(code: str, size: int, limit: int) -> Reason:
    why = reason(code, size=show_size(size), limit=show_size(limit))
    return why._replace(evidence={"used_bytes": size, "limit_bytes": limit})


def out_of_memory(used: int, limit: int, seen_by: str) -> Reason:
    """Return the reason ``oom``; *seen_by* is who has the evidence: watchdog or kernel."""
    shown = reason("oom", used=show_size(used), limit=show_size(limit))
    evidence = {"used_bytes": used, "limit_bytes": limit, "seen_by": seen_by}
    return shown._replace(evidence=evidence)


def _warn_at(limits: Limits) -> Optional[int]:
    if limits.time_ms is None or limits.warn_ms is None:
        return None
    return max(0, limits.time_ms - limits.warn_ms)
