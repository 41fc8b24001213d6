"""What the mind holds of things that live: jobs, tasks, allocations.

    Job ──┬── waiting: indexes never placed (ranges; a million cost what one costs)
          ├── blocked: of the same kind, each waits for the task of its index elsewhere
          ├── tasks:   {index: Task} those placed, running, or waiting for another try
          │            (ready: those that may be placed; odd: and ask for something else)
          └── counts:  {state: how many}, also of those that ended and were let go

These objects change in place, and only through ``state.Memory``.
"""

from __future__ import annotations

from bisect import insort
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from rota.core.account import User
from rota.core.indexes import IndexSet, only_zero
from rota.core.job import After, AttemptRef, JobSpec, task_name
from rota.core.lifecycle import State
from rota.core.reasons import Reason
from rota.core.resources import Grant, Request
from rota.sched.expected import Estimate

LineKey = tuple[Request, str, str, str]

# Most jobs wait, depend on nothing and have no tasks with rows: a million of them share
# what is empty, and what says that the only task is queued or held.
_NONE: dict[int, str] = {}
_NO_TASKS = IndexSet()
_NO_KINDS: dict[int, tuple[str, ...]] = {}
_NO_ROWS: Mapping[int, Task] = {}
_NO_ENDS: Mapping[State, IndexSet] = {}
_ONE: Mapping[State, Mapping[State, int]] = {state: {state: 1} for state in State}


class Task:
    """A task that has a row of its own; ``n`` is its latest attempt, 0 before the first.

    paused_at, stood_ms: of an attempt that is suspended since when, and was for how long
    """

    __slots__ = (
        "alloc", "failures", "index", "job", "killing", "n", "not_before", "paused_at",
        "placed_at", "reason", "request", "started_at", "state", "stood_ms", "troubles",
    )  # fmt: skip

    def __init__(self, job: Job, index: int, state: State) -> None:
        self.job = job
        self.index = index
        self.state = state
        self.n = 0
        self.alloc: Alloc | None = None
        self.placed_at = 0
        self.started_at: int | None = None
        self.reason: Reason | None = None
        self.killing: Reason | None = None
        # Budgets used and lessons learned, see ``core.remedy``; and what they make of
        # what the job asks for, None: nothing else.
        self.failures: dict[str, int] = {}
        self.request: Request | None = None
        self.troubles = 0
        self.not_before: int | None = None
        self.paused_at: int | None = None
        self.stood_ms = 0

    @property
    def ref(self) -> AttemptRef:
        """The name of its latest attempt."""
        return AttemptRef(self.job.id, self.index, self.n)

    @property
    def usage(self) -> dict[str, Any]:
        """What is known of an attempt that has not ended: a restart needs it."""
        return {"suspended_s": self.stood_ms / 1000} if self.stood_ms else {}

    @property
    def name(self) -> str:
        """As a user writes it: "12" or "12[7]"."""
        return task_name(self.job.id, self.index if self.job.spec.array else None)


@dataclass(slots=True)
class Pairing:
    """A dependency by tasks: task i waits for task i of another, or all wait for one.

    Shapes:
        mine:   all tasks of the job that waits
        left:   tasks whose counterpart has not ended, or begun, as *after* asks
        doomed: of these, those whose counterpart ended otherwise
    """

    after: After
    left: IndexSet
    doomed: IndexSet
    mine: IndexSet

    def here(self, first: int, last: int) -> list[list[int]]:
        """Return whose counterparts are in *first* … *last*, in ranges."""
        if self.after.task is None:
            return [[first, last]]
        return self.mine.ranges() if first <= self.after.task <= last else []

    def there(self, index: int) -> int:
        """Return the counterpart of task *index*."""
        return index if self.after.task is None else self.after.task


