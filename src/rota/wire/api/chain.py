"""Who waits for whom: the links below a job, each below what waits for it."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from rota.wire.api.words import View


class LinkView(View, kw_only=True):
    """A job that is waited for, by the nearest link above it whose depth is one less."""

    depth: Annotated[int, Meta(description="1: the job that was asked about waits for it")]
    job: int
    task: Annotated[int | None, Meta(description="of an array, waited for task by task")]
    wanted: Annotated[str, Meta(description="what it has to do: to succeed, to end, …")]
    name: str
    state: Annotated[str, Meta(description="unknown: cleaned away, or not yours to see")]
    reason: Annotated[str, Meta(description="why it is held; empty: it is not")]
    more: Annotated[int, Meta(description="how many others it waits for, not told here")]


class ChainView(View, kw_only=True):
    """All links, the way down first, and how many others the job itself waits for."""

    links: list[LinkView]
    more: int
