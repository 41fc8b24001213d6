"""The smallest changes that would let a job start now, each proved by a round.

    cores 8 → 6 · memory 64 GiB → 40 GiB · time 2h → 45m · n 4 → 3 · without group gen5

Candidates are guesses; what is returned has been started by ``round.plan`` in a snapshot
that differs in nothing but the job's own request.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from rota.core.resources import Mode, Request
from rota.core.units import show_duration, show_size
from rota.sched.problem import Line, Snapshot
from rota.sched.round import plan

MIB = 1 << 20
SECOND_MS = 1000


@dataclass(frozen=True, slots=True)
class Edit:
    """A change of keys of the job file that would let it start now.

    Shapes:
        set:  {key: value}, as ``rota edit`` takes them
        text: "cores 8 → 6"
    """

    set: dict[str, Any]
    text: str


def edits(snapshot: Snapshot, line: Line) -> list[Edit]:
    """Return edits, each of which alone lets the job in *line* start now.

    Only when none does, one that asks for less of two things is looked for.

    Args:
        snapshot: without that job
    """
    trial = _Trial(snapshot, line)
    tried = (_fewer_cores, _less_memory, _fewer_gpus, _fewer_nodes, _shorter)
    found = [edit for less in tried if (edit := less(trial))]
    found += [edit for edit, request in _wider(line.request) if trial.starts(request)]
    found += _queues(trial)
    return found or _two_at_once(trial)


class _Trial:
    """Asks the round whether the job would start if it asked for something else."""

    def __init__(self, snapshot: Snapshot, line: Line) -> None:
        self.snapshot, self.line = snapshot, line
        self.request = line.request

    def starts(self, request: Request, *, queue: str | None = None) -> bool:
        """Say whether it would start now with *request*, in *queue*."""
        line = replace(self.line, request=request, queue=queue or self.line.queue)
        job = line.jobs[0].job
        decided = plan(replace(self.snapshot, lines=[*self.snapshot.lines, line]))
        return any(start.job == job for start in decided.starts)

    def largest(self, values: Sequence[int], make: Callable[[int], Request]) -> int | None:
        """Return the largest of the rising *values* with which it starts, by halving."""
        low, high = 0, len(values)
        while low < high:
            middle = (low + high) // 2
            if self.starts(make(values[middle])):
                low = middle + 1
            else:
                high = middle
        return values[low - 1] if low else None


def _fewer_cores(trial: _Trial) -> Edit | None:
    request = trial.request
    if request.mode is Mode.BY_NODE:
        asked = request.cores_per_node
        counts = range(1, asked)
        best = trial.largest(counts, lambda k: replace(request, cores_per_node=k))
        told = f"cores_per_node {asked} → {best}"
        return None if best is None else Edit({"cores_per_node": best}, told)
    counts = range(request.threads, request.cores, request.threads)
    best = trial.largest(counts, lambda k: replace(request, cores=k))
    return (
        None if best is None else Edit({"cores": best}, f"cores {request.cores} → {best}")
    )


def _less_memory(trial: _Trial) -> Edit | None:
    request = trial.request
    free = {view.memory // MIB * MIB for view in trial.snapshot.nodes}
    sizes = sorted(size for size in free if 0 < size < request.memory)
    best = trial.largest(sizes, lambda size: replace(request, memory=size))
    if best is None:
        return None
    told = f"memory {show_size(request.memory)} → {show_size(best)}"
    return Edit({"memory": f"{best // MIB}MiB"}, told)


def _fewer_gpus(trial: _Trial) -> Edit | None:
    asked = trial.request.gpus
    best = trial.largest(range(asked), lambda k: replace(trial.request, gpus=k))
    return None if best is None else Edit({"gpus": best}, f"gpus {asked} → {best}")


def _fewer_nodes(trial: _Trial) -> Edit | None:
    asked = trial.request.n if trial.request.mode is Mode.BY_NODE else 1
    best = trial.largest(range(1, asked), lambda n: replace(trial.request, n=n))
    return None if best is None else Edit({"n": best}, f"n {asked} → {best}")


def _shorter(trial: _Trial) -> Edit | None:
    """Short enough to be over before somebody's promised start, or a window."""
    request, at = trial.request, trial.snapshot.at
    decided = plan(replace(trial.snapshot, lines=[*trial.snapshot.lines, trial.line]))
    limits = {promise.at - at for promise in decided.promises if promise.at is not None}
    limits |= {window.start - at for window in trial.snapshot.windows}
    asked = request.time_ms
    whole = {limit // SECOND_MS * SECOND_MS for limit in limits if limit >= SECOND_MS}
    lengths = sorted(limit for limit in whole if asked is None or limit < asked)
    best = trial.largest(lengths, lambda limit: replace(request, time_ms=limit))
    if best is None:
        return None
    now = "none" if asked is None else show_duration(asked)
    return Edit({"time": f"{best // SECOND_MS}s"}, f"time {now} → {show_duration(best)}")


def _wider(request: Request) -> Iterator[tuple[Edit, Request]]:
    """Yield the request without one of the conditions that say where it may run."""
    if request.group and request.mode is not Mode.BY_GROUP:
        told = f"without group {', '.join(request.group)}"
        yield Edit({"group": []}, told), replace(request, group=())
    if request.not_group:
        told = f"without not_group {', '.join(request.not_group)}"
        yield Edit({"not_group": []}, told), replace(request, not_group=())
    for text in request.require:
        left = tuple(one for one in request.require if one != text)
        told = f"without require {text}"
        yield Edit({"require": list(left)}, told), replace(request, require=left)
    if request.mode is Mode.BY_HOST:
        any_host = replace(request, mode=Mode.BY_CORE_1)
        yield Edit({"mode": "bycore1"}, f"any node, not {request.host}"), any_host
    if request.exclusive:
        told = "without exclusive"
        yield Edit({"exclusive": False}, told), replace(request, exclusive=False)


def _queues(trial: _Trial) -> list[Edit]:
    others = sorted(set(trial.snapshot.queues) - {trial.line.queue})
    return [
        Edit({"queue": name}, f"queue {trial.line.queue} → {name}")
        for name in others
        if trial.starts(trial.request, queue=name)
    ]


def _two_at_once(trial: _Trial) -> list[Edit]:
    """Ask for what the emptiest node has left, of cores and of memory."""
    request = trial.request
    views = [view for view in trial.snapshot.nodes if view.closed is None and view.cores]
    if request.mode is not Mode.BY_CORE_1 or not views:
        return []
    best = max(views, key=lambda view: (min(len(view.cores), request.cores), view.memory))
    cores = min(request.cores, len(best.cores)) // request.threads * request.threads
    memory = min(request.memory, best.memory // MIB * MIB)
    both = replace(request, cores=cores, memory=memory)
    if not cores or not memory or not trial.starts(both):
        return []
    told = f"cores {request.cores} → {cores} and memory {show_size(memory)}"
    return [Edit({"cores": cores, "memory": f"{memory // MIB}MiB"}, told)]
