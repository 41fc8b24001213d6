"""Moments and lengths of time as people read them; the only clock of the faces.

"2026-03-01T10:00:00.000Z" ──→ "10:00:00" today, "Mar 01 10:00" otherwise
a running job's started_at ──→ "12m05s" until now
"""

from __future__ import annotations

import time
from datetime import UTC, datetime

from rota.core.units import show_duration


def now_ms() -> int:
    """Return the time, milliseconds since the epoch."""
    return int(time.time() * 1000)


def ms_of(text: str | None) -> int | None:
    """Return the instant that *text*, ISO 8601, names, in milliseconds since the epoch."""
    if not text:
        return None
    return int(datetime.fromisoformat(text).timestamp() * 1000)


def local(text: str | None) -> str:
    """Return *text*, ISO 8601 in UTC, as local date and time: "2026-03-01 11:00:00"."""
    if not text:
        return "-"
    return f"{datetime.fromisoformat(text).astimezone():%Y-%m-%d %H:%M:%S}"


def instant_of(text: str) -> str:
    """Return "now+2h", or a date and time, in this zone where it names none, as UTC.

    Raises:
        ValueError: there is no such time.
    """
    from rota.formats.native.when import parse_begin, parse_moment

    if text.startswith("now"):
        return utc(parse_begin(text, at=now_ms(), utc_offset_ms=None) or 0)
    return utc(round(parse_moment(text).astimezone(UTC).timestamp() * 1000))


def utc(millis: int) -> str:
    """Return *millis* since the epoch as ISO 8601."""
    moment = datetime.fromtimestamp(millis / 1000, UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def lasted(started: str | None, ended: str | None, *, now: int) -> str:
    """Return for how long it ran, up to *now* if it still does; "" before it began."""
    start = ms_of(started)
    if start is None:
        return ""
    end = ms_of(ended)
    return show_duration(max(0, (now if end is None else end) - start))


def seconds(value: float | None) -> str:
    """Return a number of seconds for people; "" for None."""
    return "" if value is None else show_duration(int(value * 1000))
