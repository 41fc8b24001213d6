"""Sizes, durations and counts: parsed, printed, never guessed.

A number without a unit is refused (promise 9): ``memory: 10`` has cost people days in
every one of the five systems.  Inside Rota a size is an integer of bytes and a duration
an integer of milliseconds.

    "10GB" = "10G" = "10 GiB" = 10 × 1024³ bytes     as every batch system reads them
    "90s"  "15m"  "1h30m"  "2d"  "250ms"             units written out
    "00:10:00"  "1-12:00:00"  "1-12:00"              HH:MM:SS, D-HH:MM:SS, D-HH:MM
"""

from __future__ import annotations

import re
from typing import Optional

SIZE_MAX = 1 << 60
DURATION_MS_MAX = 100 * 366 * 86_400_000

_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*([KMGTP])(?:i?B)?|(\d+)\s*B", re.IGNORECASE)
_FACTOR = {"K": 1 << 10, "M": 1 << 20, "G": 1 << 30, "T": 1 << 40, "P": 1 << 50}
_PART = re.compile(r"(\d+(?:\.\d+)?)\s*(ms|s|m|h|d|w)")
_PART_MS = {
    "ms": 1,
    "s": 1000,
    "m": 60_000,
    "h": 3_600_000,
    "d": 86_400_000,
    "w": 604_800_000,
}
_CLOCK = re.compile(r"(?:(\d+)-)?(\d+):([0-5]\d)(?::([0-5]\d))?")


def parse_size(text: str) -> int:
    """Return *text*, such as "10GB" or "512 MiB", in bytes.

    Raises:
        ValueError: with a sentence that says what is allowed.
    """
    found = _SIZE.fullmatch(text.strip())
    if not found:
        raise ValueError(_no_unit(text, "a size such as 512MB, 10GB or 1.5TB", "GB"))
    if found[3]:
        size = int(found[3])
    else:
        size = int(float(found[1]) * _FACTOR[found[2].upper()])
    if size > SIZE_MAX:
        raise ValueError(f"{text!r} is more than any machine has")
    return size


def parse_duration(text: str) -> int:
    """Return *text*, such as "90s", "1h30m", "00:10:00" or "1-12:00", in milliseconds.

    Raises:
        ValueError: with a sentence that says what is allowed.
    """
    text = text.strip()
    millis = _by_clock(text)
    if millis is None:
        millis = _by_units(text)
    if millis is None:
        raise ValueError(
            _no_unit(
                text, "a duration such as 90s, 15m, 1h30m, 2d, 00:10:00 or 1-12:00:00", "m"
            )
        )
    if millis > DURATION_MS_MAX:
        raise ValueError(f"{text!r} is longer than a hundred years")
    return millis


def show_size(size: int) -> str:
    """Return *size*, bytes, for people: "10 GiB", "1.5 MiB", "0 B"."""
    if size < 1024:
        return f"{size} B"
    value, unit = float(size), "B"
    for unit in ("KiB", "MiB", "GiB", "TiB", "PiB"):  # noqa: B007 - the last one is used below
        value /= 1024
        if value < 1023.95:
            break
    return f"{value:.1f}".rstrip("0").rstrip(".") + f" {unit}"


def show_duration(millis: int) -> str:
    """Return *millis* for people, two units at most: "250ms", "1.2s", "3m05s", "1d02h"."""
    if millis < 1000:
        return f"{millis}ms"
    if millis < 60_000:
        return f"{millis / 1000:.1f}".rstrip("0").rstrip(".") + "s"
    seconds = millis // 1000
    if seconds < 3600:
        return f"{seconds // 60}m{seconds % 60:02d}s"
    if seconds < 86_400:
        return f"{seconds // 3600}h{seconds // 60 % 60:02d}m"
    return f"{seconds // 86_400}d{seconds // 3600 % 24:02d}h"


def _by_clock(text: str) -> Optional[int]:
    found = _CLOCK.fullmatch(text)
    if not found:
        return None
    days, first, second, third = found.groups()
    if third is None and days is None:
        return None  # "10:00" may mean ten hours or ten minutes: ask, do not guess
    seconds = int(third or 0)
    return ((int(days or 0) * 24 + int(first)) * 3600 + int(second) * 60 + seconds) * 1000


def _by_units(text: str) -> Optional[int]:
    total, end = 0.0, 0
    for part in _PART.finditer(text):
        if text[end : part.start()].strip():
            return None
        total += float(part[1]) * _PART_MS[part[2]]
        end = part.end()
    return int(total) if end and not text[end:].strip() else None


def _no_unit(text: str, allowed: str, unit: str) -> str:
    shown = text if len(text) <= 40 else text[:40] + "…"
    if re.fullmatch(r"[\d.]+", shown):
        return f"{shown} has no unit; write for example {shown}{unit}"
    if re.fullmatch(r"\d+:\d\d", shown):
        return f"{shown} may mean hours or minutes; write {shown}:00 or 00:{shown}"
    return f"{shown!r} is not {allowed}"
