"""What the store keeps of a change: rows, and the images a restart is made from.

JobAdded ──┐
JobChanged │      one batch of records is one transaction; a row that changed twice
TaskSaved  ├──→   in a batch is written once, as it is at the batch's end
AttemptSaved      (the mind sees to that)
NodeSaved  │
UsageSaved │
Happened ──┘      append-only: history, accounting and ``show --at`` are folds over it
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from rota.core.job import JobSpec
from rota.core.reasons import Reason
from rota.core.resources import Grant


class JobAdded(NamedTuple):
    """A job was accepted: what was asked for.  ``JobChanged`` follows in the same batch."""

    id: int
    spec: JobSpec
    user: str
    uid: int | None
    submitted_at: int


class JobChanged(NamedTuple):
    """What has become of a job, whole.

    Shapes:
        state:   of the whole job (``lifecycle.fold``)
        counts:  {state: tasks in it}, zero counts left out
        waiting: ranges of task indexes that have no row of their own: never placed yet;
                 [first, last, 1]: each of them waits for a task of another job, and is
                 held whatever the others are
        reason:  why it is held or how it ended; None while the round speaks for it
        spec:    given only when ``edit`` changed it
    """

    id: int
    state: str
    counts: Mapping[str, int]
    waiting: Sequence[Sequence[int]]
    started_at: int | None
    ended_at: int | None
    reason: Reason | None
    spec: JobSpec | None = None


class TaskSaved(NamedTuple):
    """A task that was placed at least once, or ended without.

    failures, troubles: budgets used: by the job's own failures, by the infrastructure
    not_before: a retry waits until then
    """

    job: int
    task: int
    state: str
    attempt: int
    reason: Reason | None
    failures: Mapping[str, int]
    troubles: int
    not_before: int | None
    started_at: int | None
    ended_at: int | None
    exit_code: int | None
    signal: int | None


class AttemptSaved(NamedTuple):
    """One try at a task: where, when, and how it ended."""

    job: int
    task: int
    n: int
    node: str
    alloc: int
    grants: tuple[Grant, ...]
    placed_at: int
    started_at: int | None
    ended_at: int | None
    exit_code: int | None
    signal: int | None
    reason: Reason | None
    usage: Mapping[str, Any]
    killing: Reason | None = None


class NodeSaved(NamedTuple):
    """A node as last seen, and whether it is drained."""

    name: str
    boot: str
    cores: tuple[int, ...]
    memory: int
    gpus: tuple[int, ...]
    resources: Mapping[str, int]
    labels: tuple[str, ...]
    seen_at: int
    drained: Reason | None
    requires: tuple[str, ...] = ()
    serves: str | None = None


class UsageSaved(NamedTuple):
    """What a user has used for an account, faded as of *at*.

    Shapes:
        user: as ``sched.shares.leaf`` names them: "ann", "physics/ann"
        used: core-milliseconds
    """

    user: str
    used: float
    at: int


class CapSaved(NamedTuple):
    """A limit that was set live, whole; *gone*: it was removed, by *set_by* at *at*."""

    kind: str
    name: str
    own: bool
    said: Mapping[str, Any]
    set_by: str
    at: int
    gone: bool = False


class WindowSaved(NamedTuple):
    """A reservation or maintenance that was set live; *removed_at*: somebody gave it up.

    Shapes:
        said: as a file says a window, start and end in milliseconds; "maintenance": True
    """

    name: str
    set_at: int
    said: Mapping[str, Any]
    set_by: str
    removed_at: int | None = None
    removed_by: str = ""


class LearnedSaved(NamedTuple):
    """What was learned under a name, whole; see ``engine.learned``; *said* is JSON-able."""

    name: str
    said: Any
    at: int


class Happened(NamedTuple):
    """One line of history.  ``source``: who made it happen: a user, a node, the server."""

    at: int
    job: int
    task: int | None
    attempt: int | None
    move: str
    before: str | None
    after: str
    reason: Reason | None
    source: str


class Audited(NamedTuple):
    """Somebody asked for something, and was let or not: a line of the audit log.

    Shapes:
        id:      its number, given by who writes; a second one of the same number replaces
        user, role: who, and as what;  origin: from where, by which token
        action:  the name of the route: "kill_jobs";  subject: to what: "12, 13[4]"
        why:     in the words of who asked
        refused: the sentence of the refusal, None: it was let
    """

    id: int
    at: int
    user: str
    role: str
    origin: str
    action: str
    subject: str
    why: str
    refused: str | None = None


class NodeGone(NamedTuple):
    """A node that will not come back: a pilot's, whose allocation is over."""

    name: str


class PoolSaved(NamedTuple):
    """A pool as it is now; gone: it was removed, and its last pilot is gone.

    Shapes:
        said: {key: value}, as ``core.pool.pool_of`` takes them
    """

    name: str
    said: Mapping[str, Any]
    source: str
    drained: str | None
    removed: bool
    next_n: int
    gone: bool = False


class PilotSaved(NamedTuple):
    """A pilot as it is now: see ``engine.pilots``."""

    pool: str
    n: int
    state: str
    id: str | None
    word: str
    asked_at: int
    since: int
    up_at: int | None
    ended_at: int | None


Record = (
    JobAdded | JobChanged | TaskSaved | AttemptSaved | NodeSaved | NodeGone | UsageSaved
    | CapSaved | WindowSaved | LearnedSaved | PoolSaved | PilotSaved | Happened | Audited
)  # fmt: skip


class TaskEnds(NamedTuple):
    """What became of the tasks of an array so far, for those that wait task by task.

    Shapes:
        indexes: ranges of all its tasks
        ends:    {final state: ranges of those that ended so}
        begun:   ranges of those that run, or ran before they waited again
    """

    indexes: Sequence[Sequence[int]]
    ends: Mapping[str, Sequence[Sequence[int]]]
    begun: Sequence[Sequence[int]] = ()


@dataclass(frozen=True, slots=True)
class JobImage:
    """A job as the store has it: enough to put it back into the working memory.

    tasks: rows of tasks; for a live job at least all that are not final
    attempts: the latest attempt of each task that is placed or running
    """

    added: JobAdded
    changed: JobChanged
    tasks: Sequence[TaskSaved] = ()
    attempts: Sequence[AttemptSaved] = ()


@dataclass(frozen=True, slots=True)
class Image:
    """All that a new server starts from: live jobs and nodes, and where numbers go on.

    task_ends: {job: what became of its tasks} of those that live jobs wait for task by task
    """

    jobs: Sequence[JobImage] = ()
    nodes: Sequence[NodeSaved] = ()
    next_job: int = 1
    next_alloc: int = 1
    last_at: int = 0
    leases: Mapping[str, int] = field(default_factory=dict)
    usage: Sequence[UsageSaved] = ()
    task_ends: Mapping[int, TaskEnds] = field(default_factory=dict)
    pools: Sequence[PoolSaved] = ()
    pilots: Sequence[PilotSaved] = ()
    caps: Sequence[CapSaved] = ()
    windows: Sequence[WindowSaved] = ()
    learned: Sequence[LearnedSaved] = ()
