"""The seam of the scheduler: Snapshot (all a round may see), Plan (all it may say).

    Line      waiting jobs that are alike: one shape, user, account and queue, in order
    Snapshot  the lines, the nodes with what is free on them, what runs until when
    Plan      what starts where, and a Reason for each line that had to stay

Cost follows lines, not jobs (promise 7): a line is a lazy sequence, a round looks at as
many of its heads as it can start and no further.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from rota.core.reasons import Reason
from rota.core.resources import Grant, Node, Request


class Waiting(NamedTuple):
    """A job with tasks that could be placed now: not held, not throttled, its time is come.

    Shapes:
        priority: −1000 … 1000, larger is sooner
        since:    when it was submitted, milliseconds since the epoch
        tasks:    how many of its tasks could be placed now, ≥ 1
    """

    job: int
    priority: int
    since: int
    tasks: int


@dataclass(frozen=True, slots=True)
class Line:
    """Jobs that are alike, sooner ones first: by falling priority, then by job id."""

    request: Request
    user: str
    account: str
    queue: str
    jobs: Sequence[Waiting]


@dataclass(frozen=True, slots=True)
class NodeView:
    """A node as a round sees it: what is free, or the reason why it takes nothing."""

    node: Node
    cores: tuple[int, ...]
    memory: int
    gpus: tuple[int, ...]
    resources: Mapping[str, int]
    closed: Reason | None = None

    def whole(self) -> NodeView:
        """Return the node as it would be with nothing running: for "could it ever?"."""
        node = self.node
        return NodeView(node, node.cores, node.memory, node.gpus, node.resources)


@dataclass(frozen=True, slots=True)
class Running:
    """An allocation that holds resources; *ends_by* is None when no limit bounds it."""

    job: int
    user: str
    account: str
    request: Request
    grants: tuple[Grant, ...]
    started_at: int
    ends_by: int | None


@dataclass(frozen=True, slots=True)
class Snapshot:
    """All a round may see.  ``at``: milliseconds since the epoch."""

    at: int
    nodes: Sequence[NodeView]
    lines: Sequence[Line]
    running: Sequence[Running] = ()


class Start(NamedTuple):
    """One task of *job* gets an allocation; several Starts may name the same job."""

    job: int
    grants: tuple[Grant, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """All a round may say.

    Shapes:
        starts:  in the order they were decided
        reasons: {index into snapshot.lines: why its first job that stays, stays}
    """

    starts: Sequence[Start] = ()
    reasons: Mapping[int, Reason] = field(default_factory=dict)
