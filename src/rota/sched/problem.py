"""The seam of the scheduler: Snapshot (all a round may see), Plan (all it may say).

    Line      waiting jobs that are alike: one shape, user, account and queue, in order
    Snapshot  the lines, the nodes with what is free on them, what runs until when
    Plan      what starts where, and a Reason for each line that had to stay

Cost follows lines, not jobs (promise 7): a line is a lazy sequence, a round looks at as
many of its heads as it can start and no further.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import NamedTuple

from rota.core.reasons import Reason
from rota.core.resources import Grant, Node, Request


class Waiting(NamedTuple):
    """A job with tasks that could be placed now: not held, not throttled, its time is come.

    Shapes:
        priority: −1000 … 1000, larger is sooner
        since:    when it was submitted, milliseconds since the epoch
        tasks:    how many of its tasks could be placed now, ≥ 1
    """

    job: int
    priority: int
    since: int
    tasks: int


@dataclass(frozen=True, slots=True)
class Line:
    """Jobs that are alike, sooner ones first: by falling priority, then by job id."""

    request: Request
    user: str
    account: str
    queue: str
    jobs: Sequence[Waiting]


@dataclass(frozen=True, slots=True)
class NodeView:
    """A node as a round sees it: what is free, or the reason why it takes nothing."""

    node: Node
    cores: tuple[int, ...]
    memory: int
    gpus: tuple[int, ...]
    resources: Mapping[str, int]
    closed: Reason | None = None

    def whole(self) -> NodeView:
        """Return the node as it would be with nothing running: for "could it ever?"."""
        node = self.node
        return NodeView(node, node.cores, node.memory, node.gpus, node.resources)


@dataclass(frozen=True, slots=True)
class Running:
    """An allocation that holds resources; *ends_by* is None when no limit bounds it."""

    job: int
    user: str
    account: str
    request: Request
    grants: tuple[Grant, ...]
    started_at: int
    ends_by: int | None


@dataclass(frozen=True, slots=True)
class Snapshot:
    """All a round may see.  ``at``: milliseconds since the epoch.

    Shapes:
        licences: {name: how many are free now, foreign use subtracted}
    """

    at: int
    nodes: Sequence[NodeView]
    lines: Sequence[Line]
    running: Sequence[Running] = ()
    licences: Mapping[str, int] = field(default_factory=dict)


class Start(NamedTuple):
    """One task of *job* gets an allocation; several Starts may name the same job."""

    job: int
    grants: tuple[Grant, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """All a round may say.

    Shapes:
        starts:  in the order they were decided
        reasons: {index into snapshot.lines: why its first job that stays, stays}
    """

    starts: Sequence[Start] = ()
    reasons: Mapping[int, Reason] = field(default_factory=dict)


def check(snapshot: Snapshot, plan: Plan) -> list[str]:
    """Return what is wrong with *plan*, a sentence each; a sane plan gives none.

    Nothing is given twice, nothing that is not free, nothing on a closed node, no more
    tasks than wait.  Costs what the starts cost, whatever the snapshot's size.
    """
    if not plan.starts:
        return []
    return _check_tasks(snapshot, plan) + _check_nodes(snapshot, plan)


def _check_tasks(snapshot: Snapshot, plan: Plan) -> list[str]:
    wanted = Counter(start.job for start in plan.starts)
    waiting: dict[int, tuple[int, Request]] = {}
    for line in snapshot.lines:
        left = len(wanted.keys() - waiting.keys())
        if not left:
            break
        # Starts come from the front of a line; the tail is not looked at.
        for job in islice(line.jobs, left + len(plan.starts)):
            if job.job in wanted:
                waiting[job.job] = (job.tasks, line.request)
    wrong = [f"job {name} does not wait" for name in wanted.keys() - waiting.keys()]
    for name, (tasks, _) in waiting.items():
        if wanted[name] > tasks:
            wrong.append(f"job {name}: {wanted[name]} started, {tasks} wait")
    used: Counter[str] = Counter()
    for name, (_, request) in waiting.items():
        for licence, amount in request.licences:
            used[licence] += amount * wanted[name]
    for licence, amount in used.items():
        free = snapshot.licences.get(licence, 0)
        if amount > free:
            wrong.append(f"licence {licence}: {amount} given, {free} free")
    return wrong


def _check_nodes(snapshot: Snapshot, plan: Plan) -> list[str]:
    given: dict[str, list[Grant]] = {}
    for start in plan.starts:
        for grant in start.grants:
            given.setdefault(grant.node, []).append(grant)
    wrong: list[str] = []
    views = {view.node.name: view for view in snapshot.nodes if view.node.name in given}
    for name, grants in given.items():
        view = views.get(name)
        if view is None or view.closed:
            wrong.append(f"node {name} takes nothing")
        else:
            wrong += _check_node(view, grants)
    return wrong


def _check_node(view: NodeView, grants: Sequence[Grant]) -> list[str]:
    name, wrong = view.node.name, []
    for kind, free, lists in (
        ("core", view.cores, [g.cores for g in grants]),
        ("gpu", view.gpus, [g.gpus for g in grants]),
    ):
        ids = Counter(id_ for given in lists for id_ in given)
        wrong += [f"{name}: {kind} {i} given {n} times" for i, n in ids.items() if n > 1]
        wrong += [f"{name}: {kind} {i} is not free" for i in ids.keys() - set(free)]
    memory = sum(g.memory for g in grants)
    if memory > view.memory:
        wrong.append(f"{name}: {memory} bytes given, {view.memory} free")
    amounts: Counter[str] = Counter()
    for grant in grants:
        amounts.update(dict(grant.resources))
    for what, amount in amounts.items():
        if amount > view.resources.get(what, 0):
            wrong.append(
                f"{name}: {amount} {what} given, {view.resources.get(what, 0)} free"
            )
    return wrong
