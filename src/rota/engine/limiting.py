"""Limits set live: who may, what is in force then, and submits that are too many.

    config.yaml's limits + caps ──→ Rules.limits ──→ rounds, submits, lists

Caps are records: they hold after a restart, and whatever the file says when it is read
again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import islice

from rota.core.errors import Complaint, Missing, NotAllowed, RotaError
from rota.core.job import JobSpec
from rota.core.lifecycle import State
from rota.core.units import show_duration
from rota.engine.events import Effect, LimitAsked, Reply
from rota.engine.live import Job
from rota.engine.records import CapSaved, WindowSaved
from rota.engine.state import Memory
from rota.sched.caps import Cap, in_force, looser
from rota.sched.limits import BLOCK, Limit, blocking
from rota.sched.rules import Rules

BLOCKS_SEEN = 1000


def limit_asked(memory: Memory, event: LimitAsked) -> list[Effect]:
    """Set or remove a live limit; the next round obeys it, what runs goes on."""
    own = not event.user.is_operator
    before = memory.tally.caps.get((event.kind, event.name, own))
    said = {**(before.said if before else {}), **(event.set or {})}
    if own:
        said = {key: value for key, value in said.items() if value is not None}
    by, at = event.user.name, event.at
    cap = Cap(event.kind, event.name, by, at, own=own, said=said)
    refusal = _refusal(memory, event, cap, before=before)
    if refusal is not None:
        return [Reply(event.ticket, error=refusal)]
    memory.tally.put_cap(cap, gone=event.set is None or not said)
    put_in_force(memory, memory.declared)
    memory.round_wanted = True
    return [Reply(event.ticket, {"kind": event.kind, "name": event.name, "own": own})]


def _refusal(
    memory: Memory, event: LimitAsked, cap: Cap, *, before: Cap | None
) -> RotaError | None:
    user = event.user.name
    if cap.own and (event.kind, event.name) != ("user", user):
        told = f"{event.kind} {event.name} are bounded by an operator"
        return NotAllowed(f"{told}; {user} may only tighten their own: user {user}")
    if event.set is None:
        if before is None:
            return Missing(f"nothing was set live for {event.kind} {event.name}")
        return None
    queues = memory.rules.queue_names
    if event.kind == "queue" and queues and event.name not in (*queues, "*"):
        told = f"there is no queue {event.name}; queues are {', '.join(queues)}"
        return Missing(told)
    others = [c for c in memory.tally.caps.values() if not c.own]
    known = in_force(memory.declared.limits, others)
    for key, limit in looser(known, cap) if cap.own else ():
        return NotAllowed(
            f"{key} of {user}: less is in force already, set by {limit.set_by};"
            " one may only tighten one's own"
        )
    return None


def put_in_force(memory: Memory, rules: Rules) -> None:
    """Let *rules* of the file hold, with what was set live over and beside them."""
    caps, bookings = memory.tally.caps.values(), memory.bookings
    memory.declared = memory.rules = rules
    if caps or bookings.booked:
        memory.rules = replace(
            rules,
            limits=in_force(rules.limits, caps),
            windows=bookings.beside(rules.windows, at=memory.at),
        )


def recall(
    memory: Memory, caps: Iterable[CapSaved], windows: Iterable[WindowSaved]
) -> None:
    """Start from what the store kept."""
    memory.bookings.recall(windows, at=memory.at)
    for row in caps:
        if not row.gone:
            cap = Cap(row.kind, row.name, row.set_by, row.at, own=row.own, said=row.said)
            memory.tally.caps[row.kind, row.name, row.own] = cap
    put_in_force(memory, memory.declared)


def too_many(memory: Memory, specs: Iterable[JobSpec], *, user: str) -> Iterator[Complaint]:
    """Yield what limits on waiting tasks have against *specs* of *user*.

    Looks at every live job when such a limit binds *user*, and at none otherwise.
    """
    limits = [limit for limit in memory.rules.limits if limit.queued is not None]
    if not limits:
        return
    more: dict[tuple[str, str], int] = {}
    for spec in specs:
        tasks = len(spec.array.indexes) if spec.array else 1
        for key in _keys(user, spec.account or user, spec.queue):
            more[key] = more.get(key, 0) + tasks
    for (kind, name), asked in more.items():
        for limit in limits:
            if not limit.binds(kind, name) or limit.queued is None:
                continue
            waiting = _waiting(memory, kind, name)
            if waiting + asked > limit.queued:
                problem = f"{waiting} tasks of {kind} {name} wait and {asked} are too many"
                remedy = f"at most {limit.queued} may wait, set by {limit.set_by}"
                yield Complaint("", problem, remedy)


def no_block(limits: Iterable[Limit], spec: JobSpec, *, user: str) -> Iterator[Complaint]:
    """Yield what *limits* have against the priority of *spec*, if that is block."""
    if spec.priority < BLOCK:
        return
    allowed = blocking(limits, user=user, account=spec.account or user, queue=spec.queue)
    if not allowed.most:
        problem = f"block is not for {user}: blocks is 0, set by {allowed.set_by}"
        yield Complaint("priority", problem, "say high, or a number up to 999")


def blocks_not(memory: Memory, job: Job) -> str:
    """Return why *job*, whose priority is block, does not come before everybody; or ""."""
    if job.spec.priority < BLOCK:
        return ""
    limits, user, queue = memory.rules.limits, job.user.name, job.spec.queue
    allowed = blocking(limits, user=user, account=job.account, queue=queue)
    if allowed.time_ms is not None and memory.at >= job.submitted_at + allowed.time_ms:
        return f"it blocks no longer: block_time is {show_duration(allowed.time_ms)}"
    roster = memory.lines.roster
    mine = (
        waiting.job
        for number, priority in roster.priorities(user).items() if priority >= BLOCK
        for waiting in roster[number].jobs if waiting.priority >= BLOCK
    )  # fmt: skip
    sooner = sorted(id for id in islice(mine, BLOCKS_SEEN) if id < job.id)
    if len(sooner) < allowed.most:
        return ""
    told = f"{allowed.most}, set by {allowed.set_by}" if allowed.set_by else "1"
    return f"it does not block: job {sooner[0]} of {user} does (blocks is {told})"


def _waiting(memory: Memory, kind: str, name: str) -> int:
    return sum(
        job.counts.get(State.QUEUED, 0) + job.counts.get(State.HELD, 0)
        for job in memory.jobs.values()
        if (kind, name) in _keys(job.user.name, job.account, job.spec.queue)
    )


def _keys(user: str, account: str, queue: str) -> list[tuple[str, str]]:
    return [("user", user), ("account", account), ("queue", queue)]
