"""``every``: at which instants a template makes a job.

    6h                         from its begin (or its submission) on: then, 6 h later, …
    0 3 * * * Europe/Berlin    when that clock shows 3:00, as cron and its summer time do

An hour that summer time leaves out is made up for at its end, one that comes twice counts
once: the rules of Debian's cron, which cronsim keeps.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from cronsim import CronSim, CronSimError

from rota.core.fields import Notes
from rota.core.units import parse_duration

PERIOD_MIN_MS = 1000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def next_after(every: str, at: int, *, anchor: int) -> int | None:
    """Return the first instant after *at*, and not before *anchor*; None: there is none.

    Shapes:
        at, anchor, returns: milliseconds since the epoch
    """
    if (period := period_of(every)) is not None:
        return anchor + max(0, (at - anchor) // period + 1) * period
    # A cron line is about whole minutes: one that is anchor itself counts.
    return _first(every, max(at, anchor - 1))


def latest_until(every: str, at: int, *, anchor: int) -> int | None:
    """Return the last instant up to *at* that is not before *anchor*, if there is one."""
    if at < anchor:
        return None
    if (period := period_of(every)) is not None:
        return anchor + (at - anchor) // period * period
    found = _first(every, at + 1, backwards=True)
    return found if found is not None and found >= anchor else None


def period_of(every: str) -> int | None:
    """Return the milliseconds between two instants of *every*, None for a cron line."""
    try:
        return parse_duration(every)
    except ValueError:
        return None


def check_every(found: Mapping[str, Any], notes: Notes) -> None:
    """Complain about a template that can make no job, or says what only one job can."""
    for key in ("after", "deadline", "key"):
        if key in found:
            notes.about(key, "cannot be of a template", f"leave {key} or every out")
    period = period_of(found["every"])
    if period is not None and period < PERIOD_MIN_MS:
        notes.about("every", "is less than a second", "give a longer time")
    if period is None:
        _check_cron(found["every"], notes)


def _check_cron(every: str, notes: Notes) -> None:
    line, _, zone = every.rpartition(" ")
    try:
        start = datetime(2024, 1, 1, tzinfo=ZoneInfo(zone))
        next(CronSim(line, start))
    except (ZoneInfoNotFoundError, OSError, ValueError):
        remedy = "write one such as Europe/Berlin, or UTC"
        notes.about("every", f"there is no time zone {zone}", remedy)
    except CronSimError as error:
        remedy = "write minute hour day month weekday, such as 0 3 * * *"
        notes.about("every", f"{line!r} is no cron line: {error}", remedy)
    except StopIteration:
        notes.about("every", f"{line!r} never comes", "such a date is in no year")


def _first(every: str, after: int, *, backwards: bool = False) -> int | None:
    line, _, zone = every.rpartition(" ")
    start = (_EPOCH + timedelta(milliseconds=after)).astimezone(ZoneInfo(zone))
    try:
        found = next(CronSim(line, start, reverse=backwards))
    except StopIteration:
        return None
    return (found - _EPOCH) // timedelta(milliseconds=1)
