"""What if: the queue's past under other policies."""

from __future__ import annotations

from rota.server.parts import Parts
from rota.server.route import Call
from rota.wire import api


async def replay_history(parts: Parts, call: Call) -> api.WhatIfView:
    """Replay what this queue did under other policies, or with more nodes."""
    body: api.WhatIfBody = call.body
    told = await parts.whatif.compare(
        body.policies, with_nodes=body.with_nodes, since=body.since
    )
    return api.WhatIfView(runs=told["runs"])
