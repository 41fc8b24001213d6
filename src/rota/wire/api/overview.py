"""Looking at everything at once: who answers, which jobs there are, what will be when."""

from __future__ import annotations

from typing import Annotated, Any

from msgspec import Meta

from rota.wire.api.words import Body, Instant, View


class JobRanges(View, kw_only=True):
    """Ids as ranges [first, last], newest first, so downwards; *jobs* ids in all."""

    schema: str = "rota.job-ranges/1"
    ranges: list[tuple[int, int]]
    jobs: int
    seq: int


class JobGroup(View, kw_only=True):
    """Jobs that have something in common."""

    key: str
    jobs: int
    states: dict[str, int]


class JobGroups(View, kw_only=True):
    """Jobs counted by user, state, queue or name, the largest group first."""

    schema: str = "rota.job-groups/1"
    by: str
    groups: list[JobGroup]


class StoreChecked(View, kw_only=True):
    """What is wrong with the store, a sentence each; none: it is whole."""

    schema: str = "rota.store-check/1"
    problems: list[str]


class HoldsView(View, kw_only=True):
    """What an allocation holds of one node."""

    host: str
    cores: int
    gpus: int


class RunningView(View, kw_only=True):
    """An allocation: since when, until when at most, and when it probably ends."""

    id: int
    name: str
    user: str
    nodes: list[HoldsView]
    started_at: Instant
    ends_by: Instant | None
    ends_about: Instant | None


class ComingView(View, kw_only=True):
    """A job that waits, and when it will start if all ahead run to their limits."""

    id: int
    name: str
    user: str
    nodes: list[str]
    starts_by: Annotated[Instant, Meta(description="null: no limit bounds it")] | None
    cores: int
    lasts: float | None


class WindowView(View, kw_only=True):
    """Nodes that are promised away; *nodes* null: all of them."""

    name: str
    kind: str
    start: Instant
    end: Instant
    nodes: list[str] | None


class TimelineView(View, kw_only=True):
    """What runs until when, what starts when, what is promised away."""

    schema: str = "rota.timeline/1"
    at: Instant
    running: list[RunningView]
    running_more: Annotated[int, Meta(description="so many more run")]
    coming: list[ComingView]
    windows: list[WindowView]


class LicenceUse(View, kw_only=True):
    """A licence over time, as columns: how many were held, and how many there were."""

    held: list[int | None]
    count: list[int | None]


class GaugesView(View, kw_only=True):
    """How full it was, as columns over time; null: not known then, or none."""

    schema: str = "rota.gauges/1"
    every_s: int
    at: Annotated[list[float], Meta(description="seconds since the epoch")]
    cores: list[int]
    cores_used: list[int]
    users: Annotated[dict[str, list[int]], Meta(description="cores held by each")]
    licences: dict[str, LicenceUse]


class WhatIfBody(Body, kw_only=True):
    """Policies to replay the past under, as ``rota simulate`` names them."""

    policies: Annotated[
        list[Annotated[str, Meta(pattern=r"^[a-z][a-z0-9@:]{0,60}$")]],
        Meta(min_length=1, max_length=6),
    ]
    with_nodes: Annotated[str, Meta(pattern=r"^\+[0-9]{1,5}(x[0-9]{1,4})?$")] | None = None
    since: Annotated[str, Meta(pattern=r"^[0-9]{1,5}[smhdw]$")] | None = None


class WhatIfView(View, kw_only=True):
    """The simulator's figures, a run for each policy (docs/how-to/simulate.md)."""

    schema: str = "rota.what-if/1"
    runs: list[dict[str, Any]]


class EnvironmentView(View, kw_only=True):
    """What a job finds in its environment, besides Rota's own; secrets are hidden."""

    schema: str = "rota.environment/1"
    id: int
    env: dict[str, str]


class ServerView(View, kw_only=True):
    """Who answers, and how it is."""

    schema: str = "rota.server/1"
    version: str
    server: str
    url: str
    home: str
    at: Instant
    store: str
    is_full: bool
    seq: int
    user: str
    is_admin: bool
    role: Annotated[str, Meta(description="viewer, user, operator or admin")]
    counts: dict[str, int]
    nodes: dict[str, int]
    started_at: Instant


class Health(View, kw_only=True):
    """It lives; ``full``: it takes no new work for want of disk space."""

    status: str
