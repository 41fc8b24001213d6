"""A scenario played: a cluster of nodes, and the live server's own round at each instant.

All events of an instant come first, then rounds until one starts nothing new.  A job that
was preempted, or whose node went down, starts again from its beginning.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from heapq import heapify, heappop, heappush
from typing import NamedTuple

from rota.core.reasons import Reason, reason
from rota.core.resources import Grant
from rota.sched.check import check
from rota.sched.fairshare import Usage, excess
from rota.sched.problem import NodeView, Plan, Promise, Running, Snapshot, Start
from rota.sched.round import keep, plan
from rota.sim.lines import Bench
from rota.sim.scenario import Change, Scenario, ScenarioJob


class Row(NamedTuple):
    """One attempt of a schedule; state: done, timeout, preempted or failed."""

    job_id: str
    start: int
    end: int
    where: dict[str, int]
    state: str


class Attempt(NamedTuple):
    """One task that runs."""

    alloc: int
    job: ScenarioJob
    task: int
    grants: tuple[Grant, ...]
    start: int
    end: int
    usage_cores: int


class _Node:
    """What is free on a node, and why it takes nothing."""

    __slots__ = ("amounts", "closed", "cores", "memory", "node")

    def __init__(self, view: NodeView) -> None:
        self.node = view.node
        self.cores = set(view.cores)
        self.memory = view.memory
        self.closed: Reason | None = None

    def view(self) -> NodeView:
        return NodeView(
            self.node, tuple(sorted(self.cores)), self.memory, (), {}, self.closed
        )


class Cluster:
    """See the head of the file.

    Attributes:
        promised: {number of a job: the first start it was promised, milliseconds}
    """

    def __init__(self, scenario: Scenario) -> None:
        self.rows: list[Row] = []
        self.promised: dict[int, int] = {}
        self._scenario = scenario
        views = (NodeView(n, n.cores, n.memory, (), {}) for n in scenario.nodes)
        self._nodes = {view.node.name: _Node(view) for view in views}
        self._licences = dict(scenario.licences)
        self._running: dict[int, Attempt] = {}
        self._ends: list[tuple[int, int]] = []
        self._allocs = 0
        self._last: dict[int, Promise] = {}
        self._bench = Bench(scenario.jobs)
        self._usage = Usage(half_life_ms=scenario.half_life_ms)
        for user, used in scenario.usage.items():
            self._usage.set(user, used, 0)
        self._parts = {user: float(share) for user, share in scenario.shares.items()}

    def play(self) -> list[Row]:
        """Return the schedule: one row for each attempt, in the order they ended."""
        changes = sorted(self._scenario.changes, key=lambda change: change.at)
        arrivals = sorted(self._scenario.jobs, key=lambda job: (job.since, job.number))
        instants = self._known_instants()
        heapify(instants)
        while instants or self._ends:
            at = min(h[0] for h in (instants, [e[0] for e in self._ends[:1]]) if h)
            while instants and instants[0] == at:
                heappop(instants)
            self._end_due(at)
            while changes and changes[0].at == at:
                self._change(changes.pop(0))
            while arrivals and arrivals[0].since == at:
                self._bench.arrive(arrivals.pop(0))
            self._rounds(at)
        return self.rows

    def _known_instants(self) -> list[int]:
        scenario = self._scenario
        instants = {job.since for job in scenario.jobs}
        instants |= {change.at for change in scenario.changes}
        for known in scenario.windows:
            instants |= {known.since, known.window.start, known.window.end}
        return sorted(instants)

    def _rounds(self, at: int) -> None:
        while True:
            snapshot = self._snapshot(at)
            if not snapshot.lines:
                return
            decided = plan(snapshot)
            self._last = keep(decided)
            wrong = check(snapshot, decided)
            assert not wrong, f"an insane plan at {at}: {wrong}"
            for promise in decided.promises:
                if promise.at is not None:
                    self.promised.setdefault(promise.job, promise.at)
            for start in decided.starts:
                self._start(start, at)
            if not decided.preempts:
                return
            self._preempt(decided, at)

    def _preempt(self, decided: Plan, at: int) -> None:
        for preempt in decided.preempts:
            self._stop(preempt.alloc, at, "preempted")

    def _snapshot(self, at: int) -> Snapshot:
        scenario = self._scenario
        used = {user: self._usage.of(user, at) for user in scenario.shares}
        return Snapshot(
            at=at,
            nodes=[node.view() for node in self._nodes.values()],
            lines=self._bench.lines(),
            running=list(self._seen_running()),
            licences=self._licences,
            policy=scenario.policy,
            queues={"": scenario.rule},
            shares=excess(used, self._parts),
            promised=self._last,
            windows=[
                known.window
                for known in scenario.windows
                if known.since <= at < known.window.end
            ],
        )

    def _seen_running(self) -> Iterator[Running]:
        for attempt in self._running.values():
            job = attempt.job
            yield Running(
                job=job.number,
                user=job.user,
                account="",
                request=job.request,
                grants=attempt.grants,
                started_at=attempt.start,
                ends_by=attempt.start + (job.request.time_ms or 0),
                alloc=attempt.alloc,
                priority=job.priority,
                preemptible=job.preemptible,
            )

    def _start(self, start: Start, at: int) -> None:
        grants = iter(start.grants)
        members = self._bench.take(start.job)
        counts = start.parts or (len(start.grants),)
        for (job, task), count in zip(members, counts, strict=True):
            self._begin(job, task, tuple(next(grants) for _ in range(count)), at)

    def _begin(
        self, job: ScenarioJob, task: int, grants: tuple[Grant, ...], at: int
    ) -> None:
        self._allocs += 1
        cores = sum(len(grant.cores) for grant in grants)
        length = min(job.run_ms, job.request.time_ms or job.run_ms)
        attempt = Attempt(self._allocs, job, task, grants, at, at + length, cores)
        self._running[attempt.alloc] = attempt
        heappush(self._ends, (attempt.end, attempt.alloc))
        for grant in grants:
            node = self._nodes[grant.node]
            node.cores -= set(grant.cores)
            node.memory -= grant.memory
        self._licence(job, -1)
        self._usage.turn(job.user, cores, at)

    def _licence(self, job: ScenarioJob, sign: int) -> None:
        for name, amount in job.request.licences:
            self._licences[name] += sign * amount

    def _end_due(self, at: int) -> None:
        while self._ends and self._ends[0][0] <= at:
            alloc = heappop(self._ends)[1]
            attempt = self._running.get(alloc)
            if attempt is not None:
                late = attempt.job.run_ms > (attempt.job.request.time_ms or 0)
                self._stop(alloc, at, "timeout" if late else "done")

    def _stop(self, alloc: int, at: int, state: str) -> None:
        attempt = self._running.pop(alloc)
        job = attempt.job
        for grant in attempt.grants:
            node = self._nodes[grant.node]
            node.cores |= set(grant.cores)
            node.memory += grant.memory
        self._licence(job, 1)
        self._usage.turn(job.user, -attempt.usage_cores, at)
        where: dict[str, int] = {}
        for grant in attempt.grants:
            where[grant.node] = where.get(grant.node, 0) + len(grant.cores)
        name = job.task_id(attempt.task)
        self.rows.append(Row(name, attempt.start, at, where, state))
        if state in ("preempted", "failed"):
            self._bench.put_back(job, attempt.task)
        else:
            self._bench.settle(job, attempt.task, done=state == "done")

    def _change(self, change: Change) -> None:
        node = self._nodes[change.node]
        if change.kind in ("up", "resume"):
            node.closed = None
        elif change.kind == "drain":
            node.closed = reason("drained", who="the scenario", why="an event")
        else:
            node.closed = reason("unreachable", when="an event")
            for alloc in self._on(change.node):
                if alloc in self._running:
                    self._stop(alloc, change.at, "failed")

    def _on(self, name: str) -> list[int]:
        running: Iterable[Attempt] = self._running.values()
        return [a.alloc for a in running if any(g.node == name for g in a.grants)]
