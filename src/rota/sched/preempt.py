"""Who must go for whom, where a queue allows it; never for free.

Of all sets that suffice the one is looked for whose work is least worth: core-time that
would be done again.  Nobody goes who need not, nobody if they do not suffice, and no more
of a queue than its budget allows (``yields``).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Final

from rota.core.resources import Mode, Request
from rota.sched.future import fit_together
from rota.sched.lineup import Head, parts
from rota.sched.problem import Preempt, Running, Snapshot
from rota.sched.releases import Release, release_of
from rota.sched.space import Space

NODES_MAX = 64
"""So many nodes are looked at one by one for a cheaper set; more are judged together."""

VICTIMS: Final[Mapping[str, Callable[[Running, int], tuple[int, ...]]]] = {
    "cheapest": lambda r, at: (lost(r, at), -r.started_at, -r.alloc),
    "youngest": lambda r, at: (-r.started_at, -r.alloc),
    "oldest": lambda r, at: (r.started_at, r.alloc),
    "lowest": lambda r, at: (r.priority, -r.started_at, -r.alloc),
}


def lost(running: Running, at: int) -> int:
    """Return what is done again if *running* is stopped at *at*: core-milliseconds."""
    return 0 if running.keeps else width_of(running) * max(0, at - running.started_at)


def width_of(running: Running) -> int:
    """Return how many cores *running* holds."""
    return sum(len(grant.cores) for grant in running.grants)


def preempt(snapshot: Snapshot, stays: Iterable[Head], space: Space) -> list[Preempt]:
    """Return what to stop so that the first of *stays* that may preempt can start."""
    for head in stays:
        rule = snapshot.queues.get(head.queue)
        if rule and rule.preempts and head.left:
            victims = _victims(snapshot, head)
            chosen = _chosen(snapshot, head, victims, space)
            return [Preempt(v.alloc, head.job.job) for v in chosen]
    return []


def _victims(snapshot: Snapshot, head: Head) -> list[Running]:
    """Return who may be stopped for *head*, the best victim first."""
    may = [
        running
        for running in snapshot.running
        if running.preemptible and _yields(snapshot, running, head)
    ]
    order = VICTIMS[snapshot.policy.victims]
    may.sort(key=lambda running: order(running, snapshot.at))
    return may


def _yields(snapshot: Snapshot, running: Running, head: Head) -> bool:
    """Say whether *running* comes after *head*: by its queue, in one queue by priority."""
    if running.queue == head.queue:
        return running.priority < head.job.priority
    preempts = snapshot.queues[head.queue].preempts
    if isinstance(preempts, frozenset):
        return running.queue in preempts
    rule = snapshot.queues.get(running.queue)
    return not (rule and rule.preempts)


def _chosen(
    snapshot: Snapshot, head: Head, victims: Sequence[Running], space: Space
) -> list[Running]:
    """Return the cheapest set found without whom *head* fits; none if there is none."""
    requests = parts(head.line)
    sets = [_least(snapshot, requests, some, space) for some in _pools(requests, victims)]
    found = [one for one in sets if one]
    if snapshot.policy.victims != "cheapest":
        return found[0] if found else []
    at = snapshot.at
    return min(found, key=lambda s: (sum(lost(v, at) for v in s), len(s)), default=[])


def _pools(
    requests: Sequence[Request], victims: Sequence[Running]
) -> Iterator[Sequence[Running]]:
    """Yield all *victims*, and for a job of one node also those of each node alone."""
    yield victims
    one_node = len(requests) == 1 and requests[0].mode in (Mode.BY_CORE_1, Mode.BY_HOST)
    if not one_node:
        return
    by_node: dict[str, list[Running]] = {}
    for victim in victims:
        for grant in victim.grants:
            if grant.node in by_node or len(by_node) < NODES_MAX:
                by_node.setdefault(grant.node, []).append(victim)
    if len(by_node) > 1:
        yield from by_node.values()


def _least(
    snapshot: Snapshot,
    requests: Sequence[Request],
    victims: Sequence[Running],
    space: Space,
) -> list[Running]:
    """Return, in their order, as many as are needed and no more; none if never."""
    trial = space.copy()
    chosen: list[tuple[Running, Release]] = []
    cores: Counter[str] = Counter()
    stops: Counter[str] = Counter()
    for victim in victims:
        queue, width = victim.queue, width_of(victim)
        budget = snapshot.budgets.get(queue)
        if budget and not budget.allows(cores[queue] + width, stops[queue] + 1):
            continue
        cores[queue] += width
        stops[queue] += 1
        release = _freed(victim, trial)
        _give(trial, release)
        chosen.append((victim, release))
        if fit_together(requests, trial) is not None:
            break
    else:
        return []
    return _spared(requests, chosen, trial)


def _spared(
    requests: Sequence[Request], chosen: Sequence[tuple[Running, Release]], trial: Space
) -> list[Running]:
    """Some were given up in vain: whoever can stay stays, the worst victims first."""
    needed: list[Running] = []
    for victim, release in reversed(chosen):
        trial.take(release.takes)
        trial.take_licences(release.licences)
        if fit_together(requests, trial) is None:
            _give(trial, release)
            needed.append(victim)
    return needed[::-1]


def _freed(victim: Running, space: Space) -> Release:
    """Return what comes free: of one who only stands still its cores and nothing else."""
    release = release_of(victim, space)
    if not victim.keeps:
        return release
    takes = tuple(t._replace(memory=0, gpus=0, resources=()) for t in release.takes)
    return release._replace(takes=takes, licences=())


def _give(space: Space, release: Release) -> None:
    space.give(release.takes)
    space.take_licences(release.licences, -1)
