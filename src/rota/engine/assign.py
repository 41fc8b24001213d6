"""Rounds: a snapshot is taken, planned, proved sane, and applied.

    Start(job, grants)  →  Alloc  →  its first tasks, one strip, in one ``Run``

How long a strip may be is learned from the job's own tasks: short tasks travel many at a
time, so that a node never waits for us between two of them; a strip stays short enough
(``Settings.strip_ms``) that nobody else waits long for the cores.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import overload

from rota.core.lifecycle import Move, State
from rota.core.resources import Request
from rota.engine.events import Effect, Run
from rota.engine.gate import relist
from rota.engine.live import Alloc, Job, Task
from rota.engine.meter import free_licences
from rota.engine.pilots import END_MS
from rota.engine.preempts import (
    budgets,
    expected_here,
    make_room,
    may_be_stopped,
    since_of,
    way_of,
)
from rota.engine.state import Memory
from rota.engine.suspend import is_wanted
from rota.sched.problem import Running, Snapshot, Start, Window
from rota.sched.releases import UNBOUNDED, Release
from rota.sched.reservations import settled
from rota.sched.round import keep, plan
from rota.sched.rules import MINUTE_MS
from rota.sched.space import Take

NEVER_MS = 1 << 60
MEASURED_MIN = 3
"""So many tasks of a job must have ended before its strips grow."""


def run_round(memory: Memory, at: int) -> list[Effect]:
    """Place what can be placed now; what cannot gets its reason."""
    memory.round_wanted = False
    if memory.jobs:
        memory.tally.learned.overtaken.forget(next(iter(memory.jobs)))
    decided = plan(snapshot_of(memory, at))
    memory.promised = keep(decided)
    # Reasons are worked out when somebody asks: most rounds nobody does.
    memory.reasons = decided.reasons
    effects: list[Effect] = []
    jobs: dict[int, Job] = {}
    for start in decided.starts:
        job = memory.jobs[start.job]
        jobs[job.id] = job
        if job.line is not None and job.alike(job.line[0]):
            effects.append(_apply(memory, job, start, at))
    for job in jobs.values():
        relist(memory, job)
    return [*effects, *make_room(memory, decided.preempts, at)]


def snapshot_of(memory: Memory, at: int) -> Snapshot:
    """Return all that a round may see now."""
    rules, tally = memory.rules, memory.tally
    licences = free_licences(memory, at)
    expected = expected_here(memory)
    for id in memory.expected ^ expected:
        if id in memory.jobs:
            memory.lines.touch(memory.jobs[id])
    memory.expected = expected
    mirror = memory.mirror.follow(memory.nodes, licences, memory.turned)
    _follow_allocs(memory)
    return Snapshot(
        at,
        nodes=mirror,
        lines=memory.lines.roster,
        running=_Runnings(memory, at),
        licences=licences,
        policy=rules.policy,
        queues={name: queue.rule for name, queue in rules.queues.items()},
        shares=tally.shares(rules, at),
        overtaken=tally.learned.overtaken,
        windows=[*_windows(memory, at), *ends(memory, at)],
        limits=rules.limits,
        recent=tally.recent,
        budgets=budgets(memory, at),
        expected=expected,
        promised=memory.promised,
    )


def _windows(memory: Memory, at: int) -> list[Window]:
    """Return the windows that are not over, each with the nodes it has for now."""
    windows = [window for window in memory.rules.windows if window.end > at]
    return settled(windows, (state.view() for state in memory.nodes.values()))


def check_releases(memory: Memory) -> None:
    """Assert that rounds know when each allocation gives back what it holds."""
    releases, shifted = memory.mirror.releases, memory.shifted
    if memory.turned or not len(releases):
        return  # The next round looks at all of them.
    for alloc in memory.allocs.values():
        if alloc.id not in shifted:
            assert releases.of(alloc.id) == _release(memory, alloc), f"alloc {alloc.id}"
    assert len(releases) <= len(memory.allocs) + len(shifted), "one that ended is known"


def _follow_allocs(memory: Memory) -> None:
    """See that rounds know when what runs ends; most of it is as it was."""
    releases = memory.mirror.releases
    anew = not len(releases)
    for id in list(memory.allocs) if anew else memory.shifted:
        alloc = memory.allocs.get(id)
        if alloc is None:
            releases.drop(id)
        else:
            releases.put(id, _release(memory, alloc))
    memory.shifted.clear()


def _release(memory: Memory, alloc: Alloc) -> Release:
    takes, space = [], memory.mirror.space
    for grant in alloc.grants:
        cores = 0 if alloc.lent else len(grant.cores)
        size = (cores, grant.memory, len(grant.gpus))
        takes.append(Take(space.by_name[grant.node], *size, grant.resources))
    ends_by = _ends_by(alloc)
    at = UNBOUNDED if ends_by is None else ends_by
    return Release(at, tuple(takes), alloc.request.licences)


def ends(memory: Memory, at: int) -> list[Window]:
    """Return windows for pilots whose time is up before something that waits would end."""
    if not memory.pools:
        return []
    limits = (key[0].time_ms or 0 for key in memory.lines.by_key)
    longest = at + max(limits, default=0) + END_MS
    return [
        Window(f"the end of {name}", end - END_MS, NEVER_MS, frozenset((name,)), "end")
        for name, state in memory.nodes.items()
        if state.session is not None and (end := state.ends_at) is not None
        and end <= longest
    ]  # fmt: skip


class _Runnings(Sequence[Running]):
    """What runs, made when a round first looks at it: on a full machine none does."""

    def __init__(self, memory: Memory, at: int) -> None:
        self._memory, self._at = memory, at
        self._made: list[Running] | None = None

    def __len__(self) -> int:
        return len(self._all())

    @overload
    def __getitem__(self, at: int) -> Running: ...
    @overload
    def __getitem__(self, at: slice) -> Sequence[Running]: ...
    def __getitem__(self, at: int | slice) -> Running | Sequence[Running]:
        return self._all()[at]

    def _all(self) -> list[Running]:
        if self._made is None:
            memory, at = self._memory, self._at
            self._made = [_running(memory, a, at) for a in memory.allocs.values()]
        return self._made


def _running(memory: Memory, alloc: Alloc, at: int) -> Running:
    spec = alloc.job.spec
    grants = alloc.grants
    if alloc.lent:
        grants = tuple(replace(grant, cores=()) for grant in grants)
    return Running(
        alloc.job.id, alloc.job.user.name, alloc.job.account, alloc.request, grants,
        since_of(alloc), _ends_by(alloc), spec.queue, alloc.id, spec.priority,
        may_be_stopped(memory, alloc, at), ends_about=_ends_about(alloc),
        keeps=way_of(memory, alloc) == "suspend",
    )  # fmt: skip


def top_up(memory: Memory, at: int) -> list[Effect]:
    """Lengthen strips that run low, where nobody else waits for what they hold."""
    effects: list[Effect] = []
    for alloc in list(memory.low.values()):
        job = alloc.job
        others = any(key != job.line for key in memory.lines.by_key)
        node = memory.nodes[alloc.node]
        if (
            job.line is not None
            and not others
            and node.up
            and not any(is_wanted(task) for task in alloc.strip)
            and memory.jobs.get(job.id) is job
        ):
            wanted = max(0, strip_length(memory, alloc) - len(alloc.strip))
            tasks = _take(memory, job, alloc, wanted, at)
            if tasks:
                effects.append(_run(memory, alloc, tasks))
                relist(memory, job)
    memory.low.clear()
    return effects


def strip_length(memory: Memory, alloc: Alloc) -> int:
    """Return how many tasks of its job *alloc* should hold now, at least 1."""
    job, settings, rules = alloc.job, memory.settings, memory.rules
    if job.measured < MEASURED_MIN:
        return 1
    # A strip would begin tasks behind the back of a rate.
    if rules.bounds_starts(job.user.name):
        return 1
    most = settings.strip_max
    edge = rules.next_edge(memory.at)
    if edge is not None:  # Each may run to its limit, one after another: all before it.
        limit = alloc.request.time_ms
        most = min(most, (edge - memory.at) // limit) if limit else 1
    by_time = int(settings.strip_ms / max(1.0, job.mean_ms))
    share = -(-job.pending // (2 * max(1, job.allocs)))
    job.strip = max(1, min(2 * job.strip, by_time, share, most))
    return job.strip


def _apply(memory: Memory, job: Job, start: Start, at: int) -> Run:
    assert job.line is not None, f"job {job.id} was started without standing in a line"
    alloc = Alloc(memory.next_alloc, job, start.grants, at, job.line[0])
    memory.next_alloc += 1
    memory.allocs[alloc.id] = alloc
    job.allocs += 1
    memory.tally.start(alloc, at)
    _come_back(memory, alloc, at)
    for grant in start.grants:
        state = memory.nodes[grant.node]
        state.take(grant)
        state.allocs[alloc.id] = alloc
    return _run(memory, alloc, _take(memory, job, alloc, strip_length(memory, alloc), at))


def _come_back(memory: Memory, alloc: Alloc, at: int) -> None:
    """Ask for a round when time alone, and no end, lets somebody else start."""
    rules, job = memory.rules, alloc.job
    if rules.bounds_starts(job.user.name):
        memory.tally.note_start(job.user.name, at)
        memory.set_timer(at + MINUTE_MS, "round")
    queue = rules.queues.get(job.spec.queue)
    if queue and queue.yields and queue.yields.min_run_ms:
        memory.set_timer(at + queue.yields.min_run_ms, "round")


def _take(memory: Memory, job: Job, alloc: Alloc, count: int, at: int) -> list[Task]:
    """Place up to *count* waiting tasks into *alloc*: those tried before come first."""
    tasks = _next(job, alloc.request, count)
    for task in tasks:
        task.n += 1
        task.alloc = alloc
        task.placed_at = at
        task.not_before = None
        memory.move(task, Move.PLACE, at=at, source="server")
        memory.save_task(task)
        memory.save_attempt(task)
        alloc.strip.append(task)
    memory.shifted.add(alloc.id)
    return tasks


def _next(job: Job, request: Request, count: int) -> list[Task]:
    """Take up to *count* tasks that ask for *request* out of those that wait."""
    if request != job.spec.request:
        chosen = [at for at in job.odd if job.tasks[at].request == request][:count]
        job.odd = [at for at in job.odd if at not in set(chosen)]
        return [job.tasks[at] for at in chosen]
    tasks = [job.tasks[at] for at in job.ready[:count]]
    job.ready = job.ready[count:]
    for index in job.waiting.take(count - len(tasks)):
        task = Task(job, index, State.QUEUED)
        job.put_row(task)
        tasks.append(task)
    return tasks


def _run(memory: Memory, alloc: Alloc, tasks: list[Task]) -> Run:
    job = alloc.job
    placed = tuple((task.index, task.n, job.position(task.index)) for task in tasks)
    spec = job.spec
    if alloc.request != spec.request:
        spec = replace(spec, request=alloc.request)
    metering = memory.rules.metering
    denied_if = tuple(
        metering[name].pattern for name, _ in alloc.request.licences
        if name in metering and metering[name].pattern
    )  # fmt: skip
    return Run(
        alloc.node, alloc.id, job.id, spec, job.user, alloc.grants, placed, denied_if
    )


def _ends_by(alloc: Alloc) -> int | None:
    limit = alloc.request.time_ms
    if limit is None:
        return None
    if any(is_wanted(task) for task in alloc.strip):
        return None  # Nobody knows when it goes on.
    stood_ms = sum(task.stood_ms for task in alloc.strip)
    since = max(alloc.placed_at, alloc.turned_at, alloc.strip[0].started_at or 0)
    return since + limit * len(alloc.strip) + stood_ms


def _ends_about(alloc: Alloc) -> int | None:
    """The tasks of one job mostly take as long as those before them."""
    job = alloc.job
    if job.measured < MEASURED_MIN or any(is_wanted(task) for task in alloc.strip):
        return None
    return alloc.placed_at + int(job.mean_ms * len(alloc.strip))
