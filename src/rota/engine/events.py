"""Everything that can happen (Event) and be asked of the world (Effect).

    Event  →  mind.handle  →  Effect     Records are committed before others are performed

Every event carries ``at``: milliseconds since the epoch by the server's clock, which never
steps back.  A ``ticket`` names who waits for the answer; the mind only hands it back.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from rota.core.account import User
from rota.core.errors import RotaError
from rota.core.job import AttemptRef, JobSpec
from rota.core.licences import Reading
from rota.core.pool import Pool
from rota.core.reasons import Reason
from rota.core.resources import Grant, Node
from rota.engine.records import Audited, JobImage, Record, TaskEnds
from rota.sched.rules import Rules

# ── what happens ──────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Submitted:
    """A user handed in jobs; all of them are taken or none.

    Shapes:
        known: {key: job id} for those keys of *jobs* that the store already knows (G02)
        ended: {job id: final state} for dependencies the working memory has let go
        task_ends: {job id: what became of its tasks} of arrays waited for task by task
    """

    at: int
    user: User
    jobs: Sequence[JobSpec]
    ticket: object = None
    known: Mapping[str, int] = field(default_factory=dict)
    ended: Mapping[int, str] = field(default_factory=dict)
    task_ends: Mapping[int, TaskEnds] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Asked:
    """A user asks for something about jobs or tasks: kill, hold, suspend, rerun, edit, …

    Shapes:
        targets: (job id, task index or None for all of it), …
        options: of the verb: {"grace_ms": …} for kill, {"spec": JobSpec, …} for edit, …
        why:     in the user's words; for kill and hold the job's owner is told it
        revived: finished jobs among the targets, from the store; only ``rerun`` wants them
    """

    at: int
    user: User
    verb: str
    targets: Sequence[tuple[int, int | None]]
    ticket: object = None
    options: Mapping[str, Any] = field(default_factory=dict)
    revived: Sequence[JobImage] = ()
    why: str = ""


@dataclass(frozen=True, slots=True)
class Noted:
    """A line for the audit log; a *ticket* is answered when all up to here is on disk."""

    at: int
    line: Audited | None
    ticket: object = None


@dataclass(frozen=True, slots=True)
class NodeAsked:
    """An operator drains nodes, for so long or for good, or opens them again."""

    at: int
    user: User
    verb: str
    nodes: Sequence[str]
    why: str = ""
    ticket: object = None
    for_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Configured:
    """An administrator changed what is in force; *rules* replace those there were."""

    at: int
    user: User
    rules: Rules
    ticket: object = None


@dataclass(frozen=True, slots=True)
class LimitAsked:
    """Somebody sets limits live, of others as an operator, or of themselves.

    Shapes:
        set: {key of ``caps.FIELDS``: value, None: none}; None: what was set is removed
    """

    at: int
    user: User
    kind: str
    name: str
    set: Mapping[str, Any] | None
    ticket: object = None


@dataclass(frozen=True, slots=True)
class ReservationAsked:
    """An administrator books nodes for a time, or gives up; *said*: a window's keys."""

    at: int
    user: User
    verb: str
    name: str
    said: Mapping[str, Any] = field(default_factory=dict)
    ticket: object = None


@dataclass(frozen=True, slots=True)
class Metered:
    """Licence servers were asked, and said so."""

    at: int
    readings: Mapping[str, Reading]


@dataclass(frozen=True, slots=True)
class Holding:
    """An attempt an agent knows of.  phase: waiting, running, or ended (to be reported)."""

    attempt: AttemptRef
    phase: str
    started_at: int | None = None


@dataclass(frozen=True, slots=True)
class NodeJoined:
    """An agent connected and said what its node has and which attempts it holds.

    boot: the kernel's boot id; another one than before means nothing survived (G18)
    session: names this connection; reports of an older one are stale
    ends_in_ms: so long it will be there, if it knows: a pilot's time is up some day
    """

    at: int
    node: Node
    boot: str
    session: int
    holds: Sequence[Holding] = ()
    healthy: Reason | None = None
    ends_in_ms: int | None = None


@dataclass(frozen=True, slots=True)
class NodeLeft:
    """The connection of an agent ended.  Its jobs may well run on: nothing is decided."""

    at: int
    node: str
    session: int


@dataclass(frozen=True, slots=True)
class NodeChecked:
    """An agent's own check changed its mind: *trouble* is None when the node is well."""

    at: int
    node: str
    session: int
    trouble: Reason | None


@dataclass(frozen=True, slots=True)
class Started:
    """An attempt's first process runs (its start was on the node's disk before)."""

    attempt: AttemptRef
    started_at: int


