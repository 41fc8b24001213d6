"""The whole working memory: live jobs, nodes, allocations, timers; and what must hold.

    move(task, …)      the only place where a task's state changes: table, counts, history
    rows at settle     a job or task that changed twice in a batch is written once
    check()            what must always hold, as assertions

Finished jobs leave; the store answers for them.
"""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Mapping
from typing import Any

from rota.core.job import AttemptRef, JobSpec, TaskRef
from rota.core.lifecycle import FINAL, LIVE, Move, State, advance, fold
from rota.core.reasons import Reason
from rota.engine.bookings import Bookings
from rota.engine.lines import Lines
from rota.engine.live import Alloc, Job, Task
from rota.engine.node import NodeState
from rota.engine.pilots import Pilot, PoolState
from rota.engine.records import (
    AttemptSaved,
    Happened,
    JobAdded,
    JobChanged,
    NodeGone,
    NodeSaved,
    PilotSaved,
    PoolSaved,
    Record,
    TaskSaved,
)
from rota.engine.settings import Settings
from rota.engine.tally import Tally
from rota.engine.twins import Twins
from rota.sched.licences import Measured
from rota.sched.mirror import Mirror
from rota.sched.problem import Promise
from rota.sched.rules import Rules

News = tuple[int, int, State]
"""(first, last, state): what became of these tasks; QUEUED: they ended and live again."""

Waiters = dict[int, dict[int, None]]  # {job: those that wait for it, in order}
Timer = tuple[int, str, int, int, str]
"""(when, kind, job, task, node): begin and retry name a job and task, lease a node; round
and pool name nothing: what may start, or how pools stand, is looked at again."""


