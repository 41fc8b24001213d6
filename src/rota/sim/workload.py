"""Traces: jobs as they once were submitted, read from Standard Workload Format.

    ; comment                                     fields, counted from 1:
    1 0 -1 1451 128 -1 -1 128 3600 -1 1 7 …       1 id, 2 submit, 4 run, 5 and 8 cores,
                                                  9 limit, 12 user

The replay rules decide what of it is replayed:
C1 cores are field 8 if > 0, else field 5.  Dropped are C2 submit < 0, C3 cores ≤ 0,
C4 cores more than the machine has, C5 run ≤ 0.  C6 the limit is field 9 if > 0, else the
run.  C7 a job is killed at its limit.  Order: (submit, id).
In traces that ``rota simulate --history`` made, the comment ``; Users: 0=ann 1=bob`` says
what the users are called.

Source of the format: Feitelson and others, Parallel Workloads Archive.
"""

from __future__ import annotations

import gzip
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from rota.core.errors import Complaint, Malformed

COMPLAINTS_MAX = 20


class TraceJob(NamedTuple):
    """One job of a trace; times are milliseconds, *since* counts from the trace's zero."""

    id: int
    since: int
    cores: int
    run_ms: int
    limit_ms: int
    user: str


@dataclass(slots=True)
class Trace:
    """The jobs to replay, sorted by (since, id), and what was left out and why.

    Shapes:
        header:  {name: text} of the comment lines ``; Name: text``
        dropped: {rule: how many jobs}
        broken:  lines that could not be read; only with ``skip_broken``
    """

    jobs: list[TraceJob]
    procs: int
    header: dict[str, str] = field(default_factory=dict)
    dropped: Counter[str] = field(default_factory=Counter)
    broken: list[Complaint] = field(default_factory=list)


def read_swf(path: Path, *, procs: int | None = None, skip_broken: bool = False) -> Trace:
    """Return the trace in file *path*, ``.gz`` understood.

    Args:
        procs: cores of the machine; None takes it from the header
        skip_broken: leave lines out that cannot be read instead of refusing the file

    Raises:
        Malformed: lines that cannot be read, each with its number; no header to tell the
            machine's size; nothing to replay.
    """
    opener = gzip.open if path.suffix == ".gz" else open
    try:
        with opener(path, "rt", encoding="utf-8", errors="replace") as lines:
            trace = parse_swf(lines, procs=procs, source=path.name)
    except (gzip.BadGzipFile, EOFError) as error:
        raise Malformed(f"{path}: not a whole gzip file: {error}") from error
    if trace.broken and not skip_broken:
        raise Malformed(complaints=trace.broken)
    return trace


def parse_swf(lines: Iterable[str], *, procs: int | None, source: str) -> Trace:
    """Return the trace that *lines* are; lines that cannot be read are in ``broken``."""
    trace = Trace([], procs or 0)
    read = list(_read(lines, trace, source))
    if not trace.procs:
        trace.procs = _machine_size(trace, source)
    trace.jobs = sorted(_replayed(read, trace), key=lambda job: (job.since, job.id))
    if not trace.jobs and not trace.broken:
        raise Malformed(f"{source}: no job to replay on {trace.procs} cores")
    return trace


def _read(lines: Iterable[str], trace: Trace, source: str) -> Iterator[list[int]]:
    seen: set[int] = set()
    for number, line in enumerate(lines, 1):
        words = line.split()
        if not words:
            continue
        if words[0].startswith(";"):
            name, colon, text = line.strip("; \t\r\n").partition(":")
            if colon:
                trace.header.setdefault(name.strip(), text.strip())
            continue
        problem = ""
        try:
            # Some logs write whole seconds as 12.0; fractions are cut off.
            row = [int(float(words[at])) for at in (0, 1, 3, 4, 7, 8, 11)]
        except IndexError:
            problem = f"{len(words)} fields instead of 18"
        except (ValueError, OverflowError):
            problem = f"not a number in {' '.join(words)[:40]!r}"
        else:
            if row[0] in seen:
                problem = f"job {row[0]} stands here a second time"
        if problem:
            _note(trace, Complaint("", problem, "", f"{source}:{number}"))
            continue
        seen.add(row[0])
        yield row


def _note(trace: Trace, complaint: Complaint) -> None:
    trace.dropped["broken"] += 1
    if len(trace.broken) < COMPLAINTS_MAX:
        trace.broken.append(complaint)


def _machine_size(trace: Trace, source: str) -> int:
    for name in ("MaxProcs", "MaxNodes"):
        words = trace.header.get(name, "").split()
        if words and words[0].isdecimal() and int(words[0]) > 0:
            return int(words[0])
    raise Malformed(
        complaints=[
            Complaint(
                "procs", f"{source} does not say how large the machine is", "--procs N"
            )
        ]
    )


def _replayed(rows: Iterable[list[int]], trace: Trace) -> Iterator[TraceJob]:
    names = _names(trace)
    for id_, submit, run, allocated, requested, limit, user in rows:
        cores = requested if requested > 0 else allocated
        rule = _dropped_by(submit=submit, cores=cores, run=run, procs=trace.procs)
        if rule:
            trace.dropped[rule] += 1
            continue
        limit = limit if limit > 0 else run
        yield TraceJob(
            id=id_,
            since=submit * 1000,
            cores=cores,
            run_ms=min(run, limit) * 1000,
            limit_ms=limit * 1000,
            user=names.get(user, str(user)),
        )


def _names(trace: Trace) -> dict[int, str]:
    """Return the names of users, where a trace of our own says them."""
    pairs = (word.partition("=") for word in trace.header.get("Users", "").split())
    return {int(number): name for number, _, name in pairs if name and number.isdecimal()}


def _dropped_by(*, submit: int, cores: int, run: int, procs: int) -> str:
    if submit < 0:
        return "C2"
    if cores <= 0:
        return "C3"
    if cores > procs:
        return "C4"
    return "C5" if run <= 0 else ""