class Job:
    """A job with at least one task that has not ended."""

    __slots__ = (
        "allocs", "blocked", "counts", "deps_failed", "deps_left", "ended_at", "ends",
        "gate", "guess", "id", "line", "mean_ms", "measured", "odd", "pairs", "positions",
        "ready", "reason", "spec",
        "started_at", "strip", "submitted_at", "tasks", "user", "user_hold", "waiting",
    )  # fmt: skip

    def __init__(self, *, id: int, spec: JobSpec, user: User, submitted_at: int) -> None:
        self.id = id
        self.spec = spec
        self.user = user
        self.submitted_at = submitted_at
        self.waiting = only_zero() if spec.array is None else spec.array.indexes.copy()
        self.tasks = _NO_ROWS
        self.ready: Sequence[int] = ()
        self.odd: Sequence[int] = ()
        self.gate = State.QUEUED
        self.counts = counted({State.QUEUED: len(self.waiting)})
        self.reason: Reason | None = None
        self.user_hold: Reason | None = None
        # Most jobs depend on nothing: they share one empty dictionary, replaced when used.
        self.deps_left = _NO_KINDS
        self.deps_failed = _NONE
        # Tasks never placed whose counterparts, by ``pairs``, are not yet as asked.
        self.blocked = _NO_TASKS
        self.pairs: tuple[Pairing, ...] = ()
        self.ends = _NO_ENDS
        self.started_at: int | None = None
        self.ended_at: int | None = None
        self.allocs = 0
        self.line: LineKey | None = None
        self.mean_ms: float = 0.0
        self.measured = 0
        self.strip = 1
        self.guess: tuple[int, Estimate] | None = None
        self.positions: dict[int, int] | None = None

    @property
    def is_array(self) -> bool:
        """Whether it was submitted as an array."""
        return self.spec.array is not None

    @property
    def unplaced(self) -> int:
        """How many tasks have no row of their own and have not ended."""
        return len(self.waiting) + len(self.blocked)

    def lacks(self, index: int) -> bool:
        """Whether the counterpart of task *index* is not yet as asked."""
        return any(index in pair.left for pair in self.pairs)

    def dooms(self, index: int) -> bool:
        """Whether the counterpart of task *index* ended, but not as asked."""
        return any(index in pair.doomed for pair in self.pairs)

    @property
    def pending(self) -> int:
        """How many tasks could be placed if nothing throttled them."""
        return len(self.waiting) + len(self.ready) + len(self.odd)

    @property
    def room(self) -> int:
        """How many more allocations, alike in what they ask for, its throttle allows."""
        limit = self.spec.array.limit if self.spec.array else None
        alike = self.alike(self.asks)
        return alike if limit is None else min(alike, limit - self.allocs)

    @property
    def asks(self) -> Request:
        """What its next task asks for: those that ask for their own come last."""
        if self.odd and not self.waiting and not self.ready:
            return self.tasks[self.odd[0]].request or self.spec.request
        return self.spec.request

    def alike(self, request: Request) -> int:
        """How many of its tasks could be placed next that ask for *request*."""
        plain = len(self.waiting) + len(self.ready)
        if plain or not self.odd:
            asked = self.spec.request
            return plain if request is asked or request == asked else 0
        return sum(self.tasks[index].request == request for index in self.odd)

    def put_ready(self, task: Task) -> None:
        """*task* may be placed: in the order of its index among those that ask alike."""
        if task.request is None:
            self.ready = _with(self.ready, task.index)
        else:
            self.odd = _with(self.odd, task.index)

    def take_ready(self, task: Task) -> None:
        """*task* may not be placed any more."""
        if task.request is None:
            self.ready = _without(self.ready, task.index)
        else:
            self.odd = _without(self.odd, task.index)

    def put_row(self, task: Task) -> None:
        """*task* has a row of its own from now on."""
        if not isinstance(self.tasks, dict) or self.tasks is _NO_ROWS:
            self.tasks = {}
        self.tasks[task.index] = task

    def drop_row(self, index: int) -> None:
        """Task *index* is let go of."""
        assert isinstance(self.tasks, dict), f"job {self.id} has no tasks with rows"
        del self.tasks[index]

    def count(self, tasks: int, *, before: State, after: State) -> None:
        """Count so many of its tasks out of one state and into another."""
        counts = dict(self.counts)
        counts[before] -= tasks
        if not counts[before]:
            del counts[before]
        counts[after] = counts.get(after, 0) + tasks
        self.counts = counted(counts)

    def note_end(self, state: State, first: int, last: int) -> None:
        """Note that its tasks *first* … *last* ended in *state*."""
        if state not in self.ends:
            self.ends = {**self.ends, state: IndexSet()}
        self.ends[state].add_range(first, last)

    @property
    def line_key(self) -> LineKey:
        """What makes it like others: shape, user, account, queue."""
        return (self.asks, self.user.name, self.account, self.spec.queue)

    @property
    def account(self) -> str:
        """Whom its usage is charged to: who submitted it, unless it says otherwise."""
        return self.spec.account or self.user.name

    def position(self, index: int) -> int:
        """Return where in the array *index* stands, for its values."""
        if self.spec.array is None or not self.spec.array.values:
            return 0
        if self.positions is None:
            self.positions = {ix: at for at, ix in enumerate(self.spec.array.indexes)}
        return self.positions[index]


def counted(counts: Mapping[State, int]) -> Mapping[State, int]:
    """Return *counts* as a job keeps them: read only, those of a single task shared."""
    if len(counts) == 1:
        ((state, tasks),) = counts.items()
        if tasks == 1:
            return _ONE[state]
    return counts


def _with(indexes: Sequence[int], index: int) -> Sequence[int]:
    some = indexes if isinstance(indexes, list) else [*indexes]
    insort(some, index)
    return some


def _without(indexes: Sequence[int], index: int) -> Sequence[int]:
    some = indexes if isinstance(indexes, list) else [*indexes]
    some.remove(index)
    return some or ()


@dataclass(slots=True)
class Alloc:
    """Resources held on nodes for tasks of one job, run one after another.

    lent: its task is suspended for others, who may have its cores meanwhile
    resumed_at: since when it runs again after that; None: it never stood still
    turned_at: when a task of its strip last ended
    """

    id: int
    job: Job
    grants: tuple[Grant, ...]
    placed_at: int
    request: Request
    strip: deque[Task] = field(default_factory=deque)
    lent: bool = False
    resumed_at: int | None = None
    turned_at: int = 0

    @property
    def cores(self) -> int:
        """How many cores it holds, on all its nodes."""
        return sum(len(grant.cores) for grant in self.grants)

    @property
    def node(self) -> str:
        """The node whose agent runs it: the first."""
        return self.grants[0].node


def grants_to_plain(grants: tuple[Grant, ...]) -> list[dict[str, Any]]:
    """Return *grants* as the API shows them: [{host, cores, gpus}]."""
    return [
        {"host": g.node, "cores": list(g.cores), "gpus": list(g.gpus)} for g in grants
    ]  # fmt: skip