class Memory:
    """See the head of the file."""

    def __init__(self, settings: Settings, rules: Rules) -> None:
        self.settings, self.rules, self.declared = settings, rules, rules
        self.tally, self.bookings = Tally(half_life_ms=rules.half_life_ms), Bookings()
        self.at = self.tended_at = 0
        self.jobs, self.stale = dict[int, Job](), dict[int, Job]()
        self.nodes: dict[str, NodeState] = {}
        self.allocs: dict[int, Alloc] = {}
        self.lines = Lines(self.jobs, self.tally.expect, settings)
        self.twins = Twins()
        self.keys: dict[tuple[str, str], int] = {}
        self.dependents, self.failed_for, self.paired = Waiters(), Waiters(), Waiters()
        self.news: dict[int, list[News]] = {}
        self.timers: list[Timer] = []
        self.next_job = self.next_alloc = 1
        self.round_wanted = self.pools_due = False
        self.templates: dict[int, Job] = {}
        self.measured: dict[str, Measured] = {}
        self.low, self.lent = dict[int, Alloc](), dict[int, Alloc]()
        self.made_room: set[int] = set()
        self.mirror, self.turned, self.shifted = Mirror(), set[str](), set[int]()
        self.promised, self.expected = dict[int, Promise](), frozenset[int]()
        self.reasons: Mapping[int, Reason] = {}
        self._log: list[Record] = []
        self._changed: dict[int, Job] = {}
        self._edited: dict[int, JobSpec] = {}
        self._tasks: dict[TaskRef, TaskSaved] = {}
        self._attempts: dict[AttemptRef, AttemptSaved] = {}
        self._nodes: dict[str, NodeState] = {}
        self.pools, self.pool_numbers = dict[str, PoolState](), dict[str, int]()
        self._gone_nodes: dict[str, NodeGone] = {}
        self._pools: dict[str, PoolSaved] = {}
        self._pilots: dict[tuple[str, int], PilotSaved] = {}

    # ── what changes ──────────────────────────────────────────────────────────────────

    def add(self, job: Job) -> None:
        """Take a new job in."""
        self.jobs[job.id] = job
        if job.spec.key is not None:
            self.keys[job.user.name, job.spec.key] = job.id
        user = job.user
        self._log.append(JobAdded(job.id, job.spec, user.name, user.uid, job.submitted_at))
        self._changed[job.id] = job
        self.tell(
            job, None, "submit", at=job.submitted_at, source=user.name,
            after=fold(job.counts),
        )  # fmt: skip

    def move(
        self, task: Task, move: Move, *, at: int, source: str, reason: Reason | None = None
    ) -> None:
        """Make *move* happen to *task*; ``reason`` says why, for the row and the history.

        Raises:
            IllegalMove: the table has no such move; nothing changed.
        """
        before = task.state
        after = advance(before, move, task.name)
        job = task.job
        job.count(1, before=before, after=after)
        task.state, task.reason = after, reason
        if task.alloc is not None:
            self.shifted.add(task.alloc.id)
        self._log.append(
            Happened(
                at, job.id, task.index, task.n or None, move, before, after, reason, source
            )
        )
        self._changed[job.id] = job

    def tell(
        self, job: Job, task: int | None, move: str, *, at: int, source: str, after: State,
        before: State | None = None, reason: Reason | None = None,
    ) -> None:  # fmt: skip
        """Write a line of history about a whole job, or about many of its tasks at once."""
        self._log.append(
            Happened(at, job.id, task, None, move, before, after, reason, source)
        )  # fmt: skip
        self._changed[job.id] = job

    def shift(self, job: Job, tasks: int, *, before: State, after: State) -> None:
        """Count *tasks* without rows of *job* from one state to another."""
        if not tasks or before is after:
            return
        job.count(tasks, before=before, after=after)
        self._changed[job.id] = job

    def touch(self, job: Job, *, spec: JobSpec | None = None) -> None:
        """See that the row of *job* is written; with *spec*, what was asked for too."""
        self._changed[job.id] = job
        if spec is not None:
            self._edited[job.id] = spec

    def task_row(self, index: int, job: Job) -> Task:
        """Return task *index* of *job*, giving a never-placed one a row of its own."""
        task = job.tasks.get(index)
        if task is None:
            is_blocked = index in job.blocked
            assert is_blocked or index in job.waiting, f"{job.id}[{index}] is not waiting"
            (job.blocked if is_blocked else job.waiting).discard(index)
            state = State.HELD if is_blocked else job.gate
            task = Task(job, index, state)
            job.put_row(task)
            self.touch(job)
        return task

    def save_task(
        self, task: Task, *, ended_at: int | None = None,
        exit_code: int | None = None, signal: int | None = None,
    ) -> None:  # fmt: skip
        """See that the row of *task* is written as it is now."""
        self._tasks[TaskRef(task.job.id, task.index)] = TaskSaved(
            task.job.id, task.index, task.state, task.n, task.reason, dict(task.failures),
            task.troubles, task.not_before, task.started_at, ended_at, exit_code, signal,
        )  # fmt: skip

    def save_attempt(
        self, task: Task, *, ended_at: int | None = None, exit_code: int | None = None,
        signal: int | None = None, reason: Reason | None = None,
        usage: Mapping[str, Any] | None = None,
    ) -> None:  # fmt: skip
        """See that the row of the latest attempt of *task* is written as it is now."""
        alloc = task.alloc
        assert alloc is not None, f"attempt {task.ref} has no allocation"
        self._attempts[task.ref] = AttemptSaved(
            task.job.id, task.index, task.n, alloc.node, alloc.id, alloc.grants,
            task.placed_at, task.started_at, ended_at, exit_code, signal, reason,
            task.usage if usage is None else usage, task.killing,
        )  # fmt: skip

    def save_node(self, state: NodeState) -> None:
        """See that the row of a node is written."""
        self._gone_nodes.pop(state.node.name, None)
        self._nodes[state.node.name] = state

    def drop_node(self, name: str) -> None:
        """Let go of a node that will not come back and holds nothing."""
        state = self.nodes.pop(name)
        assert not state.allocs, f"node {name} is dropped with work on it"
        self.turned.add(name)
        self._nodes.pop(name, None)
        self._gone_nodes[name] = NodeGone(name)
        self.round_wanted = True

    def save_pool(self, state: PoolState) -> None:
        """See that the row of a pool is written."""
        pool = state.pool
        self._pools[pool.name] = PoolSaved(
            pool.name, {"kind": pool.kind, **pool.said}, state.source, pool.drained,
            state.removed, state.next_n, gone=pool.name not in self.pools,
        )  # fmt: skip

    def save_pilot(self, state: PoolState, pilot: Pilot) -> None:
        """See that the row of a pilot is written."""
        self._pilots[state.pool.name, pilot.n] = PilotSaved(
            state.pool.name, pilot.n, pilot.state, pilot.id, pilot.word, pilot.asked_at,
            pilot.since, pilot.up_at, pilot.ended_at,
        )  # fmt: skip

    def set_timer(
        self, at: int, kind: str, *, job: int = 0, task: int = 0, node: str = ""
    ) -> None:
        """Ask for a ``Tick`` at *at*; what is due then is looked up, not believed."""
        heapq.heappush(self.timers, (at, kind, job, task, node))

    # ── ends ──────────────────────────────────────────────────────────────────────────

    def drop_task(self, task: Task) -> None:
        """Let go of a task that ended."""
        task.job.drop_row(task.index)

    def state_of(self, job: Job) -> State:
        """Return the state of a whole job."""
        return fold(job.counts)

    def is_over(self, job: Job) -> bool:
        """Whether all tasks of *job* have ended."""
        return not job.tasks and not job.unplaced

    def drop_job(self, job: Job, at: int) -> None:
        """Let go of a job that is over; its row is written once more."""
        job.ended_at = at
        self.lines.leave(job)
        self._changed[job.id] = job
        del self.jobs[job.id]
        self.templates.pop(job.id, None)
        self.forgive(job)
        self.unpair(job)
        if job.spec.key is not None:
            self.keys.pop((job.user.name, job.spec.key), None)

    # ── task by task ──────────────────────────────────────────────────────────────────

    def note(self, job: Job, news: News) -> None:
        """Note what became of tasks of an array, for those that wait task by task."""
        if job.spec.array is None:
            return
        first, last, state = news
        if state in FINAL:
            job.note_end(state, first, last)
        elif state is State.QUEUED:
            for ended in job.ends.values():
                ended.discard_range(first, last)
        if job.id in self.paired:
            self.news.setdefault(job.id, []).append(news)

    def unpair(self, job: Job) -> None:
        """Let *job* wait for no task of another any more."""
        for pair in job.pairs:
            waiters = self.paired.get(pair.after.job, {})
            waiters.pop(job.id, None)
            if not waiters:
                self.paired.pop(pair.after.job, None)
        job.pairs = ()

    # ── dependencies that came to nothing ─────────────────────────────────────────────

    def blame(self, job: Job, other: int, ended: str) -> None:
        """Note that *job* can not run as job *other* ended in state *ended*."""
        if not job.deps_failed:
            job.deps_failed = {}
        job.deps_failed[other] = ended
        self.failed_for.setdefault(other, {})[job.id] = None

    def forgive(self, job: Job, other: int | None = None) -> None:
        """Forget that *job* could not run because of *other*, or of anything."""
        for id in [*job.deps_failed] if other is None else [other]:
            job.deps_failed.pop(id, None)
            waiters = self.failed_for.get(id, {})
            waiters.pop(job.id, None)
            if not waiters:
                self.failed_for.pop(id, None)

    # ── rows ──────────────────────────────────────────────────────────────────────────

    def rows(self) -> list[Record]:
        """Return the records of all that changed since the last call; history last."""
        added = [row for row in self._log if isinstance(row, JobAdded)]
        happened = [row for row in self._log if not isinstance(row, JobAdded)]
        changed = [self._job_row(job) for job in self._changed.values()]
        nodes = [_node_row(state) for state in self._nodes.values()]
        records: list[Record] = [
            *added, *changed, *self._tasks.values(), *self._attempts.values(), *nodes,
            *self._gone_nodes.values(), *self._pools.values(), *self._pilots.values(),
            *self.tally.rows(), *self.bookings.rows(),
            *self.tally.learned.rows(self.at), *happened,
        ]  # fmt: skip
        self._log = []
        for kept in (
            self._changed, self._edited, self._tasks, self._attempts, self._nodes,
            self._gone_nodes, self._pools, self._pilots,
        ):  # fmt: skip
            kept.clear()
        return records

    def _job_row(self, job: Job) -> JobChanged:
        return JobChanged(
            job.id, fold(job.counts), {str(s): n for s, n in job.counts.items()},
            _unplaced(job), job.started_at, job.ended_at, job.reason,
            self._edited.get(job.id),
        )  # fmt: skip

    # ── what must always hold ─────────────────────────────────────────────────────────

    def check(self) -> None:
        """Assert all that must hold after every event."""
        for job in self.jobs.values():
            _check_job(job)
        held: Counter[tuple[str, int]] = Counter()
        for alloc in self.allocs.values():
            assert alloc.strip, f"allocation {alloc.id} holds resources for nothing"
            assert alloc.job.id in self.jobs, f"allocation {alloc.id} of a job that is gone"
            assert alloc.lent == (alloc.id in self.lent), f"allocation {alloc.id}: lent?"
            for grant in () if alloc.lent else alloc.grants:
                held.update((grant.node, core) for core in grant.cores)
        double = [core for core, times in held.items() if times > 1]
        assert not double, f"cores given twice: {double}"
        self.tally.check(self.allocs.values(), self.rules)
        self.lines.check()
        self.mirror.check(self.nodes, self.turned)
        for state in self.nodes.values():
            _check_node(state, self.allocs)


