"""The mind: ``handle(event) → effects``, ``settle(at) → effects``; nothing else decides.

    for event in batch:  effects += mind.handle(event)
    effects += mind.settle(now)          the round, then the rows of all that changed
    commit(Records)                      only then the other effects are performed

Driven by ``server.loop`` (sockets and a clock), ``sim.world`` (a seed) and tests.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from heapq import heappop
from typing import Any

from rota.core.lifecycle import State
from rota.core.reasons import Reason, reason
from rota.engine.assign import check_releases, run_round, top_up
from rota.engine.configure import configured, watch_windows
from rota.engine.draining import drain_ended, node_asked, watch_drain
from rota.engine.elements import free_task, why_blocked
from rota.engine.events import (
    Asked,
    Configured,
    Effect,
    Event,
    Launched,
    LimitAsked,
    Metered,
    NodeAsked,
    NodeChecked,
    NodeJoined,
    NodeLeft,
    Noted,
    NotLaunched,
    Polled,
    PoolAsked,
    Reply,
    Reported,
    ReservationAsked,
    Submitted,
    Tick,
)
from rota.engine.fleet import checked, joined, leases_ended, left, watch_leases
from rota.engine.gate import regate, relist
from rota.engine.impossible import settle_gates
from rota.engine.launching import launched, not_launched, polled
from rota.engine.limiting import blocks_not, limit_asked
from rota.engine.live import Job
from rota.engine.meter import metered, note
from rota.engine.node import NodeState
from rota.engine.pools import configure, pool_asked, reason_with_pools, tend
from rota.engine.preempts import making_room_for
from rota.engine.records import Image
from rota.engine.reports import reported
from rota.engine.reserving import reservation_asked
from rota.engine.restore import restore
from rota.engine.settings import Settings
from rota.engine.state import Memory
from rota.engine.submit import submitted
from rota.engine.suspend import is_wanted, take_back, waits
from rota.engine.verbs import asked
from rota.sched.rules import Rules


class Mind:
    """See the head of the file.  Not thread-safe: one driver, one thread."""

    def __init__(
        self, settings: Settings | None = None, rules: Rules | None = None
    ) -> None:
        self.memory = Memory(settings or Settings(), rules or Rules())
        watch_windows(self.memory)
        configure(self.memory, self.memory.rules.pools)

    def load(self, image: Image, at: int) -> list[Effect]:
        """Start from what the store kept; call once, before anything else."""
        self.memory.at = max(at, image.last_at)
        restore(self.memory, image, at=at)
        watch_windows(self.memory)
        for state in self.memory.nodes.values():
            watch_leases(self.memory, state)
            watch_drain(self.memory, state)
        configure(self.memory, self.memory.rules.pools)
        return self.settle(at)

    def handle(self, event: Event) -> list[Effect]:
        """Return what to do about *event*; a refusal is a Reply that carries an error."""
        self.memory.at = max(self.memory.at, event.at)
        return HANDLERS[type(event)](self.memory, event)

    def settle(self, at: int) -> list[Effect]:
        """End a batch: run the round if something changed, and hand out the rows."""
        memory = self.memory
        effects: list[Effect] = []
        settle_gates(memory, at=at)
        if memory.lent:
            take_back(memory, effects, at=at, spares=lambda job: waits(memory, job))
        if memory.low:
            effects.extend(top_up(memory, at))
        if memory.round_wanted:
            effects.extend(run_round(memory, at))
            if memory.lent:
                coming = set(making_room_for(memory))
                take_back(memory, effects, at=at, spares=coming.__contains__)
            memory.pools_due = True
        if memory.pools and memory.pools_due:
            effects.extend(tend(memory, at))
        return [*memory.rows(), *effects]

    def next_at(self) -> int | None:
        """Return when the next ``Tick`` is due, or None."""
        return self.memory.timers[0][0] if self.memory.timers else None

    def reason_of(self, job_id: int, index: int | None = None) -> Reason | None:
        """Return why a live job, or one of its tasks, waits; None when it does not."""
        job = self.memory.jobs.get(job_id)
        if job is None:
            return None
        task = job.tasks.get(0 if index is None and not job.is_array else index or 0)
        if task is not None and (index is not None or not job.is_array):
            if task.state is State.HELD:
                return task.reason
            if task.state is not State.QUEUED:
                return None
        elif index is not None and index in job.blocked and job.reason is None:
            return why_blocked(job, index)
        elif index is not None and index not in job.waiting:
            return None
        if job.reason is None and job.blocked and not job.pending:
            return why_blocked(job, None)
        if job.reason is not None or not job.pending:
            return job.reason
        if job.line is None and job.spec.array is not None and job.spec.array.limit:
            return reason("throttle", limit=job.spec.array.limit)
        if task is not None and task.request not in (None, job.asks):
            return reason("priority", ahead=f"tasks of job {job.id} that ask for less")
        number, reasons = self.memory.lines.number_of(job), self.memory.reasons
        found = None if number is None else self._with_notes(reasons.get(number), job)
        return found and reason_with_pools(self.memory, job.spec.request, found)

    def _with_notes(self, why: Reason | None, job: Job) -> Reason | None:
        """Why a licence is short is known here, and who blocks; a round sees less."""
        if why is not None and (idle := blocks_not(self.memory, job)):
            why = why._replace(text=f"{why.text}; {idle}")
        if why is None or why.code != "licence":
            return why
        names = [name for name, _ in job.spec.request.licences]
        told = {name: note(self.memory, name, self.memory.at) for name in names}
        more = "; ".join(f"{name}: {text}" for name, text in told.items() if text)
        return why._replace(text=f"{why.text}; {more}") if more else why

    def flags_of(self, job_id: int, index: int | None = None) -> list[str]:
        """Return what is also true of a live job or task: killing, suspending, …"""
        job = self.memory.jobs.get(job_id)
        if job is None:
            return []
        tasks = (
            job.tasks.values() if index is None else filter(None, [job.tasks.get(index)])
        )
        live = [task for task in tasks if task.alloc is not None]
        late = job.spec.deadline_at is not None and job.spec.deadline_at < self.memory.at
        flags = ["late"] if late and live else []
        flags += ["killing"] if any(task.killing for task in live) else []
        if any(task.state is State.RUNNING and is_wanted(task) for task in live):
            flags.append("suspending")
        if any(task.state is State.SUSPENDED and not is_wanted(task) for task in live):
            flags.append("resuming")
        nodes = {task.alloc.node for task in live if task.alloc}
        if any(self.memory.nodes[node].session is None for node in nodes):
            flags.append("unreachable")
        return flags

    def nodes(self) -> list[NodeState]:
        """Return the nodes, by name."""
        return [self.memory.nodes[name] for name in sorted(self.memory.nodes)]

    def counts(self) -> dict[str, int]:
        """Return {state: live tasks in it}; what ended is the store's to count."""
        total: Counter[str] = Counter()
        for job in self.memory.jobs.values():
            total.update({str(state): n for state, n in job.counts.items()})
        return dict(total)

    def owner_of(self, job_id: int) -> str | None:
        """Return who submitted a live job."""
        job = self.memory.jobs.get(job_id)
        return None if job is None else job.user.name

    def check(self) -> None:
        """Assert all that must always hold."""
        self.memory.check()
        check_releases(self.memory)


