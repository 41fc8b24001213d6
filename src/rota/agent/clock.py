"""The clocks of a node, and which start of its kernel this is.

    wall_ms   what people read: reported, never measured with
    boot_ms   what durations are measured with: counts while the machine sleeps, and no
              administrator can set it (G21)

A boot time means something only together with ``boot_id``.
"""

from __future__ import annotations

import sys
import time


def wall_ms() -> int:
    """Return now, milliseconds since the epoch (UTC)."""
    return time.time_ns() // 1_000_000


def boot_ms() -> int:
    """Return milliseconds since this machine was started, sleep included."""
    return time.clock_gettime_ns(time.CLOCK_BOOTTIME) // 1_000_000


def boot_id() -> str:
    """Return the name of this start of the kernel; another one: nothing survived (G18)."""
    with open("/proc/sys/kernel/random/boot_id", encoding="ascii") as source:
        return source.read().strip()


def note(text: str) -> None:
    """Write *text* to the log, which is standard error."""
    stamp = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    try:
        print(f"{stamp} {text}", file=sys.stderr, flush=True)
    except OSError:
        # A full disk or a closed terminal must not stop what the note is about.
        return