def _unplaced(job: Job) -> list[list[int]]:
    if not job.blocked:
        return job.waiting.ranges()
    blocked = [[first, last, 1] for first, last in job.blocked.ranges()]
    return sorted([*job.waiting.ranges(), *blocked])


def _check_job(job: Job) -> None:
    real = Counter(task.state for task in job.tasks.values())
    real[job.gate] += len(job.waiting)
    real[State.HELD] += len(job.blocked)
    for state, count in job.counts.items():
        if state not in FINAL:
            assert real[state] == count, (
                f"job {job.id}: {count} {state}, really {real[state]}"
            )
    for first, last in job.blocked.ranges():
        assert not job.waiting.within(first, last), f"job {job.id} waits twice"
    assert job.tasks or job.unplaced, f"job {job.id} is over and still here"
    ready = {*job.ready, *job.odd}
    both = len(job.ready) + len(job.odd)
    assert len(ready) == both, f"job {job.id}: a task is ready twice"
    assert all(job.tasks[index].request for index in job.odd), f"job {job.id}: not odd"
    for index, task in job.tasks.items():
        assert index not in job.waiting, f"{task.name} waits twice"
        assert index not in job.blocked, f"{task.name} waits twice"
        assert (task.alloc is not None) == (task.state in LIVE), (
            f"{task.name}: {task.state}"
        )
        assert (task.state is State.QUEUED) == (index in ready), f"{task.name} not ready"
    may_run = job.gate is State.QUEUED and job.room > 0
    assert (job.line is not None) == may_run, f"job {job.id} stands in the wrong line"


def _check_node(state: NodeState, allocs: Mapping[int, Alloc]) -> None:
    name = state.node.name
    held_by = [(a, g) for a in state.allocs.values() for g in a.grants if g.node == name]
    mine = [grant for _, grant in held_by]
    taken = {core for alloc, g in held_by if not alloc.lent for core in g.cores}
    assert not taken & state.cores, f"node {name}: cores both free and held"
    known = set(state.node.cores)
    assert state.cores | (taken & known) == known, f"node {name} lost a core"
    held = sum(grant.memory for grant in mine)
    assert state.memory + held == state.node.memory, f"node {name}: memory miscounted"
    assert state.view() == state.looked_at(), f"node {name}: shown as it was"
    for alloc in state.allocs.values():
        assert allocs.get(alloc.id) is alloc, f"node {name}: stray allocation {alloc.id}"


def _node_row(state: NodeState) -> NodeSaved:
    node = state.node
    return NodeSaved(
        node.name, state.boot, node.cores, node.memory, node.gpus, node.resources,
        node.labels, state.seen_at, state.drained, node.requires, node.serves,
    )  # fmt: skip
