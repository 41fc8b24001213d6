"""Pools: added, changed, drained, removed; how many pilots there should be, and which go.

tend   after a round: what waits ─▶ ``sched.scaling`` ─▶ Launch
       idle, drained, removed, out of time ─▶ closed, and given back
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from rota.core.account import User
from rota.core.errors import Conflict, Missing, NotAllowed, RotaError
from rota.core.pool import Pool
from rota.core.reasons import Reason, reason
from rota.core.resources import Request
from rota.engine.events import Effect, Launch, PoolAsked, Reply
from rota.engine.launching import close, is_connected, leave
from rota.engine.live import Job
from rota.engine.pilots import (
    ASKED,
    END_MS,
    LEAVING,
    STARTING,
    UP,
    Pilot,
    PoolState,
    marker_text,
)
from rota.engine.state import Memory
from rota.sched.scaling import Demand, Offer, could, slots, wanted

EVERY_MS = 250
"""Pools are looked after at most so often: a round may come every few milliseconds."""

LEAD_MS = 120_000
"""So long before its end, or a tenth of its life, another may take a pilot's place."""

LINES_MAX = 500
WAITS_FOR_ROOM = frozenset(
    ("resources", "no_node", "nodes_away", "impossible_now", "priority", "reservation")
)


def pool_asked(memory: Memory, event: PoolAsked) -> list[Effect]:
    """An administrator adds, changes, drains, opens or removes a pool."""
    refusal = _refusal(memory, event)
    if refusal is not None:
        return [Reply(event.ticket, error=refusal)]
    if event.verb in ("add", "set"):
        assert event.pool is not None
        _put(memory, event.pool, source="")
    else:
        state = memory.pools[event.name]
        if event.verb == "remove":
            state.removed = True
        else:
            who = event.user.name if event.verb == "drain" else None
            state.pool = replace(state.pool, drained=who)
        memory.save_pool(state)
    memory.pools_due = memory.round_wanted = True
    memory.tended_at = 0
    return [Reply(event.ticket, {"pool": event.name, "verb": event.verb})]


def _refusal(memory: Memory, event: PoolAsked) -> RotaError | None:
    drains = event.verb in ("drain", "undrain")
    if not (event.user.is_operator if drains else event.user.is_admin):
        whom = "operator" if drains else "administrator"
        return NotAllowed(f"{event.user.name} is no {whom} of this server")
    state = memory.pools.get(event.name)
    known = ", ".join(sorted(memory.pools)) or "none"
    if event.verb == "add":
        if state is None:
            return None
        if state.removed:
            left = len(state.pilots)
            return Conflict(f"pool {event.name} is being removed: {left} pilots are left")
        remedy = f"rota pool set {event.name} changes it"
        return Conflict(f"there is a pool {event.name} already; {remedy}")
    if state is None:
        return Missing(f"there is no pool {event.name}; pools are: {known}")
    if state.source == "config" and event.verb in ("set", "remove"):
        return Conflict(
            f"pool {event.name} stands in the server's config file; change it there, then "
            "`rota config reload`"
        )
    return None


def configure(memory: Memory, pools: Mapping[str, Pool]) -> None:
    """Put the pools of the operator's file in force; those that left it are removed."""
    for pool in pools.values():
        _put(memory, pool, source="config")
    for name, state in memory.pools.items():
        if state.source == "config" and name not in pools and not state.removed:
            state.removed = True
            memory.save_pool(state)
    memory.pools_due = True


def _put(memory: Memory, pool: Pool, *, source: str) -> None:
    state = memory.pools.get(pool.name)
    if state is None:
        next_n = memory.pool_numbers.get(pool.name, 1)
        state = memory.pools[pool.name] = PoolState(pool, next_n=next_n)
    elif not state.removed and (state.pool, state.source) == (
        replace(pool, drained=state.pool.drained), source,
    ):  # fmt: skip
        return
    state.pool = replace(pool, drained=state.pool.drained)
    state.source, state.removed = source, False
    # Another description may well work: it is tried at once.
    state.failures, state.retry_at, state.trouble = 0, 0, None
    memory.save_pool(state)


# ── after each round ──────────────────────────────────────────────────────────────────


def tend(memory: Memory, at: int) -> list[Effect]:
    """Look after all pools: give back, close, and start what is wanted."""
    if at < memory.tended_at + EVERY_MS:
        memory.set_timer(memory.tended_at + EVERY_MS, "pool")
        return []
    memory.pools_due, memory.tended_at = False, at
    effects: list[Effect] = []
    for state in list(memory.pools.values()):
        for pilot in list(state.pilots.values()):
            effects += _look(memory, state, pilot, at=at)
        if state.removed and not state.pilots:
            del memory.pools[state.pool.name]
            memory.pool_numbers[state.pool.name] = state.next_n
            memory.save_pool(state)
    return effects + _scale(memory, at)


