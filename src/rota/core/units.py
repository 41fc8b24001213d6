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
from typing import Callable, Iterator

DISK = "disk"
"""The consumable that every node has: bytes of scratch space."""

SIZE_MAX = 1 << 60
"""No size that ``parse_size`` takes is larger: the digits before each unit are bounded."""

DURATION_MS_MAX = 250 * 366 * 86_400_000
"""No duration that ``parse_duration`` takes is longer; its digits are bounded too."""

# Both forms are valid in Python and in JSON Schema (ECMA 262) alike: the published schema
# and this parser must agree on every text.
_FRACTION = r"(?:\.[0-9]{1,9})?"
SIZE_FORM = "|".join(
    rf"[0-9]{{1,{digits}}}{fraction} ?{unit}"
    for digits, fraction, unit in (
        (18, "", "[Bb]"),
        (15, _FRACTION, "[Kk](?:[Ii]?[Bb])?"),
        (12, _FRACTION, "[Mm](?:[Ii]?[Bb])?"),
        (9, _FRACTION, "[Gg](?:[Ii]?[Bb])?"),
        (6, _FRACTION, "[Tt](?:[Ii]?[Bb])?"),
        (3, _FRACTION, "[Pp](?:[Ii]?[Bb])?"),
    )
)
_UNITS = (("w", 3), ("d", 4), ("h", 6), ("m", 7), ("s", 9), ("ms", 12))
_BY_CLOCK = (
    r"(?:[0-9]{1,4}-)?[0-9]{1,5}:[0-5][0-9]:[0-5][0-9]|[0-9]{1,4}-[0-9]{1,5}:[0-5][0-9]"
)
_BY_UNITS = "(?=[0-9])" + " ?".join(
    rf"(?:[0-9]{{1,{digits}}}{_FRACTION} ?{unit})?" for unit, digits in _UNITS
)
DURATION_FORM = f"{_BY_CLOCK}|{_BY_UNITS}"

_NUMBER = r"([0-9]+)(?:\.([0-9]+))? ?([A-Za-z]+)"
_FACTOR = {"B": 1, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30, "T": 1 << 40, "P": 1 << 50}
_UNIT_MS = {
    "ms": 1,
    "s": 1000,
    "m": 60_000,
    "h": 3_600_000,
    "d": 86_400_000,
    "w": 604_800_000,
}


def parse_size(text: str) -> int:
    """Return *text*, such as "10GB" or "512 MiB", in bytes, parts of a byte cut off.

    Raises:
        ValueError: with a sentence that says what is allowed.
    """
    text = text.strip()
    if not re.fullmatch(SIZE_FORM, text):
        raise ValueError(wrong_size(text))
    return next(_numbers(text, lambda unit: _FACTOR[unit[0].upper()]))


def parse_duration(text: str) -> int:
    """Return *text*, such as "90s", "1h30m", "00:10:00" or "1-12:00", in milliseconds.

    Raises:
        ValueError: with a sentence that says what is allowed.
    """
    text = text.strip()
    if not re.fullmatch(DURATION_FORM, text):
        raise ValueError(wrong_duration(text))
    if ":" not in text:
        return sum(_numbers(text, _UNIT_MS.__getitem__))
    days, _, clock = text.rpartition("-")
    hours, minutes, seconds = [*map(int, clock.split(":")), 0][:3]
    return ((int(days or 0) * 24 + hours) * 3600 + minutes * 60 + seconds) * 1000


def wrong_size(text: str) -> str:
    """Return the sentence that says why *text* is not a size."""
    return _wrong(text, "a size such as 512MB, 10GB or 1.5TB", "GB")


def wrong_duration(text: str) -> str:
    """Return the sentence that says why *text* is not a duration."""
    shown = text[:40]
    if re.fullmatch(r"[0-9]{1,5}:[0-5][0-9]", shown):
        return f"{shown} may mean hours or minutes; write {shown}:00 or 00:{shown}"
    return _wrong(
        text, "a duration such as 90s, 15m, 1h30m, 2d, 00:10:00 or 1-12:00:00", "m"
    )


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
    if millis < 59_950:
        return f"{millis / 1000:.1f}".rstrip("0").rstrip(".") + "s"
    seconds = (millis + 500) // 1000
    if seconds < 3600:
        return f"{seconds // 60}m{seconds % 60:02d}s"
    if seconds < 86_400:
        return f"{seconds // 3600}h{seconds // 60 % 60:02d}m"
    return f"{seconds // 86_400}d{seconds // 3600 % 24:02d}h"


def _numbers(text: str, factor: Callable[[str], int]) -> Iterator[int]:
    """Return each number of *text* times what *factor* gives for its unit, exactly."""
    for whole, fraction, unit in re.findall(_NUMBER, text):
        one = factor(unit)
        rest = int(fraction) * one // 10 ** len(fraction) if fraction else 0
        yield int(whole) * one + rest


def _wrong(text: str, allowed: str, unit: str) -> str:
    shown = text if len(text) <= 40 else text[:40] + "…"
    if re.fullmatch(r"[0-9]+(\.[0-9]+)?", shown):
        return f"{shown} has no unit; write for example {shown}{unit}"
    if re.fullmatch(r"-[0-9.]+ ?[A-Za-z]*", shown):
        return f"{shown} is negative; write {allowed}"
    if re.match(r"[0-9]{4}", shown) and re.fullmatch(r"[0-9.]+ ?[A-Za-z]{1,3}…?", shown):
        return f"{shown} is more than Rota counts to, or has a unit it does not know; " + (
            f"write {allowed}"
        )
    return f"{shown if shown and shown.isprintable() else repr(shown)} is not {allowed}"


def show_amount(name: str, amount: int) -> str:
    """Return an amount of a consumable for people: "5 tape", "20 GiB disk"."""
    return f"{show_count(name, amount)} {name}"


def show_count(name: str, amount: int) -> str:
    """Return how much of a consumable that is: "5", or of disk "20 GiB"."""
    return show_size(amount) if name == DISK else str(amount)
