"""Agents come, go, and come back: what becomes of the attempts on their nodes.

joined, same boot     attempts it holds are adopted; placed ones it never got wait;
                      running ones it no longer knows are lost
joined, new boot      nothing survived: all are lost, once, with the reason
left                  nothing is decided: jobs belong to their node, not to our link;
                      only when their lease has surely ended are they tried again
"""

from __future__ import annotations

from rota.core.job import AttemptRef
from rota.core.lifecycle import State
from rota.core.reasons import reason
from rota.engine.draining import flapped
from rota.engine.events import (
    Declined,
    Effect,
    Holding,
    Kill,
    NodeChecked,
    NodeJoined,
    NodeLeft,
)
from rota.engine.launching import arrived, departed, tasks_on
from rota.engine.live import Task
from rota.engine.node import NodeState
from rota.engine.reports import declined, lose, started
from rota.engine.state import Memory
from rota.engine.suspend import reconnected


def joined(memory: Memory, event: NodeJoined) -> list[Effect]:
    """A node offers itself; what it says of attempts is reconciled with what we know."""
    name = event.node.name
    state = memory.nodes.get(name)
    if state is None:
        state = memory.nodes[name] = NodeState(
            event.node, boot=event.boot, seen_at=event.at, turned=memory.turned
        )
    rebooted = state.boot != event.boot
    state.boot, state.session, state.left_at = event.boot, event.session, None
    state.seen_at, state.trouble = event.at, event.healthy
    state.describe(event.node)
    arrived(memory, state, event)
    memory.save_node(state)
    memory.round_wanted = True
    effects: list[Effect] = []
    holds = {} if rebooted else {hold.attempt: hold for hold in event.holds}
    for task in tasks_on(state):
        _reconcile(memory, task, holds.pop(task.ref, None), event, rebooted, effects)
    effects.extend(_kill_stale(memory, name, holds))
    return effects


def _reconcile(
    memory: Memory, task: Task, hold: Holding | None, event: NodeJoined,
    rebooted: bool, effects: list[Effect],
) -> None:  # fmt: skip
    if hold is None and task.state is State.PLACED and not rebooted:
        why = reason("returned")
        declined(memory, task, Declined(task.ref, why), at=event.at)
    elif hold is None:
        what = "its node was restarted" if rebooted else "its node no longer knows it"
        lose(memory, task, at=event.at, why=reason("lost", evidence=what))
    else:
        if hold.phase == "running" and hold.started_at is not None:
            started(memory, task, hold.started_at, at=event.at)
        if task.killing is not None and hold.phase != "ended":
            grace = task.job.spec.grace_ms
            effects.append(Kill(event.node.name, task.ref, grace, task.killing))
        elif hold.phase == "running":
            reconnected(memory, task, effects)


def _kill_stale(
    memory: Memory, name: str, holds: dict[AttemptRef, Holding]
) -> list[Effect]:  # fmt: skip
    """Attempts that the node holds and nobody waits for any more are ended there."""
    why = reason("killed", who="the server: the attempt is no longer current")
    return [
        Kill(name, ref, 0, why) for ref, hold in holds.items() if hold.phase != "ended"
    ]  # fmt: skip


def left(memory: Memory, event: NodeLeft) -> list[Effect]:
    """Its connection ended; a timer looks again when the leases have surely ended."""
    state = memory.nodes.get(event.node)
    if state is None or state.session != event.session:
        return []
    state.session, state.left_at, state.seen_at = None, event.at, event.at
    memory.save_node(state)
    watch_leases(memory, state)
    memory.round_wanted = True
    flapped(memory, state, event.at)
    departed(memory, event.node, event.at)
    return []


def watch_leases(memory: Memory, state: NodeState) -> None:
    """Ask for a look at the leases of a node that is away, when they have surely ended."""
    assert state.left_at is not None
    settings = memory.settings
    due = state.left_at + settings.lease_ms + settings.lease_margin_ms
    memory.set_timer(due, "lease", node=state.node.name)


def leases_ended(memory: Memory, name: str, at: int) -> None:
    """The node ended its restartable attempts by itself by now: they may run elsewhere."""
    state = memory.nodes.get(name)
    settings = memory.settings
    if state is None or state.session is not None or state.left_at is None:
        return
    if at < state.left_at + settings.lease_ms + settings.lease_margin_ms:
        return
    why = reason("lost", evidence="no word from its node until its lease ended")
    for task in tasks_on(state):
        if task.job.spec.restartable:
            lose(memory, task, at=at, why=why)


def checked(memory: Memory, event: NodeChecked) -> list[Effect]:
    """A node found trouble with itself, or is well again."""
    state = memory.nodes.get(event.node)
    if state is not None and state.session == event.session:
        state.trouble = event.trouble
        memory.round_wanted = True
    return []
