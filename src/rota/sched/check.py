"""A plan proved sane before it is applied: nothing given twice, nothing overdrawn."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import islice

from rota.core.resources import Grant, Request
from rota.sched.problem import NodeView, Plan, Snapshot


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
    waiting: dict[int, tuple[int, tuple[Request, ...]]] = {}
    for line in snapshot.lines:
        left = len(wanted.keys() - waiting.keys())
        if not left:
            break
        # Starts come from the front of a line; the tail is not looked at.
        for job in islice(line.jobs, left + len(plan.starts)):
            if job.job in wanted:
                waiting[job.job] = (job.tasks, (line.request, *line.gang))
    wrong = [f"job {name} does not wait" for name in wanted.keys() - waiting.keys()]
    for name, (tasks, _) in waiting.items():
        if wanted[name] > tasks:
            wrong.append(f"job {name}: {wanted[name]} started, {tasks} wait")
    used: Counter[str] = Counter()
    for name, (_, requests) in waiting.items():
        for request in requests:
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
