"""Nodes: what they have, what runs there, drain and undrain."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from rota.core.account import User
from rota.core.job import show_name
from rota.core.pool import pilot_of
from rota.engine.events import NodeAsked
from rota.engine.live import Job
from rota.engine.node import NodeState
from rota.launch.ssh_nodes import Standing
from rota.server.link import Link
from rota.server.parts import Parts
from rota.server.route import Call
from rota.server.sight import may_list
from rota.server.views import instant, reason_view, show_instant
from rota.wire import api

RUNNING_SHOWN = 1000
FACTS = ("python", "kernel", "host", "user", "version")


async def list_nodes(parts: Parts, call: Call) -> api.NodesPage:
    """List the nodes, what is used of them and what runs there."""
    known = parts.mind.nodes()
    sees = _sees(parts, call.user)
    views = [node_view(s, parts.gateway.link(s.node.name), sees=sees) for s in known]
    standing = dict(parts.ssh_nodes.standing) if parts.ssh_nodes else {}
    for view in views:
        found = standing.pop(view.name, None)
        if found is not None and view.state == "unreachable":
            view.reason = _starting(found)
        view.pilot = _pilot(parts, view.name)
    # Those that have never come are shown as well: somebody waits for them.
    views += [_absent(name, found) for name, found in standing.items()]
    return api.NodesPage(nodes=sorted(views, key=lambda view: view.name))


def _starting(standing: Standing) -> api.ReasonView:
    text = standing.why or "its agent is being started over ssh"
    return api.ReasonView(code="unreachable", text=text)


def _pilot(parts: Parts, node: str) -> api.NodePilot | None:
    """Return the allocation that *node* is part of, if it is one of a pool's."""
    pool, n = pilot_of(node) or ("", 0)
    state = parts.mind.memory.pools.get(pool)
    pilot = state.pilots.get(n) if state is not None else None
    if state is None or pilot is None or node not in state.nodes(n):
        return None
    return api.NodePilot(pool=pool, kind=state.pool.kind, n=n, id=pilot.id)


def _absent(name: str, standing: Standing) -> api.NodeView:
    return api.NodeView(
        name=name, state="unreachable", cores=0, cores_used=0, memory=0, memory_used=0,
        gpus=0, gpus_used=0, resources={}, resources_used={}, labels=[],
        serves=None,
        reason=_starting(standing), running=[], seen_at=None, load=None, memory_free=None,
        disk_free=None, facts={},
    )  # fmt: skip


async def drain_nodes(parts: Parts, call: Call) -> api.NodesAsked:
    """Drain nodes: what runs there ends in peace, nothing new is started."""
    return await _ask(parts, call, verb="drain")


async def undrain_nodes(parts: Parts, call: Call) -> api.NodesAsked:
    """Open drained nodes again."""
    return await _ask(parts, call, verb="undrain")


def _sees(parts: Parts, user: User) -> Callable[[Job], bool]:
    rules = parts.mind.memory.rules
    return lambda job: may_list(rules, user, owner=job.user.name, spec=job.spec)


def node_view(
    state: NodeState, link: Link | None, *, sees: Callable[[Job], bool]
) -> api.NodeView:
    """Return the view of a node.

    Shapes:
        link: its connection, if it has one;  sees: of which jobs it says that they run
    """
    node = state.node
    beat = link.beat if link else None
    return api.NodeView(
        name=node.name,
        state=state_of(state),
        cores=len(node.cores),
        cores_used=len(node.cores) - len(state.cores),
        memory=node.memory,
        memory_used=max(0, node.memory - state.memory),
        gpus=len(node.gpus),
        gpus_used=len(node.gpus) - len(state.gpus),
        resources=dict(node.resources),
        resources_used={
            name: amount - state.resources.get(name, 0)
            for name, amount in node.resources.items()
        },
        labels=list(node.labels),
        serves=node.serves,
        reason=_reason(state),
        running=_running(state, sees),
        seen_at=instant(state.seen_at),
        load=beat.load if beat else None,
        memory_free=beat.memory_free if beat else None,
        disk_free=beat.disk_free if beat else None,
        facts=_facts(link),
    )


def _reason(state: NodeState) -> api.ReasonView | None:
    shown = reason_view(state.drained or state.closed())
    until = (shown.evidence or {}).get("until") if shown is not None else None
    if shown is not None and until is not None:
        shown.text += f"; until {show_instant(until)}"
    return shown


def state_of(state: NodeState) -> str:
    """Return up, drained, unreachable or unhealthy."""
    if state.session is None:
        return "unreachable"
    if state.drained is not None:
        return "drained"
    return "unhealthy" if state.trouble is not None else "up"


def _running(state: NodeState, sees: Callable[[Job], bool]) -> list[api.RunningOn]:
    shown = []
    for alloc in list(state.allocs.values())[:RUNNING_SHOWN]:
        task = alloc.strip[0]
        if not sees(task.job):
            continue
        grants = [g for g in alloc.grants if g.node == state.node.name]
        shown.append(
            api.RunningOn(
                id=task.job.id,
                task=task.index if task.job.is_array else None,
                attempt=task.n,
                name=show_name(task.job.spec),
                user=task.job.user.name,
                state=str(task.state),
                cores=[core for grant in grants for core in grant.cores],
            )
        )
    return shown


def _facts(link: Link | None) -> dict[str, Any]:
    if link is None:
        return {}
    facts: dict[str, Any] = {k: link.facts[k] for k in FACTS if k in link.facts}
    if link.clock_off_ms is not None:
        # How far the node's clock is ahead, the way of the beat included.
        facts["clock_off_s"] = round(link.clock_off_ms / 1000, 1)
    return facts


async def _ask(parts: Parts, call: Call, *, verb: str) -> api.NodesAsked:
    body: api.NodesBody = call.body
    told = await parts.loop.ask(
        lambda ticket: NodeAsked(
            parts.clock.now(),
            call.user,
            verb,
            body.nodes,
            body.why,
            ticket,
            for_ms=None if body.for_s is None else body.for_s * 1000,
        )
    )
    return api.NodesAsked(nodes=told["nodes"])
