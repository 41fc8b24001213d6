"""What is done about a failure before a task is tried again, and what was learned of it.

    retries: {oom: {times: 2, memory: x2, cap: 64GB, elsewhere: true}}
         │
         ├──▶ JobSpec.retries   {"oom": 2}                      how often
         └──▶ JobSpec.remedies  {"oom": Remedy(memory=200, …)}  what changes each time

Lessons are kept with the budgets of a task, in one mapping of names to whole numbers:

    "oom": 2       failed twice for that       "memory%": 400   asks for 4 times the memory
    "oom@n1": 1    once of these on node n1    "time%": 150     … and half as much time more
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import NamedTuple

from rota.core.resources import Request
from rota.core.units import show_duration, show_size

WHOLE = 100
SCALE_MAX = 1_000_000
"""Per cent: nothing grows to more than ten thousand times what was asked for."""


class Remedy(NamedTuple):
    """What changes when a task is tried again for one cause.

    Shapes:
        memory, time: per cent of what the attempt before had; 100 changes nothing
        memory_max:   bytes;  time_max_ms: milliseconds; None: no bound of its own
        elsewhere:    not on a node where it failed for this cause, if there is another
        delay_ms:     before the first retry, doubling; None: as ``retry_delay`` says
    """

    memory: int = WHOLE
    memory_max: int | None = None
    time: int = WHOLE
    time_max_ms: int | None = None
    elsewhere: bool = False
    delay_ms: int | None = None


NOTHING = Remedy()

Lessons = Mapping[str, int]


def percent(factor: object) -> int:
    """Return 150 for "x1.5", and 100 for what is none."""
    try:
        return round(float(str(factor).removeprefix("x")) * WHOLE)
    except ValueError:
        # Not given, or complained about already.
        return WHOLE


def failures_of(lessons: Lessons) -> dict[str, int]:
    """Return {cause: how often} of *lessons*, without what is told of nodes and needs."""
    return {
        name: count
        for name, count in lessons.items()
        if "@" not in name and "%" not in name
    }


def nodes_of(lessons: Lessons, cause: str) -> list[str]:
    """Return the nodes where it failed for *cause*."""
    begins = cause + "@"
    return [name[len(begins) :] for name in lessons if name.startswith(begins)]


def noted(lessons: Lessons, cause: str, node: str) -> dict[str, int]:
    """Return *lessons* with one more failure for *cause*, on *node*."""
    at = f"{cause}@{node}"
    return {
        **lessons,
        cause: lessons.get(cause, 0) + 1,
        at: lessons.get(at, 0) + 1,
    }


def treated(lessons: Lessons, remedy: Remedy, request: Request) -> dict[str, int]:
    """Return *lessons* after *remedy* for a task whose job asks for *request*."""
    found = dict(lessons)
    bounds = (
        ("memory%", remedy.memory, request.memory, remedy.memory_max),
        ("time%", remedy.time, request.time_ms, remedy.time_max_ms),
    )
    for name, factor, asked, most in bounds:
        if factor == WHOLE or not asked:
            continue
        scale = min(found.get(name, WHOLE) * factor // WHOLE, SCALE_MAX)
        if most is not None:
            # Never less than what was asked: a cap below that changes nothing.
            scale = max(WHOLE, min(scale, most * WHOLE // asked))
        found[name] = scale
    return found


def asked_with(lessons: Lessons, request: Request, avoid: tuple[str, ...]) -> Request:
    """Return *request* as *lessons* have it now; *avoid* are labels it keeps away from."""
    memory, time = lessons.get("memory%", WHOLE), lessons.get("time%", WHOLE)
    if memory == WHOLE and time == WHOLE and not avoid:
        return request
    limit = request.time_ms
    return replace(
        request,
        memory=request.memory * memory // WHOLE,
        time_ms=None if limit is None else limit * time // WHOLE,
        not_group=(*request.not_group, *avoid),
    )


def changes(before: Request, after: Request) -> Iterator[str]:
    """Yield "memory 1 GiB → 2 GiB" and the like: what *after* asks for otherwise."""
    if before.memory != after.memory:
        yield f"memory {show_size(before.memory)} → {show_size(after.memory)}"
    if before.time_ms != after.time_ms and before.time_ms and after.time_ms:
        yield f"time {show_duration(before.time_ms)} → {show_duration(after.time_ms)}"
    shunned = [label for label in after.not_group if label not in before.not_group]
    if shunned:
        yield "not on " + ", ".join(label.removeprefix("@") for label in shunned)
