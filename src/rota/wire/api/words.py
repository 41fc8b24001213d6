"""What the shapes are made of: limits, instants, sizes, and the three sorts of shapes."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

PAGE_MAX = 1000
JOBS_MAX = 1_000_000
TARGETS_MAX = 100_000

Instant = Annotated[str, Meta(description="ISO-8601, UTC: 2024-05-01T12:00:00.000Z")]
Seconds = Annotated[float, Meta(description="seconds")]
Bytes = Annotated[int, Meta(ge=0, description="bytes")]
Limit = Annotated[int, Meta(ge=1, le=PAGE_MAX, description="how many at most")]
Digest = Annotated[str, Meta(pattern="^[0-9a-f]{64}$")]
Cursor = Annotated[
    str, Meta(pattern=r"^\d{1,18}$", description="`next` of the page before")
]
Index = Annotated[int, Meta(ge=0, le=1_000_000_000)]
Factor = Annotated[str, Meta(pattern=r"^x(?:[1-9]|[1-9][0-9]|100)(?:\.[0-9]{1,2})?$")]
Target = Annotated[
    str, Meta(min_length=1, max_length=32, description="a job, 12, or a task, 12[7]")
]


class Query(msgspec.Struct):
    """What stands behind the question mark; lists are separated by commas."""


class Body(msgspec.Struct, forbid_unknown_fields=True):
    """What a request carries."""


class View(msgspec.Struct):
    """What is answered."""