def _tick(memory: Memory, event: Tick) -> list[Effect]:
    """Do what is due; a timer that came to nothing meanwhile does nothing."""
    memory.tally.learned.is_last = event.last
    while memory.timers and memory.timers[0][0] <= event.at:
        _, kind, job_id, index, node = heappop(memory.timers)
        job = memory.jobs.get(job_id)
        if kind == "lease":
            leases_ended(memory, node, event.at)
        elif kind == "drain":
            drain_ended(memory, node, event.at)
        elif kind == "round":
            memory.round_wanted = True
        elif kind == "pool":
            memory.pools_due = True
        elif job is None:
            continue
        elif kind == "deadline":
            if job.pending or job.blocked or job.counts.get(State.HELD):
                memory.stale[job.id] = job
        elif kind == "begin":
            regate(memory, job, at=event.at, source="server")
        else:
            task = job.tasks.get(index)
            due = task and task.not_before is not None and task.not_before <= event.at
            if task and due and task.state is State.HELD:
                task.not_before = None
                free_task(memory, task, at=event.at, source="server")
                relist(memory, job)
    return []


def _noted(memory: Memory, event: Noted) -> list[Effect]:
    lines = [event.line] if event.line else []
    return [*lines, Reply(event.ticket)] if event.ticket else [*lines]


HANDLERS: dict[type[Any], Callable[[Memory, Any], list[Effect]]] = {
    Submitted: submitted,
    Asked: asked,
    Configured: configured,
    LimitAsked: limit_asked,
    Metered: metered,
    NodeAsked: node_asked,
    NodeJoined: joined,
    NodeLeft: left,
    NodeChecked: checked,
    Reported: reported,
    ReservationAsked: reservation_asked,
    PoolAsked: pool_asked,
    Launched: launched,
    NotLaunched: not_launched,
    Polled: polled,
    Noted: _noted,
    Tick: _tick,
}
