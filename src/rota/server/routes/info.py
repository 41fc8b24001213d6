"""The server about itself: who it is, how it does, totals, its own description."""

from __future__ import annotations

from collections import Counter

from starlette.responses import Response

from rota.server.parts import Parts
from rota.server.route import Call, json_response
from rota.server.routes.nodes import state_of
from rota.server.sight import seen_users
from rota.server.views import show_instant
from rota.server.watch import Line
from rota.wire import api


async def show_server(parts: Parts, call: Call) -> api.ServerView:
    """Say who answers here and how it is doing."""
    about = parts.about
    return api.ServerView(
        version=about.version,
        server=about.server,
        url=about.url,
        home=about.home,
        at=show_instant(parts.clock.now()),
        store=about.store,
        is_full=parts.loop.is_full(),
        seq=parts.feed.seq,
        user=call.user.name,
        is_admin=call.user.is_admin,
        role=call.user.role.word,
        counts=dict((await parts.counting.totals()).counts),
        nodes=dict(Counter(state_of(state) for state in parts.mind.nodes())),
        started_at=show_instant(about.started_at),
    )


async def show_health(parts: Parts, call: Call) -> Response:
    """Say whether the server can take new work."""
    is_full = parts.loop.is_full()
    health = api.Health(status="full" if is_full else "ok")
    return json_response(health, status=507 if is_full else 200)


async def show_openapi(parts: Parts, call: Call) -> Response:
    """Give the description of this API, OpenAPI 3.1."""
    from rota.server.openapi import document

    return json_response(document(parts.about.version))


async def show_job_schema(parts: Parts, call: Call) -> Response:
    """Give the JSON Schema of a job file."""
    from rota.core.fields import job_schema

    return json_response(job_schema())


async def show_stat(parts: Parts, call: Call) -> api.StatView:
    """Give totals: how much there is, how much is used, by whom."""
    totals = await parts.counting.totals()
    nodes = parts.mind.nodes()
    reachable = [state for state in nodes if state.session is not None]
    return api.StatView(
        at=show_instant(parts.clock.now()),
        counts=dict(totals.counts),
        cores=sum(len(s.node.cores) for s in reachable),
        cores_used=sum(len(s.node.cores) - len(s.cores) for s in reachable),
        memory=sum(s.node.memory for s in reachable),
        memory_used=sum(max(0, s.node.memory - s.memory) for s in reachable),
        gpus=sum(len(s.node.gpus) for s in reachable),
        gpus_used=sum(len(s.node.gpus) - len(s.gpus) for s in reachable),
        nodes=dict(Counter(state_of(state) for state in nodes)),
        users=[
            api.UserStat(name=name, counts=dict(counts), cores_used=totals.cores[name])
            for name, counts in sorted(totals.users.items())
            if seen_users(parts.mind.memory.rules, call.user, [name])
        ],
        channels=[_channel(line) for _, line in sorted(parts.watch.lines.items())],
    )


def _channel(line: Line) -> api.ChannelStat:
    tried = line.tried_at
    return api.ChannelStat(
        name=line.name,
        waiting=line.waiting,
        sent=line.sent,
        failed=line.failed,
        error=line.error,
        tried_at=None if tried is None else show_instant(tried),
        next_at=show_instant(line.next_at) if line.error and line.next_at else None,
    )
