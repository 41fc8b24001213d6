"""How full it was: the last day as columns, for charts."""

from __future__ import annotations

from rota.server.gauges import EVERY_S
from rota.server.parts import Parts
from rota.server.route import Call
from rota.server.sight import seen_users
from rota.wire import api


async def show_gauges(parts: Parts, call: Call) -> api.GaugesView:
    """Show cores, users' cores and licences over the last day, up to this moment."""
    rows = [*parts.gauges.rows, parts.gauges.look(parts.clock.now())]
    users = sorted({name for row in rows for name in row.users})
    users = seen_users(parts.mind.memory.rules, call.user, users)
    licences = sorted({name for row in rows for name in row.licences})
    return api.GaugesView(
        every_s=EVERY_S,
        at=[row.at / 1000.0 for row in rows],
        cores=[row.cores for row in rows],
        cores_used=[row.cores_used for row in rows],
        users={name: [row.users.get(name, 0) for row in rows] for name in users},
        licences={
            name: api.LicenceUse(
                held=[row.licences.get(name, (None, None))[0] for row in rows],
                count=[row.licences.get(name, (None, None))[1] for row in rows],
            )
            for name in licences
        },
    )
