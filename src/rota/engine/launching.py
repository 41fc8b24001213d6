"""What becomes of pilots: their system answered, listed them, or did not; agents came.

An answer that does not come decides nothing.  What ended for certain gives its tasks back
at once, without waiting for a lease: the allocation is the evidence (G07, G12).
"""

from __future__ import annotations

from collections.abc import Sequence

from rota.core.pool import marker_of, pilot_of
from rota.core.reasons import Reason, reason
from rota.engine.events import (
    CancelPilots,
    Effect,
    Launched,
    NodeJoined,
    NotLaunched,
    Polled,
    SeenPilot,
)
from rota.engine.live import Task
from rota.engine.node import NodeState
from rota.engine.pilots import (
    ASKED,
    GONE,
    LEAVING,
    MISSING_MAX,
    QUEUED,
    RUNNING,
    UNSURE,
    UNSURE_MS,
    UP,
    Pilot,
    PoolState,
)
from rota.engine.reports import lose
from rota.engine.state import Memory

BACKOFF_MS = 10_000
BACKOFF_MS_MAX = 600_000
WATCH_MS = 600_000
"""So long a pool is still listed after a pilot of it was given up unseen."""


def launched(memory: Memory, event: Launched) -> list[Effect]:
    """The other system took it and said under which id."""
    state = memory.pools.get(event.pool)
    pilot = state.pilots.get(event.n) if state else None
    if state is None or pilot is None:
        return []  # It is over already; whoever still stands in a list is a stray.
    pilot.id = event.id
    if pilot.state in (ASKED, UNSURE):
        pilot.become(QUEUED, event.at)
    memory.save_pilot(state, pilot)
    return cancel(state, [event.id]) if pilot.state == LEAVING else []


def not_launched(memory: Memory, event: NotLaunched) -> list[Effect]:
    """The submit failed: for certain, or nobody knows until a list has been seen."""
    state = memory.pools.get(event.pool)
    pilot = state.pilots.get(event.n) if state else None
    if state is None or pilot is None or pilot.state not in (ASKED, LEAVING):
        return []
    back_off(memory, state, event.why, at=event.at)
    if event.certain:
        gone(memory, state, pilot, at=event.at, word=event.why)
    elif pilot.state == ASKED:
        pilot.become(UNSURE, event.at, event.why)
        memory.save_pilot(state, pilot)
    return []


def polled(memory: Memory, event: Polled) -> list[Effect]:
    """Their system listed them all, or could not be asked."""
    state = memory.pools.get(event.pool)
    if state is None:
        return []
    memory.pools_due = True
    if event.seen is None:
        what = f"cannot ask for its pilots: {event.trouble}"
        state.deaf = reason("pool_backoff", pool=event.pool, what=what)
        return []
    state.deaf, state.polled_at = None, event.at
    rows, strays = _sorted(memory, state, event.seen)
    effects = cancel(state, strays)
    for n, row in rows.items():
        effects += _see(memory, state, state.pilots[n], row, at=event.at)
    for pilot in list(state.pilots.values()):
        if pilot.n not in rows and pilot.state != ASKED and pilot.since < event.began_at:
            _miss(memory, state, pilot, at=event.at)
    return effects


def _sorted(
    memory: Memory, state: PoolState, seen: Sequence[SeenPilot]
) -> tuple[dict[int, SeenPilot], list[str]]:
    """Return {n: its row}, and the ids of live allocations that nobody waits for."""
    by_id = {pilot.id: pilot.n for pilot in state.pilots.values() if pilot.id}
    rows: dict[int, SeenPilot] = {}
    strays: list[str] = []
    for row in seen:
        marker = marker_of(row.name)
        if marker and (marker.server, marker.pool) != (
            memory.settings.server, state.pool.name,
        ):  # fmt: skip
            continue
        n = marker.n if marker else by_id.get(row.id)
        if n is None:
            continue
        # A number from a future that a restored database does not know: never used again.
        state.next_n = max(state.next_n, n + 1)
        pilot = state.pilots.get(n)
        wanted = pilot is not None and pilot.id in (None, row.id) and n not in rows
        if wanted:
            rows[n] = row
        elif row.state != "ended":
            strays.append(row.id)
    return rows, strays


def _see(
    memory: Memory, state: PoolState, pilot: Pilot, row: SeenPilot, *, at: int
) -> list[Effect]:
    pilot.missing = 0
    pilot.word = row.word
    if pilot.id is None:
        pilot.id = row.id
        memory.save_pilot(state, pilot)
    if row.state == "ended":
        _ended(memory, state, pilot, at=at, word=row.word)
    elif pilot.state == LEAVING:
        return cancel(state, [row.id])
    elif row.state == "stuck":
        name = state.pool.name
        cure = f"`rota pool set {name}` changes what is asked for, `rota pool log {name}`"
        what = f"{_named(pilot)} will not start: {row.word}; {cure} has what was run"
        back_off(memory, state, what, at=at)
        return leave(memory, state, pilot, at=at, word=row.word)
    elif row.state == "queued" and pilot.state in (UNSURE, RUNNING):
        _move(memory, state, pilot, QUEUED, at=at)
    elif row.state == "running" and pilot.state in (UNSURE, QUEUED):
        _move(memory, state, pilot, RUNNING, at=at)
    return []


def _miss(memory: Memory, state: PoolState, pilot: Pilot, *, at: int) -> None:
    """It is not listed: purged, ended, or never there.  A connected agent knows better."""
    pilot.missing += 1
    if pilot.missing < MISSING_MAX or is_connected(memory, state, pilot):
        return
    if pilot.state == UNSURE and at - pilot.since < UNSURE_MS:
        return
    never = pilot.state == UNSURE or pilot.id is None
    word = "it never appeared there" if never else "not known there any more"
    if never:
        state.watch_until = at + WATCH_MS
    _ended(memory, state, pilot, at=at, word=word)


