"""When a job may start: begin times, and the jobs it waits for.

begin: 2026-05-01T18:00+02:00 | 2026-05-01T16:00Z | 2026-05-01 | now+2h | none
after: ok:12  any:12  notok:12  start:12  12 (= ok:12)  ok:12[*]  ok:12[7]  ok:prepare
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta, timezone

from rota.core.fields import Notes
from rota.core.job import After, JobSpec
from rota.core.units import parse_duration

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_ITEM = re.compile(r"(?:(ok|any|notok|start):)?([^\[\]]+?)(?:\[(\*|[0-9]+)\])?")


class Elsewhere(ValueError):
    """A time without a zone, and nobody said which zone is meant."""


def parse_begin(text: str, *, at: int | None, utc_offset_ms: int | None) -> int | None:
    """Return the instant that *text* names, milliseconds since the epoch; None for "none".

    Args:
        at: now, for "now+2h".
        utc_offset_ms: of the zone that a time without one is meant in, east positive.

    Raises:
        Elsewhere: there is no zone in *text* and none was given.
        ValueError: there is no such time.
    """
    if text == "none":
        return None
    if text.startswith("now"):
        if at is None:
            raise Elsewhere(f"{text} needs to know what time it is")
        delay = text[3:].replace("+", "").strip()
        return at + (parse_duration(delay) if delay else 0)
    moment = parse_moment(text)
    if moment.tzinfo is None:
        if utc_offset_ms is None:
            raise Elsewhere(f"{text} has no zone")
        moment = moment.replace(tzinfo=timezone(timedelta(milliseconds=utc_offset_ms)))
    return (moment - _EPOCH) // timedelta(milliseconds=1)


def parse_moment(text: str) -> datetime:
    """Return the date and time that *text* writes, with its zone if it has one.

    Raises:
        ValueError: there is no such time.
    """
    try:
        return datetime.fromisoformat(re.sub(r" (?=Z$)", "", text))
    except (ValueError, OverflowError) as error:
        raise ValueError(f"{text} is no time there is: {error}") from None


def begin_of(
    text: str, *, key: str = "begin", at: int | None, utc_offset_ms: int | None,
    notes: Notes,
) -> int | None:  # fmt: skip
    """Return what ``parse_begin`` returns; what is wrong with *key* goes to *notes*."""
    try:
        return parse_begin(text, at=at, utc_offset_ms=utc_offset_ms)
    except Elsewhere as error:
        clock = "" if ":" in text else "T00:00"
        notes.about(key, str(error), f"write {text}{clock}Z, or {text}{clock}+02:00")
    except (ValueError, OverflowError) as error:
        notes.about(key, str(error))
    return None


def check_deadline(spec: JobSpec, *, at: int | None, notes: Notes) -> None:
    """Complain about a deadline that is over, or nearer than the time limit."""
    latest_at = spec.latest_at
    begins_at = max(at or 0, spec.begin_at or 0)
    if latest_at is not None and latest_at < begins_at:
        problem = "is over, or nearer than its time limit"
        notes.about("deadline", problem, "give a later one, or a shorter time")


def after_of(
    items: Iterable[str | int], *, names: Mapping[str, int], notes: Notes
) -> tuple[After, ...]:
    """Return the dependencies that *items* name, each once, in order.

    Args:
        names: {name of a job of the same batch: its place}: −1 is the first job, −2 the
            second; 0 says that several have this name.
    """
    found: dict[After, None] = {}
    for item in items:
        for part in str(item).split(","):
            match = _ITEM.fullmatch(part.strip())
            assert match, f"{part!r} went through the table's form"
            job, which = _job(match[2], names, notes), match[3]
            task = None if which in (None, "*") else int(which)
            if job:
                found[After(match[1] or "ok", job, which == "*", task)] = None
    return tuple(found)


def _job(text: str, names: Mapping[str, int], notes: Notes) -> int:
    if text.isascii() and text.isdigit():
        return int(text)
    job = names.get(text)
    if job is None:
        known = f"its jobs are {', '.join(list(names)[:5])}" if names else "give its number"
        notes.about("after", f"no job of this submission is named {text!r}", known)
    elif job == 0:
        notes.about("after", f"several jobs of this submission are named {text!r}")
    return job or 0
