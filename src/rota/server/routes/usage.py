"""What was used: sums over the attempts that ended, a portion of them at a time."""

from __future__ import annotations

from rota.server.parts import Parts
from rota.server.route import Call
from rota.server.routes.listing import since_when
from rota.server.sight import sees_all
from rota.store.contract import UsageQuery
from rota.wire import api


async def show_usage(parts: Parts, call: Call) -> api.UsageView:
    """Add up what attempts used, by user, month or whatever; a portion at a time."""
    asked: api.UsageQuery = call.query
    now, users = parts.clock.now(), asked.user
    if not sees_all(parts.mind.memory.rules, call.user):
        if users and call.user.name not in users:
            return api.UsageView(groups=[], next=None)
        users = [call.user.name]
    job, task, n = map(int, (asked.cursor or "0.0.0").split("."))
    found = await parts.read(
        parts.store.usage,
        UsageQuery(
            by=asked.by,
            since=since_when(asked.since, now),
            until=since_when(asked.until, now, field="until"),
            users=users,
            queues=asked.queue,
            after=(job, task, n),
            limit=asked.limit,
        ),
    )
    groups = [
        api.UsageSum(key=dict(zip(asked.by, names, strict=True)), sums=dict(sums))
        for names, sums in found.sums.items()
    ]
    return api.UsageView(
        groups=groups, next=".".join(map(str, found.next)) if found.next else None
    )
