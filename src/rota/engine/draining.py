"""Nodes closed to new work: by people, for as long as they say, and when they flap.

drained   by hand, with who, why, and until when; what runs there ends in peace
flapping  its agent came and went too often: closed for a while, as work there is lost
"""

from __future__ import annotations

from rota.core.errors import Missing, NotAllowed
from rota.core.pool import pilot_of
from rota.core.reasons import Reason, reason
from rota.core.units import show_duration
from rota.engine.events import Effect, NodeAsked, Reply
from rota.engine.node import NodeState
from rota.engine.state import Memory

FLAPS = 10
WITHIN_MS = 600_000
CLOSED_MS = 1_800_000
"""A node that left so often within so long takes nothing new for so long."""


def node_asked(memory: Memory, event: NodeAsked) -> list[Effect]:
    """Drain nodes (what runs there ends in peace) or open them again."""
    if not event.user.is_operator:
        sentence = f"{event.user.name} may not {event.verb} nodes: ask an operator"
        return [Reply(event.ticket, error=NotAllowed(sentence))]
    missing = [name for name in event.nodes if name not in memory.nodes]
    if missing:
        known = ", ".join(sorted(memory.nodes)) or "none"
        sentence = f"there is no node {missing[0]}; nodes are: {known}"
        return [Reply(event.ticket, error=Missing(sentence))]
    drained = None
    if event.verb == "drain":
        why = event.why or "no reason given"
        until = None if event.for_ms is None else event.at + event.for_ms
        drained = reason("drained", who=event.user.name, why=why, until=until)
    for name in event.nodes:
        state = memory.nodes[name]
        state.left_often.clear()
        _close(memory, state, drained)
    return [Reply(event.ticket, {"nodes": list(event.nodes)})]


def flapped(memory: Memory, state: NodeState, at: int) -> None:
    """Take note that the agent of a node left; close the node if it does so often."""
    left = state.left_often
    left.append(at)
    while left[0] <= at - WITHIN_MS:
        left.popleft()
    if len(left) < FLAPS or state.drained is not None or pilot_of(state.node.name):
        return
    length, until = show_duration(WITHIN_MS), at + CLOSED_MS
    left.clear()
    _close(memory, state, reason("flapping", count=FLAPS, length=length, until=until))


def watch_drain(memory: Memory, state: NodeState) -> None:
    """Ask for a look at a node when it is to be opened again."""
    until = _until(state.drained)
    if until is not None:
        memory.set_timer(until, "drain", node=state.node.name)


def drain_ended(memory: Memory, name: str, at: int) -> None:
    """Open a node whose time is over; one that was closed again meanwhile stays closed."""
    state = memory.nodes.get(name)
    until = _until(state.drained) if state is not None else None
    if state is not None and until is not None and at >= until:
        _close(memory, state, None)


def _close(memory: Memory, state: NodeState, why: Reason | None) -> None:
    state.drained = why
    memory.save_node(state)
    watch_drain(memory, state)
    memory.round_wanted = True


def _until(why: Reason | None) -> int | None:
    until = why.evidence.get("until") if why is not None else None
    return until if isinstance(until, int) else None
