"""Who must go for whom, where a queue allows it; never for free.

Victims are, unless the policy says otherwise, those started last: they lose least.  Only
as many go as are needed for the job that comes first, and none if they do not suffice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final

from rota.sched.future import Release, fit_together, release_of
from rota.sched.lineup import Head, parts
from rota.sched.problem import Preempt, Running, Snapshot
from rota.sched.space import Space

VICTIMS: Final[Mapping[str, Callable[[Running], tuple[int, ...]]]] = {
    "youngest": lambda running: (-running.started_at, -running.alloc),
    "oldest": lambda running: (running.started_at, running.alloc),
    "lowest": lambda running: (running.priority, -running.started_at, -running.alloc),
}


def preempt(snapshot: Snapshot, stays: Iterable[Head], space: Space) -> list[Preempt]:
    """Return what to stop so that the first of *stays* that may preempt can start."""
    for head in stays:
        rule = snapshot.queues.get(head.queue)
        if rule and rule.preempts and head.left:
            victims = _victims(snapshot, head)
            return [Preempt(v.alloc, head.job.job) for v in _chosen(head, victims, space)]
    return []


def _victims(snapshot: Snapshot, head: Head) -> list[Running]:
    """Return who may be stopped for *head*, the best victim first."""
    may = [
        running
        for running in snapshot.running
        if running.preemptible and _yields(snapshot, running, head)
    ]
    may.sort(key=VICTIMS[snapshot.policy.victims])
    return may


def _yields(snapshot: Snapshot, running: Running, head: Head) -> bool:
    """Say whether *running* comes after *head*: by priority, or by its queue."""
    if running.priority != head.job.priority:
        return running.priority < head.job.priority
    rule = snapshot.queues.get(running.queue)
    return running.queue != head.queue and not (rule and rule.preempts)


def _chosen(head: Head, victims: Sequence[Running], space: Space) -> list[Running]:
    """Return the fewest, in their order, without whom *head* fits; none if never."""
    trial = space.copy()
    requests = parts(head.line)
    chosen: list[tuple[Running, Release]] = []
    for victim in victims:
        release = release_of(victim, trial)
        trial.give(release.takes)
        trial.take_licences(release.licences, -1)
        chosen.append((victim, release))
        if fit_together(requests, trial) is not None:
            break
    else:
        return []
    # Some may have been given up in vain: whoever can stay, stays.
    needed = []
    for victim, release in chosen:
        trial.take(release.takes)
        trial.take_licences(release.licences)
        if fit_together(requests, trial) is None:
            trial.give(release.takes)
            trial.take_licences(release.licences, -1)
            needed.append(victim)
    return needed
