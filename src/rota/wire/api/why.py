"""Why a job waits, in full: the same shapes for a job that is there and for a dry run."""

from __future__ import annotations

from typing import Annotated, Any

from msgspec import Meta

from rota.wire.api.chain import ChainView
from rota.wire.api.views import ReasonView
from rota.wire.api.words import Instant, View

WHY_SCHEMA = "rota.why/1"


class NodeClassView(View, kw_only=True):
    """Nodes that are alike, and all that each of them lacks now; nothing: there is room."""

    nodes: int
    names: list[str]
    offers: str
    missing: list[str]


class AheadView(View, kw_only=True):
    """How many jobs come first, and the first few of them."""

    jobs: int
    first: list[int]


class StartView(View, kw_only=True):
    """From when to when it may start; no latest: *unknown* says who has no time limit."""

    earliest: Instant | None
    latest: Instant | None
    unknown: str = ""


class LetsStartView(View, kw_only=True):
    """A change that alone would let it start now, as ``edit`` takes it."""

    set: dict[str, Any]
    text: str


class WaitsView(View, kw_only=True):
    """Everything about the wait: what lacks where, who is ahead, when, what would help."""

    reasons: list[ReasonView]
    starts: Annotated[bool, Meta(description="the next round would start it")]
    classes: list[NodeClassView]
    ahead: AheadView
    start: StartView
    edits: list[LetsStartView]


class WhyView(View, kw_only=True):
    """Why a job waits, or how it ended; *waits* only of what waits for the scheduler."""

    schema: str = WHY_SCHEMA
    id: int
    task: int | None
    state: str
    reason: ReasonView | None
    text: str
    waits: WaitsView | None = None
    chain: Annotated[ChainView | None, Meta(description="null: it waits for no job")] = None


class DryJob(View, kw_only=True):
    """A job as it would be submitted: every key, its value, and who said so."""

    name: str
    tasks: int
    resolved: dict[str, Any]
    sources: dict[str, str]
    waits: WaitsView | None = None


class DryRun(View, kw_only=True):
    """What a submission would do; nothing was done."""

    jobs: list[DryJob]
