"""A job in another system's words, read: the shapes of ``convert``."""

from __future__ import annotations

from typing import Annotated, Any

from msgspec import Meta

from rota.wire.api.words import Body, View

TEXT_MAX = 1 << 20


class ConvertBody(Body, kw_only=True):
    """A job file or script, and what it is in; none: it is guessed."""

    text: Annotated[str, Meta(min_length=1, max_length=TEXT_MAX)]
    dialect: str | None = None


class NoticeView(View, kw_only=True):
    """What was said and not carried over as it was said, and what became of it."""

    where: str
    what: str
    fate: str


class ReadingView(View, kw_only=True):
    """One job as a job file of ours says it; who said each key; what was lost."""

    job: dict[str, Any]
    sources: dict[str, str]
    notices: list[NoticeView]


class Converted(View, kw_only=True):
    """All jobs of a text."""

    schema: str = "rota.reading/1"
    dialect: str
    dialects: Annotated[dict[str, str], Meta(description="all there are, what each is")]
    jobs: list[ReadingView]