def _look(memory: Memory, state: PoolState, pilot: Pilot, *, at: int) -> list[Effect]:
    """See whether *pilot* should go, or may not take anything any more."""
    if pilot.state == LEAVING or pilot.over is not None:
        return []
    if pilot.state in STARTING:
        stays = not (state.removed or state.pool.drained)
        return (
            [] if stays or pilot.state == ASKED else _give_back(memory, state, pilot, at=at)
        )
    _near_end(memory, state, pilot, at=at)
    if is_busy(memory, state, pilot):
        pilot.idle_at = None
        if not state.removed or _holds_keepers(memory, state, pilot):
            return []
        return leave(memory, state, pilot, at=at, word="its pool was removed")
    if pilot.idle_at is None:
        pilot.idle_at = at
    if state.removed or state.pool.drained:
        return _give_back(memory, state, pilot, at=at)
    due = pilot.idle_at + state.pool.idle_ms
    if at < due:
        memory.set_timer(due, "pool")
        return []
    if _live(state, at) <= state.pool.least:
        return []
    return leave(memory, state, pilot, at=at, word="idle, given back")


def _give_back(memory: Memory, state: PoolState, pilot: Pilot, *, at: int) -> list[Effect]:
    word = "its pool was removed" if state.removed else "its pool was drained"
    return leave(memory, state, pilot, at=at, word=word)


def _near_end(memory: Memory, state: PoolState, pilot: Pilot, *, at: int) -> None:
    if pilot.ends_at is None:
        return
    if at >= pilot.ends_at - END_MS:
        close(memory, state, pilot, why="its time is up")
    for instant in (pilot.ends_at - _lead(state.pool), pilot.ends_at - END_MS):
        if at < instant:
            memory.set_timer(instant, "pool")


def is_busy(memory: Memory, state: PoolState, pilot: Pilot) -> bool:
    """Whether anything is placed on a node of *pilot*."""
    nodes = (memory.nodes.get(name) for name in state.nodes(pilot.n))
    return any(node is not None and node.allocs for node in nodes)


def _holds_keepers(memory: Memory, state: PoolState, pilot: Pilot) -> bool:
    """Whether something runs there that could not be started a second time."""
    nodes = (memory.nodes.get(name) for name in state.nodes(pilot.n))
    return any(
        not alloc.job.spec.restartable
        for node in nodes if node is not None
        for alloc in node.allocs.values()
    )  # fmt: skip


def _lead(pool: Pool) -> int:
    return min(LEAD_MS, (pool.time_ms or LEAD_MS) // 10)


def _live(state: PoolState, at: int) -> int:
    """How many pilots count: those that leave, or whose time is nearly up, do not."""
    lead = _lead(state.pool)
    return sum(
        pilot.state != LEAVING
        and pilot.over is None
        and not (pilot.ends_at is not None and at >= pilot.ends_at - lead)
        for pilot in state.pilots.values()
    )


def _scale(memory: Memory, at: int) -> list[Effect]:
    offers = [
        Offer(state.pool, _live(state, at), state.starting, state.open_at(at))
        for state in memory.pools.values()
    ]
    if not any(o.is_open and o.live < o.pool.most for o in offers):
        return []
    effects: list[Effect] = []
    for name, count in wanted(offers, demands(memory)).items():
        effects += [_launch(memory, memory.pools[name], at) for _ in range(count)]
    return effects


def _launch(memory: Memory, state: PoolState, at: int) -> Launch:
    pilot = Pilot(state.next_n, ASKED, at, at)
    state.next_n += 1
    state.pilots[pilot.n] = pilot
    memory.save_pool(state)
    memory.save_pilot(state, pilot)
    marker = marker_text(memory.settings.server, state.pool.name, pilot.n)
    return Launch(state.pool, pilot.n, marker, state.nodes(pilot.n))


def demands(memory: Memory) -> list[Demand]:
    """Return what waits for room, and for nothing else, as of the last round."""
    found: list[Demand] = []
    for key, line in list(memory.lines.by_key.items())[:LINES_MAX]:
        why = memory.reasons.get(line.number)
        if not _is_ours(line.first.user, memory):
            continue
        if why is not None and why.code in WAITS_FOR_ROOM:
            tasks = sum(_slots(job) for job in line.jobs.values())
            if tasks:
                found.append(Demand(key[0], tasks))
    return found


def _is_ours(user: User, memory: Memory) -> bool:
    """Whether pilots, which run under the server's account, take jobs of *user*."""
    return None in (user.uid, memory.settings.uid) or user.uid == memory.settings.uid


def _slots(job: Job) -> int:
    count = min(job.pending, job.room)
    if count <= 0:
        return 0
    return slots(count, job.mean_ms if job.measured >= 3 else None)


def reason_with_pools(memory: Memory, request: Request, found: Reason) -> Reason:
    """Return *found*, or what a pool does about it: it starts pilots, or it backs off."""
    if found.code not in WAITS_FOR_ROOM or not memory.pools:
        return found
    able = [
        memory.pools[pool.name]
        for pool in could([state.pool for state in memory.pools.values()], request)
    ]
    for state in able:
        if state.starting and not state.removed:
            count = state.starting * state.pool.per_pilot
            return reason("pool_starting", pool=state.pool.name, count=_agents(count))
    for state in able:
        if (why := state.why_not(memory.at)) is not None and why.code == "pool_backoff":
            return why
    return found


def _agents(count: int) -> str:
    return "1 agent" if count == 1 else f"{count} agents"


def is_up(memory: Memory, state: PoolState) -> int:
    """Return how many pilots of a pool have an agent connected."""
    return sum(
        pilot.state == UP and is_connected(memory, state, pilot)
        for pilot in state.pilots.values()
    )
