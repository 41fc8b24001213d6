"""The failures of a job by kind, as the API shows them."""

from __future__ import annotations

from rota.wire.api.words import Instant, View

ERRORS_SCHEMA = "rota.errors/1"


class FirstFailure(View, kw_only=True):
    """The first failure of a kind; *said*: its last line of output."""

    task: int | None
    attempt: int
    node: str | None
    at: Instant | None
    exit_code: int | None
    signal: int | None
    text: str
    said: str


class ErrorGroup(View, kw_only=True):
    """Failures of one kind: which tasks, on which nodes {name: how many}.

    *number* counts from the kind that was seen first; *signature* names it for ever.
    """

    number: int
    signature: str
    code: str
    text: str
    count: int
    tasks: str
    nodes: dict[str, int]
    first: FirstFailure


class ErrorsView(View, kw_only=True):
    """All kinds of failure of a job's failed tasks, the most frequent first."""

    schema: str = ERRORS_SCHEMA
    id: int
    failed: int
    groups: list[ErrorGroup]
