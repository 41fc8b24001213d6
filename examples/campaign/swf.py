"""Read workload logs in the Standard Workload Format, and cut them into slices.

    ; UnixStartTime: 843480031                     header: when second 0 of the log was
    15 599850 192180 3477 4 -1 -1 4 53940 …        one job a line, sorted by submit time
     │    │      │     │  │       │   ╰─ 9 requested time, s
     │    │      │     │  ╰─ 5 …  ╰─ 8 requested processors
     ╰─ 1 number ╰─ 3  ╰─ 4 run time, s
          ╰─ 2 submit, s   wait, s

A *slice* is a stretch of days of one log and is named by what it is, such as
``KTH-SP2_1996-10-08_1996-10-15``.  Days are those of the machine's own (standard) time.
Which jobs count is told in examples/traces/README.md.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any, NamedTuple

TRACES = Path(__file__).resolve().parent.parent / "traces"


class Job(NamedTuple):
    """One job of a log; times are seconds, ``submit`` counts from the log's second 0."""

    number: int
    submit: int
    wait: int
    run: int
    procs: int
    requested: int
    user: int

    @property
    def start(self) -> int:
        """When it began."""
        return self.submit + self.wait

    @property
    def end(self) -> int:
        """When it was over."""
        return self.submit + self.wait + self.run


@dataclass(frozen=True)
class Trace:
    """A log that the catalogue knows.

    Shapes:
        procs:  processors of the machine
        epoch:  the log's second 0, in seconds since 1970 (UTC)
        zone_s: seconds by which the machine's standard time is ahead of UTC
        facts:  its row in the catalogue
    """

    name: str
    path: Path
    procs: int
    epoch: int
    zone_s: int
    facts: dict[str, Any]

    def day_of(self, second: int) -> date:
        """Return the machine's day at *second* of the log."""
        return self.moment_of(second).date()

    def moment_of(self, second: int) -> datetime:
        """Return the machine's date and time at *second* of the log."""
        zone = timezone(timedelta(seconds=self.zone_s))
        return datetime.fromtimestamp(self.epoch + second, zone)

    def second_of(self, day: date) -> int:
        """Return the second of the log at which *day* begins."""
        midnight = datetime(day.year, day.month, day.day, tzinfo=UTC)
        return int(midnight.timestamp()) - self.zone_s - self.epoch


@dataclass(frozen=True)
class Slice:
    """The days from *first* up to, not including, *last* of the log *trace*."""

    trace: str
    first: date
    last: date

    def __str__(self) -> str:
        return f"{self.trace}_{self.first}_{self.last}"


def catalogue(folder: Path = TRACES) -> dict[str, Trace]:
    """Return the logs in *folder*, by name."""
    rows = json.loads((folder / "catalogue.json").read_text(encoding="utf-8"))
    return {
        name: _open(name, folder / row["file"], facts=row) for name, row in rows.items()
    }


def parse_slice(text: str) -> Slice:
    """Return the slice that *text*, such as KTH-SP2_1996-10-08_1996-10-15, names.

    Raises:
        ValueError: with a sentence that says what is wrong.
    """
    trace, _, days = text.strip().partition("_")
    first, _, last = days.partition("_")
    try:
        found = Slice(trace, date.fromisoformat(first), date.fromisoformat(last))
    except ValueError as error:
        raise ValueError(
            f"{text!r} is not a slice such as KTH-SP2_1996-10-08_1996-10-15: {error}"
        ) from error
    if found.last <= found.first:
        raise ValueError(f"{text!r} ends before it begins")
    return found


def jobs_of(trace: Trace, *, alive: tuple[int, int] | None = None) -> Iterator[Job]:
    """Yield the jobs of *trace* that count.

    alive: only those submitted before its second end and over after its first, seconds.
    """
    begin, end = alive or (None, None)
    with gzip.open(trace.path, "rb") as lines:
        for line in lines:
            if line[:1] == b";":
                continue
            fields = line.split()
            submit = int(fields[1])
            if end is not None and submit >= end:
                return  # the logs are sorted by submit time
            wait, run = max(0, int(fields[2])), int(float(fields[3]))
            if begin is not None and submit + wait + run <= begin:
                continue
            job = _job(fields, wait, run)
            if submit >= 0 and run > 0 and 0 < job.procs <= trace.procs:
                yield job


def _job(fields: list[bytes], wait: int, run: int) -> Job:
    procs, requested = int(fields[7]), int(fields[8])
    return Job(
        int(fields[0]),
        int(fields[1]),
        wait,  # 0 where the log says −1, unknown: one job of HPC2N
        run,
        procs if procs > 0 else int(fields[4]),
        requested if requested > 0 else run,
        int(fields[11]),
    )


def _open(name: str, path: Path, *, facts: dict[str, Any]) -> Trace:
    header: dict[str, str] = {}
    with gzip.open(path, "rt", encoding="ascii", errors="replace") as lines:
        for line in lines:
            if not line.startswith(";"):
                break
            key, colon, value = line.lstrip("; ").partition(":")
            if colon:
                header.setdefault(key.strip(), value.strip())
    return Trace(
        name=name,
        path=path,
        procs=facts["procs"],
        epoch=int(header["UnixStartTime"]),
        zone_s=int(header["TimeZone"]),
        facts=facts,
    )
