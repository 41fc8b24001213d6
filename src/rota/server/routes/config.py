"""What is in force: queues, limits, licences, windows, shares; and reading it again."""

from __future__ import annotations

from rota.engine.meter import NOTHING, free_licences, note
from rota.sched.rules import USUAL, show_limit, show_queue, show_rules
from rota.server.config import reload
from rota.server.parts import Parts
from rota.server.route import Call
from rota.server.sight import seen_users
from rota.server.views import instant, show_instant
from rota.wire import api


async def show_config(parts: Parts, call: Call) -> api.ConfigView:
    """Show all that is in force, and the file it is from."""
    return _view(parts)


async def reload_config(parts: Parts, call: Call) -> api.ConfigView:
    """Read the operator's file again; when it is wrong, nothing changes."""
    await reload(parts.config, parts.loop, parts.clock, user=call.user)
    return _view(parts)


async def list_queues(parts: Parts, call: Call) -> api.QueuesPage:
    """List the queues, their rules, and how many live tasks they hold."""
    totals = await parts.counting.totals()
    rules = parts.mind.memory.rules
    names = sorted({USUAL, *rules.queues, *totals.queues})
    return api.QueuesPage(
        queues=[
            api.QueueView(
                name=name,
                counts=dict(totals.queues.get(name, {})),
                rules=show_queue(rules.queues[name]) if name in rules.queues else {},
                limits=[
                    show_limit(limit)
                    for limit in rules.limits
                    if limit.binds("queue", name)
                ],
            )
            for name in names
        ]
    )


async def list_licences(parts: Parts, call: Call) -> api.LicencesPage:
    """List the licences: how many there are, how many are held, and by whom."""
    memory = parts.mind.memory
    holders: dict[str, dict[str, int]] = {}
    for alloc in memory.allocs.values():
        for name, amount in alloc.job.spec.request.licences:
            held = holders.setdefault(name, {})
            user = alloc.job.user.name
            held[user] = held.get(user, 0) + amount
    rules = memory.rules
    declared, held_now = rules.licences, memory.tally.licences
    at = parts.clock.now()
    free = free_licences(memory, at)
    return api.LicencesPage(
        licences=[
            api.LicenceView(
                name=name,
                count=declared.get(name, 0),
                held=held_now[name],
                free=free.get(name, 0),
                users={who: held[who] for who in seen_users(rules, call.user, held)},
                foreign=memory.measured.get(name, NOTHING).foreign,
                measured_at=instant(memory.measured.get(name, NOTHING).asked_at),
                note=note(memory, name, at),
            )
            for name in sorted({*declared, *held_now})
            for held in (holders.get(name, {}),)
        ]
    )


def _view(parts: Parts) -> api.ConfigView:
    shown = show_rules(parts.mind.memory.rules)
    for window in shown["windows"]:
        window["start"] = show_instant(window["start"])
        window["end"] = show_instant(window["end"])
    return api.ConfigView(file=str(parts.config.path), **shown)
