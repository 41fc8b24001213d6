"""The campaign's figures computed another way: naively, from the text of the logs.

Shares nothing with examples/campaign but the catalogue: fields are picked by SWF's own
numbers, days are found with ``datetime``, busy processors by counting second by second
where anything changes.
"""

import gzip
import hashlib
import json
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

TRACES = Path(__file__).resolve().parents[2] / "examples" / "traces"
CATALOGUE = json.loads((TRACES / "catalogue.json").read_text(encoding="utf-8"))

Row = dict[int, float]
"""One job: {SWF field number, from 1: value}."""


def digest(trace: str) -> str:
    """The sha256 of the log's text."""
    data = gzip.decompress((TRACES / CATALOGUE[trace]["file"]).read_bytes())
    return hashlib.sha256(data).hexdigest()


@cache
def rows(trace: str) -> list[Row]:
    """Every job of the log that counts, by the rules of examples/traces/README.md."""
    text = gzip.decompress((TRACES / CATALOGUE[trace]["file"]).read_bytes()).decode("latin")
    found = []
    for line in text.splitlines():
        if line.startswith(";"):
            continue
        row = {number: float(word) for number, word in enumerate(line.split(), start=1)}
        row[8] = row[8] if row[8] > 0 else row[5]
        row[9] = row[9] if row[9] > 0 else int(row[4])
        row[3] = max(row[3], 0)
        row[4] = int(row[4])
        if row[2] >= 0 and 0 < row[8] <= CATALOGUE[trace]["procs"] and row[4] > 0:
            found.append(row)
    return found


def day(trace: str, row: Row) -> str:
    """The machine's day, in its standard time, on which the job was submitted."""
    start = {"KTH-SP2": 843480031, "HPC2N": 1027839845}[trace]
    moment = datetime.fromtimestamp(start, UTC) + timedelta(seconds=row[2] + 3600)
    return moment.date().isoformat()


def second(trace: str, text: str) -> int:
    """The second of the log at which the day *text* begins."""
    start = {"KTH-SP2": 843480031, "HPC2N": 1027839845}[trace]
    local = datetime.fromisoformat(text).replace(tzinfo=UTC) - timedelta(hours=1)
    return int(local.timestamp()) - start


def own(trace: str, first: str, last: str) -> list[Row]:
    """The jobs submitted on the days from *first* up to, not including, *last*."""
    return [row for row in rows(trace) if first <= day(trace, row) < last]


def busy(trace: str, first: str, last: str) -> int:
    """Processor-seconds used in the slice: processors in use × seconds, step by step."""
    begin, end = second(trace, first), second(trace, last)
    changes: dict[int, int] = {begin: 0, end: 0}
    for row in rows(trace):
        start, stop = int(row[2] + row[3]), int(row[2] + row[3] + row[4])
        for at, procs in ((start, int(row[8])), (stop, -int(row[8]))):
            # What began earlier counts from the slice's first second on.
            changes[max(at, begin)] = changes.get(max(at, begin), 0) + procs
    total, used, before = 0, 0, begin
    for at in sorted(at for at in changes if at <= end):
        total += used * (at - before)
        used += changes[at]
        before = at
    return total


def slowdowns(jobs: list[Row]) -> list[float]:
    """Each job's slowdown, its run time counted as at least ten seconds."""
    found = []
    for row in jobs:
        ratio = (row[3] + row[4]) / (row[4] if row[4] > 10 else 10)
        found.append(ratio if ratio > 1 else 1.0)
    return found


def facts(trace: str, first: str, last: str) -> dict[str, Any]:
    """What a part must say of this slice."""
    jobs = own(trace, first, last)
    work: dict[int, int] = {}
    for row in jobs:
        work[int(row[12])] = work.get(int(row[12]), 0) + int(row[8] * row[4])
    return {
        "jobs": len(jobs),
        "wait_sum": sum(row[3] for row in jobs),
        "slowdown_sum": sum(slowdowns(jobs)),
        "users": work,
        "busy": busy(trace, first, last),
    }