@dataclass(frozen=True, slots=True)
class Finished:
    """An attempt ended, as the kernel told it (G11).

    Shapes:
        reason: why, classified on the node where the evidence is; ``ok`` only for exit 0
        usage:  {cpu_s, max_rss, read_bytes, written_bytes, …}: seconds, bytes
    """

    attempt: AttemptRef
    started_at: int | None
    ended_at: int
    exit_code: int | None
    signal: int | None
    reason: Reason
    usage: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Suspended:
    """All processes of an attempt stand still (*on*), or go on again."""

    attempt: AttemptRef
    on: bool


@dataclass(frozen=True, slots=True)
class Declined:
    """An agent did not start an attempt and never will (G10): stale, full, unwell."""

    attempt: AttemptRef
    reason: Reason


@dataclass(frozen=True, slots=True)
class Reported:
    """What an agent reports about attempts, in order."""

    at: int
    node: str
    session: int
    reports: Sequence[Started | Suspended | Finished | Declined]


@dataclass(frozen=True, slots=True)
class PoolAsked:
    """An administrator does something about a pool: add, set, remove, drain, undrain."""

    at: int
    user: User
    verb: str
    name: str
    pool: Pool | None = None
    ticket: object = None


@dataclass(frozen=True, slots=True)
class Launched:
    """Another system took pilot *n* of a pool, and called it *id*."""

    at: int
    pool: str
    n: int
    id: str


@dataclass(frozen=True, slots=True)
class NotLaunched:
    """Handing in pilot *n* failed; unless that is *certain* it may turn up all the same."""

    at: int
    pool: str
    n: int
    why: str
    certain: bool


class SeenPilot(NamedTuple):
    """One allocation in another system's list.

    state: queued, running, stuck, ended;  name: a marker if it is ours;  word: its own word
    """

    id: str
    state: str
    name: str
    word: str


@dataclass(frozen=True, slots=True)
class Polled:
    """Another system listed its allocations, or could not be asked (*seen* is None).

    began_at: when it was asked: what was handed in later need not be in the list
    """

    at: int
    pool: str
    began_at: int
    seen: Sequence[SeenPilot] | None
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class Tick:
    """Time passed; ``mind.next_at()`` says when to come; *last*: the server stops."""

    at: int
    last: bool = False


Event = (
    Submitted | Asked | Configured | LimitAsked | Metered | NodeAsked | NodeJoined
    | NodeLeft | NodeChecked | Reported | ReservationAsked | PoolAsked | Launched | Noted
    | NotLaunched | Polled | Tick
)  # fmt: skip


# ── what to do about it ───────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Reply:
    """Answer whoever holds *ticket*: with a value, or with an error of core.errors."""

    ticket: object
    value: Any = None
    error: RotaError | None = None


@dataclass(frozen=True, slots=True)
class Run:
    """Tell *node* to run *tasks* of a job one after another in one allocation.

    Shapes:
        grants: what the allocation holds, this node's first; several for multi-node jobs
        tasks:  (task index, attempt number, position in the array), …: all but the first
                wait on the node and can be given back
        denied_if: expressions of which one in the output of a failed task says that it
                was denied a licence
    """

    node: str
    alloc: int
    job: int
    spec: JobSpec
    user: User
    grants: tuple[Grant, ...]
    tasks: tuple[tuple[int, int, int], ...]
    denied_if: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Kill:
    """Tell *node* to end an attempt: TERM, then KILL after *grace_ms*.

    signal: sent instead of TERM to those who catch it, to save their work; "": TERM
    """

    node: str
    attempt: AttemptRef
    grace_ms: int
    reason: Reason
    signal: str = ""


@dataclass(frozen=True, slots=True)
class Suspend:
    """Tell *node* to let an attempt stand still (*on*), or go on."""

    node: str
    attempt: AttemptRef
    on: bool


@dataclass(frozen=True, slots=True)
class Signal:
    """Tell *node* to send a signal to an attempt; nobody remembers it."""

    node: str
    attempt: AttemptRef
    signal: str


@dataclass(frozen=True, slots=True)
class Forget:
    """Tell *node* that these attempts are settled: it may drop what it keeps of them."""

    node: str
    attempts: tuple[AttemptRef, ...]


@dataclass(frozen=True, slots=True)
class Launch:
    """Hand in pilot *n* of *pool* under the name *marker*; its agents are *nodes*."""

    pool: Pool
    n: int
    marker: str
    nodes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CancelPilots:
    """End the allocations *ids* in the system of *pool*."""

    pool: Pool
    ids: tuple[str, ...]


Effect = Record | Reply | Run | Kill | Suspend | Signal | Forget | Launch | CancelPilots
