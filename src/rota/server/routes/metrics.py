"""For whoever watches: numbers for Prometheus, and whether work is taken here."""

from __future__ import annotations

from starlette.responses import Response

from rota.server.metrics import MEDIA, families, text
from rota.server.parts import Parts
from rota.server.route import Call, json_response
from rota.wire import api


async def show_metrics(parts: Parts, call: Call) -> Response:
    """Give counters and gauges in the text format of Prometheus."""
    totals = await parts.counting.totals()
    return Response(text(families(parts, totals)), media_type=MEDIA)


async def show_ready(parts: Parts, call: Call) -> Response:
    """Say whether new work would be taken now: 503 while it would not."""
    status = "ready"
    if parts.loop.is_stopping:
        status = "stopping"
    elif parts.loop.is_full():
        status = "full"
    return json_response(
        api.Health(status=status), status=200 if status == "ready" else 503
    )