def _ended(memory: Memory, state: PoolState, pilot: Pilot, *, at: int, word: str) -> None:
    if is_connected(memory, state, pilot):
        # Its agent is ending jobs just now and says how they end; then it hangs up.
        pilot.over = word
        close(memory, state, pilot, why=word)
        return
    if pilot.up_at is None and pilot.state != LEAVING:
        what = f"{_named(pilot)} ended before its agent came: {word}"
        back_off(
            memory, state, f"{what}; `rota pool log {state.pool.name}` has more", at=at
        )
    gone(memory, state, pilot, at=at, word=word)


def gone(memory: Memory, state: PoolState, pilot: Pilot, *, at: int, word: str) -> None:
    """Its allocation is over: nothing runs there any more, what did is tried again."""
    evidence = f"{_named(pilot)} of pool {state.pool.name} ended: {word}"
    for name in state.nodes(pilot.n):
        node = memory.nodes.get(name)
        if node is None:
            continue
        for task in tasks_on(node):
            why = reason("lost", evidence=evidence)
            lose(memory, task, at=at, why=why, blame=_outlived(pilot, task, at))
        if not node.allocs:
            memory.drop_node(name)
    pilot.become(GONE, at, word)
    pilot.ended_at = at
    memory.save_pilot(state, pilot)
    del state.pilots[pilot.n]
    state.recent.append(pilot)
    memory.round_wanted = memory.pools_due = True


def _outlived(pilot: Pilot, task: Task, at: int) -> bool:
    """Whether *task* had nearly all of the pilot's life, and that was not enough.

    Only then is its end a mark against the task: else it would go round for ever.
    """
    if pilot.state == LEAVING or pilot.up_at is None or task.started_at is None:
        return False
    return at - task.started_at >= 0.8 * (at - pilot.up_at)


def leave(
    memory: Memory, state: PoolState, pilot: Pilot, *, at: int, word: str
) -> list[Effect]:
    """Give a pilot back; its tasks return when its system says that it has ended."""
    pilot.become(LEAVING, at, word)
    close(memory, state, pilot, why=word)
    memory.save_pilot(state, pilot)
    return cancel(state, [pilot.id]) if pilot.id else []


def arrived(memory: Memory, node: NodeState, event: NodeJoined) -> None:
    """An agent came: a pilot's is up with it; one that nobody waits for is closed."""
    found = pilot_of(node.node.name)
    state = memory.pools.get(found[0]) if found else None
    if found is None or state is None:
        return
    pilot = state.pilots.get(found[1])
    if pilot is None:
        why = f"pool {state.pool.name} has given its pilot up"
        node.ending = reason("drained", who="the server", why=why)
        state.watch_until = event.at + WATCH_MS
        return
    node.ends_at = None if event.ends_in_ms is None else event.at + event.ends_in_ms
    pilot.ends_at = node.ends_at
    pilot.idle_at = event.at
    state.failures, state.retry_at, state.trouble = 0, 0, None
    if pilot.state == LEAVING:
        close(memory, state, pilot, why=pilot.word)
    else:
        pilot.up_at = pilot.up_at or event.at
        _move(memory, state, pilot, UP, at=event.at)
    memory.pools_due = True


def departed(memory: Memory, name: str, at: int) -> None:
    """An agent hung up: if its allocation is known to be over, so is its node."""
    found = pilot_of(name)
    state = memory.pools.get(found[0]) if found else None
    if found is None or state is None:
        return
    pilot = state.pilots.get(found[1])
    if pilot is None:
        if not memory.nodes[name].allocs:
            memory.drop_node(name)
    elif pilot.over is not None and not is_connected(memory, state, pilot):
        gone(memory, state, pilot, at=at, word=pilot.over)


def is_connected(memory: Memory, state: PoolState, pilot: Pilot) -> bool:
    """Whether any agent of *pilot* is connected."""
    nodes = (memory.nodes.get(name) for name in state.nodes(pilot.n))
    return any(node is not None and node.session is not None for node in nodes)


def close(memory: Memory, state: PoolState, pilot: Pilot, *, why: str) -> None:
    """Let the nodes of *pilot* take nothing new."""
    for name in state.nodes(pilot.n):
        node = memory.nodes.get(name)
        if node is not None and node.ending is None:
            who = f"pool {state.pool.name}"
            node.ending = Reason("drained", f"drained by {who}: {why}", {"who": who})


def cancel(state: PoolState, ids: Sequence[str]) -> list[Effect]:
    """Return what ends allocations *ids* in their system; none for no ids."""
    return [CancelPilots(state.pool, tuple(ids))] if ids else []


def back_off(memory: Memory, state: PoolState, what: str, *, at: int) -> None:
    """Start nothing for a while, longer after each failure, and say why."""
    state.failures += 1
    pause = min(BACKOFF_MS << min(state.failures - 1, 10), BACKOFF_MS_MAX)
    state.retry_at = at + pause
    state.trouble = reason("pool_backoff", pool=state.pool.name, what=what)
    memory.set_timer(state.retry_at, "pool")


def tasks_on(node: NodeState) -> list[Task]:
    """Return the tasks whose agent is that of *node*."""
    return [
        task
        for alloc in list(node.allocs.values())
        if alloc.node == node.node.name
        for task in list(alloc.strip)
    ]


def _move(memory: Memory, state: PoolState, pilot: Pilot, to: str, *, at: int) -> None:
    pilot.become(to, at)
    memory.save_pilot(state, pilot)


def _named(pilot: Pilot) -> str:
    return f"pilot {pilot.n}" + (f" ({pilot.id})" if pilot.id else "")
