"""The REST shapes of pools: what is asked of them, how they and their pilots stand."""

from __future__ import annotations

from typing import Annotated, Any

from msgspec import Meta

from rota.wire.api.views import ReasonView
from rota.wire.api.words import Body, Instant, Query, View

POOLS_SCHEMA = "rota.pools/1"


class PoolBody(Body, kw_only=True):
    """Which pool, and keys of it as in a file; null takes one back."""

    name: Annotated[str, Meta(min_length=1, max_length=64)]
    set: dict[str, Any] = {}


class PoolLogQuery(Query, kw_only=True):
    """Which pool, and which of its pilots; none: the commands that were run."""

    name: Annotated[str, Meta(min_length=1, max_length=64)]
    pilot: Annotated[int, Meta(ge=1)] | None = None


class PilotView(View, kw_only=True):
    """An allocation in another system: its id there, what that said last, its nodes."""

    n: int
    id: str | None
    state: str
    word: str
    nodes: list[str]
    asked_at: Instant | None
    up_at: Instant | None
    ends_at: Instant | None
    ended_at: Instant | None


class PoolView(View, kw_only=True):
    """A pool, how many pilots it has, and why it starts no more."""

    name: str
    kind: str
    state: Annotated[str, Meta(description="open, drained or removing")]
    source: str
    min: int
    max: int
    up: int
    starting: int
    busy: int
    reason: ReasonView | None
    keys: dict[str, Any]
    pilots: list[PilotView]


class PoolsPage(View, kw_only=True):
    """All pools."""

    schema: str = POOLS_SCHEMA
    pools: list[PoolView]


class PoolAsked(View, kw_only=True):
    """What was asked of which pool."""

    schema: str = "rota.pool_asked/1"
    pool: str
    verb: str


class PoolScript(View, kw_only=True):
    """What would be handed in, and by which command."""

    schema: str = "rota.pool_script/1"
    script: str
    command: str


class PoolLog(View, kw_only=True):
    """Commands that were run, with what they said; or what a pilot wrote."""

    schema: str = "rota.pool_log/1"
    lines: list[dict[str, Any]]
    text: str = ""
