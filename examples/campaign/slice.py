#!/usr/bin/env python3
"""List the slices of the example campaign: four for each month of each log.

python3 slice.py [--out out/slices.txt]

    KTH-SP2_1996-09-23_1996-10-01
    KTH-SP2_1996-10-01_1996-10-08
    …                                    one line, one task of the array
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from pathlib import Path

import swf

CUTS = (1, 8, 15, 22)
"""The days of a month on which a slice begins."""


def main(argv: Sequence[str] | None = None) -> int:
    """Write the list; return the exit code."""
    parser = argparse.ArgumentParser(description="List the slices of the logs.")
    parser.add_argument("--out", type=Path, help="write here (default: print)")
    options = parser.parse_args(argv)
    text = "".join(f"{one}\n" for one in all_slices())
    if options.out is None:
        print(text, end="")
    else:
        options.out.parent.mkdir(parents=True, exist_ok=True)
        options.out.write_text(text, encoding="utf-8")
        print(f"{len(text.splitlines())} slices → {options.out}")
    return 0


def all_slices() -> list[swf.Slice]:
    """Return the slices of all logs; together they hold each job once."""
    return [one for trace in swf.catalogue().values() for one in slices_of(trace)]


def slices_of(trace: swf.Trace) -> Iterator[swf.Slice]:
    """Yield the slices of *trace*, from its first day of submission to its last."""
    submits = [job.submit for job in swf.jobs_of(trace)]
    first, last = trace.day_of(submits[0]), trace.day_of(submits[-1])
    begin = first
    for day in _days(first + timedelta(days=1), last):
        if day.day in CUTS:
            yield swf.Slice(trace.name, begin, day)
            begin = day
    yield swf.Slice(trace.name, begin, last + timedelta(days=1))


def _days(first: date, last: date) -> Iterator[date]:
    while first <= last:
        yield first
        first += timedelta(days=1)


if __name__ == "__main__":
    raise SystemExit(main())
