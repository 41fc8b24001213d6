"""What was used, added up: the question, and a portion of the answer."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, field

from rota.wire.api.words import Query, View

Key = Annotated[
    str, Meta(pattern="^(user|account|queue|tag|label|node|ended|day|month|year)$")
]


class UsageQuery(Query, kw_only=True):
    """Which attempts, by when they ended, and by what they are added up."""

    by: list[Key] = field(default_factory=lambda: ["user"])
    since: Annotated[str, Meta(description="an instant, or how long ago: 30d")] | None = (
        None
    )
    until: Annotated[str, Meta(description="as since; what ended before it")] | None = None
    user: list[str] = []
    queue: list[str] = []
    limit: Annotated[int, Meta(ge=1, le=20_000, description="attempts at most")] = 5000
    cursor: (
        Annotated[
            str,
            Meta(
                pattern=r"^\d{1,18}\.\d{1,10}\.\d{1,10}$",
                description="`next` of the portion before",
            ),
        ]
        | None
    ) = None


class UsageSum(View, kw_only=True):
    """Sums over the attempts that go under the names of *key*."""

    key: Annotated[dict[str, str], Meta(description="a name for each word of by")]
    sums: Annotated[
        dict[str, float],
        Meta(
            description="attempts = done + failed + cancelled + again; of those that"
            " started: wait_s, wait_max_s, run_s, core_s, gpu_s, cpu_s, and where it was"
            " asked for memory_byte_s of memory_asked_byte_s, timed_run_s of time_asked_s"
        ),
    ]


class UsageView(View, kw_only=True):
    """A portion: sums of several are added up, of wait_max_s the largest is taken."""

    schema: str = "rota.usage/1"
    groups: list[UsageSum]
    next: str | None = None
