"""The timeline: what runs until when, who starts when, what is promised away."""

from __future__ import annotations

from rota.core.account import User
from rota.engine.state import Memory
from rota.engine.timeline import timeline
from rota.sched.problem import Running
from rota.server.parts import Parts
from rota.server.route import Call
from rota.server.sight import seen_users
from rota.server.views import instant, show_instant
from rota.wire import api

RUNNING_MAX = 1000
COMING_MAX = 200


async def show_timeline(parts: Parts, call: Call) -> api.TimelineView:
    """Show what runs until when and who starts when."""
    memory, at = parts.mind.memory, parts.clock.now()
    return await parts.aside.ask(
        memory, lambda: _view(memory, call.user, at), answer=api.TimelineView
    )


def _view(memory: Memory, user: User, at: int) -> api.TimelineView:
    found, rules = timeline(memory, at=at), memory.rules
    running = [run for run in found.running if seen_users(rules, user, [run.user])]
    coming = [one for one in found.coming if seen_users(rules, user, [one.user])]
    shown = running[:RUNNING_MAX]
    return api.TimelineView(
        at=show_instant(at),
        running=[_running(run, found.names[run.job]) for run in shown],
        running_more=len(running) - len(shown),
        coming=[
            api.ComingView(
                id=one.job,
                name=one.name,
                user=one.user,
                nodes=list(one.nodes),
                starts_by=instant(one.at),
                cores=one.cores,
                lasts=None if one.lasts_ms is None else one.lasts_ms / 1000.0,
            )
            for one in coming[:COMING_MAX]
        ],
        windows=[
            api.WindowView(
                name=window.name,
                kind=window.kind,
                start=show_instant(window.start),
                end=show_instant(window.end),
                nodes=None if window.nodes is None else sorted(window.nodes),
            )
            for window in found.windows
        ],
    )


def _running(run: Running, name: str) -> api.RunningView:
    return api.RunningView(
        id=run.job,
        name=name,
        user=run.user,
        nodes=[
            api.HoldsView(host=g.node, cores=len(g.cores), gpus=len(g.gpus))
            for g in run.grants
        ],
        started_at=show_instant(run.started_at),
        ends_by=instant(run.ends_by),
        ends_about=instant(run.ends_about),
    )
