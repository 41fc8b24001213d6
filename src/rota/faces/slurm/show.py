"""How Slurm writes times, sizes and columns.

0:10  1:02:03  2-01:02:03       squeue        00:00:10  2-01:02:03   sacct, scontrol
2026-11-21T01:17:32             local time, without a zone
"""

from __future__ import annotations

import calendar
import time

from rota.faces.terminal import clean

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence


def instant(text: str | None) -> float | None:
    """Return the seconds since the epoch of an instant of the API."""
    if not text:
        return None
    whole = calendar.timegm(time.strptime(text[:19], "%Y-%m-%dT%H:%M:%S"))
    fraction = text[19:].rstrip("Z")
    return whole + (float("0" + fraction) if fraction else 0.0)


def moment(at: float | None, absent: str = "N/A") -> str:
    """Return *at* as local time."""
    if at is None:
        return absent
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.localtime(at))


def span(seconds: float | None, absent: str = "UNLIMITED") -> str:
    """Return how long, as squeue writes it: "0:10", "1:02:03", "2-01:02:03"."""
    if seconds is None:
        return absent
    minutes, second = divmod(int(seconds), 60)
    hours, minute = divmod(minutes, 60)
    days, hour = divmod(hours, 24)
    if days:
        return f"{days}-{hour:02d}:{minute:02d}:{second:02d}"
    if hour:
        return f"{hour}:{minute:02d}:{second:02d}"
    return f"{minute}:{second:02d}"


def clock(seconds: float | None, absent: str = "UNLIMITED") -> str:
    """Return how long, as sacct writes it: "00:00:10", "2-01:02:03"."""
    if seconds is None:
        return absent
    hours, rest = divmod(int(seconds), 3600)
    days, hour = divmod(hours, 24)
    shown = f"{hour:02d}:{rest // 60:02d}:{rest % 60:02d}"
    return f"{days}-{shown}" if days else shown


def megabytes(size: int) -> str:
    """Return an amount of memory: "50M", "4G"."""
    mebi = size >> 20
    if mebi and mebi % 1024 == 0:
        return f"{mebi >> 10}G"
    return f"{mebi}M"


def kilobytes(size: int | None) -> str:
    """Return what was used of memory: "10776K"."""
    return "" if size is None else f"{size >> 10}K"


def cell(text: str, width: int | None, *, right: bool = False) -> str:
    """Return *text*, harmless, cut and padded to *width*; None: as long as it is."""
    shown = clean(text)
    if width is None or width <= 0:
        return shown
    return shown[:width].rjust(width) if right else shown[:width].ljust(width)


def plus(text: str, width: int, *, left: bool = False) -> str:
    """Return *text* as sacct's columns have it: a + at the end of what was cut."""
    shown = clean(text)
    if len(shown) > width:
        shown = shown[: width - 1] + "+"
    return shown.ljust(width) if left else shown.rjust(width)


def listed(text: Sequence[str]) -> list[str]:
    """Return the parts of comma lists, given once or several times."""
    return [part.strip() for each in text for part in each.split(",") if part.strip()]
