"""The seam of the scheduler: Snapshot (all a round may see), Plan (all it may say).

    Line      waiting jobs that are alike: one shape, user, account and queue, in order
    Snapshot  the lines, the nodes with what is free on them, what runs until when
    Plan      what starts where, and a Reason for each line that had to stay

Cost follows lines, not jobs (promise 7): a line is a lazy sequence, a round looks at as
many of its heads as it can start and no further.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol

from rota.core.reasons import Reason
from rota.core.resources import Grant, Node, Request
from rota.sched.backfill import Backfill
from rota.sched.expected import Estimate
from rota.sched.limits import Limit
from rota.sched.overtaking import Overtaken
from rota.sched.policy import DEFAULT, Policy
from rota.sched.yields import Budget


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
    """Jobs that are alike, sooner ones first: by falling priority, then by job id.

    Shapes:
        expected: how long such a job probably runs (``expected.Runtimes``); orders only
        gang:     further requests that start together with *request* or not at all
    """

    request: Request
    user: str
    account: str
    queue: str
    jobs: Sequence[Waiting]
    expected: Estimate | None = None
    gang: tuple[Request, ...] = ()


class Lines(Protocol):
    """Lines by number: a list's indexes, or the numbers a ``roster.Roster`` gave them."""

    def __len__(self) -> int: ...
    def __iter__(self) -> Iterator[Line]: ...
    def __getitem__(self, number: int, /) -> Line: ...


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
    """An allocation that holds resources; *ends_by* is None when no limit bounds it.

    Shapes:
        alloc:       its number, to name it in ``Plan.preempts``
        preemptible: it may be stopped for sooner jobs
        keeps:       stopped, it stands still: it loses nothing, and gives its cores only
        ends_about:  when it probably ends; None: nobody knows
    """

    job: int
    user: str
    account: str
    request: Request
    grants: tuple[Grant, ...]
    started_at: int
    ends_by: int | None
    queue: str = ""
    alloc: int = 0
    priority: int = 0
    preemptible: bool = False
    ends_about: int | None = None
    keeps: bool = False


@dataclass(frozen=True, slots=True)
class Window:
    """Nodes that are promised away in [start, end): maintenance, or a reservation.

    Shapes:
        nodes: their names; None: all
        kind:  "maintenance": nobody may run there; "reservation": only who names it;
               "end": the nodes go away: nothing whose limit reaches so far starts there
        users, accounts: who may name it
        count, cores:    so many nodes, or nodes with so many cores together: which ones is
                         for ``reservations.settled`` to say; None: *nodes* does
        labels:          what each of those has
    """

    name: str
    start: int
    end: int
    nodes: frozenset[str] | None = None
    kind: str = "maintenance"
    users: tuple[str, ...] = ()
    accounts: tuple[str, ...] = ()
    count: int | None = None
    cores: int | None = None
    labels: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class QueueRule:
    """What a queue does its own way; None means as the policy does.

    Shapes:
        backfill: who may pass whom in this queue
        weight:   added to the score of its jobs; negative is sooner, 1 is a factor e
        preempts: its jobs may stop preemptible jobs of these queues; True: of all that do
                  not preempt themselves; in any case those of its own that come after
    """

    backfill: Backfill | None = None
    weight: float = 0.0
    preempts: bool | frozenset[str] = False


@dataclass(frozen=True, slots=True)
class Snapshot:
    """All a round may see.  ``at``: milliseconds since the epoch.

    Shapes:
        licences:  {name: how many are free now, foreign use subtracted}
        policy:    order, backfill and bounds
        queues:    {name: what it does its own way}
        shares:    {``shares.leaf``: what they had more than others}
        overtaken: work of later jobs let past each one; None: nobody counts, no bound
        windows:   those known now that are not over
        limits:    what users, accounts and queues may have at a time
        recent:    {user: their latest starts, milliseconds, in order}, for start rates
        budgets:   {queue: what of it may still be stopped for others}
        expected:  jobs that others were stopped for: they come before everybody
        promised:  {job: what the last round promised it}; ``keep`` makes it of a plan
        nodes:     a list, or a ``mirror.Mirror`` that is kept from round to round
        lines:     a list, or a ``roster.Roster`` that is kept from round to round
    """

    at: int
    nodes: Sequence[NodeView]
    lines: Lines
    running: Sequence[Running] = ()
    licences: Mapping[str, int] = field(default_factory=dict)
    policy: Policy = DEFAULT
    queues: Mapping[str, QueueRule] = field(default_factory=dict)
    shares: Mapping[str, float] = field(default_factory=dict)
    overtaken: Overtaken | None = None
    windows: Sequence[Window] = ()
    limits: Sequence[Limit] = ()
    recent: Mapping[str, Sequence[int]] = field(default_factory=dict)
    promised: Mapping[int, Promise] = field(default_factory=dict)
    budgets: Mapping[str, Budget] = field(default_factory=dict)
    expected: frozenset[int] = frozenset()


class Start(NamedTuple):
    """One task of *job* gets an allocation; several Starts may name the same job.

    Shapes:
        parts: of a gang: how many of *grants* belong to each of its requests, in order
    """

    job: int
    grants: tuple[Grant, ...]
    parts: tuple[int, ...] = ()


class Promise(NamedTuple):
    """*job* will start at *at* or sooner, if all end by their limits; None: unbounded.

    Shapes:
        claim:   ``future.Claim``, for the next round to keep it
        made_at: when it was looked for
    """

    job: int
    at: int | None
    nodes: tuple[str, ...]
    claim: Any = None
    made_at: int = 0


class Preempt(NamedTuple):
    """Stop allocation *alloc* so that *job*, which comes before it, can start."""

    alloc: int
    job: int


@dataclass(frozen=True, slots=True)
class Plan:
    """All a round may say.

    Shapes:
        starts:  in the order they were decided
        reasons: {index into snapshot.lines: why its first job that stays, stays}; worked
                 out when looked at: ask for those that somebody wants to know
        promises: reserved starts that nobody who started now disturbs
    """

    starts: Sequence[Start] = ()
    reasons: Mapping[int, Reason] = field(default_factory=dict)
    promises: Sequence[Promise] = ()
    preempts: Sequence[Preempt] = ()
