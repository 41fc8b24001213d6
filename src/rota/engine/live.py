"""What the mind holds of things that live: jobs, tasks, allocations, nodes.

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
from dataclasses import dataclass, field, replace
from typing import Any, Generic, TypeVar, cast

from rota.core.account import User
from rota.core.indexes import IndexSet
from rota.core.job import After, AttemptRef, JobSpec, task_name
from rota.core.lifecycle import State
from rota.core.reasons import Reason
from rota.core.resources import Grant, Node, Request
from rota.sched.expected import Estimate
from rota.sched.problem import NodeView

T = TypeVar("T")
LineKey = tuple[Request, str, str, str]

_NONE: dict[int, str] = {}
_NO_TASKS = IndexSet()
_NO_KINDS: dict[int, tuple[str, ...]] = {}


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
    """One element-wise dependency of a job: task i waits for task i of another.

    Shapes:
        left:   tasks whose counterpart has not ended, or begun, as *after* asks
        doomed: of these, those whose counterpart ended otherwise
    """

    after: After
    left: IndexSet
    doomed: IndexSet


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
        self.waiting = (
            IndexSet([[0, 0]]) if spec.array is None else spec.array.indexes.copy()
        )
        self.tasks: dict[int, Task] = {}
        self.ready: list[int] = []
        self.odd: list[int] = []
        self.gate = State.QUEUED
        self.counts: dict[State, int] = {State.QUEUED: len(self.waiting)}
        self.reason: Reason | None = None
        self.user_hold: Reason | None = None
        # Most jobs depend on nothing: they share one empty dictionary, replaced when used.
        self.deps_left = _NO_KINDS
        self.deps_failed = _NONE
        # Tasks never placed whose counterparts, by ``pairs``, are not yet as asked.
        self.blocked = _NO_TASKS
        self.pairs: tuple[Pairing, ...] = ()
        self.ends: dict[State, IndexSet] = {}
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
            return plain if request == self.spec.request else 0
        return sum(self.tasks[index].request == request for index in self.odd)

    def put_ready(self, task: Task) -> None:
        """*task* may be placed: in the order of its index among those that ask alike."""
        insort(self.ready if task.request is None else self.odd, task.index)

    def take_ready(self, task: Task) -> None:
        """*task* may not be placed any more."""
        (self.ready if task.request is None else self.odd).remove(task.index)

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


class _Seen(Generic[T]):
    """A field of a node that rounds see: whoever sets it makes them look again."""

    def __set_name__(self, owner: type[NodeState], name: str) -> None:
        self._slot = "_" + name

    def __get__(self, node: NodeState, owner: type[NodeState]) -> T:
        return cast(T, getattr(node, self._slot))

    def __set__(self, node: NodeState, value: T) -> None:
        setattr(node, self._slot, value)
        node.turn()


class NodeState:
    """A node as the mind knows it; *session* is None while it is not connected.

    Args:
        turned: names of nodes that changed since a round looked; this one's is added
    """

    __slots__ = (
        "_drained", "_ending", "_is_shunned", "_left_at", "_session", "_shown", "_trouble",
        "_turned", "allocs", "boot", "cores", "ends_at", "gpus", "memory", "node",
        "resources", "seen_at",
    )  # fmt: skip

    session = _Seen[int | None]()
    left_at = _Seen[int | None]()
    drained = _Seen[Reason | None]()
    trouble = _Seen[Reason | None]()
    ending = _Seen[Reason | None]()
    is_shunned = _Seen[bool]()

    def __init__(
        self, node: Node, *, boot: str, seen_at: int, turned: set[str] | None = None
    ) -> None:
        self._turned: set[str] = set() if turned is None else turned
        self._shown: NodeView | None = None
        self.node = node
        self.boot = boot
        self.seen_at = seen_at
        self.session = None
        self.left_at = seen_at
        self.drained = None
        self.trouble = None
        self.is_shunned = False
        self.ending = None
        self.ends_at: int | None = None
        self.allocs: dict[int, Alloc] = {}
        self.describe(node)

    def describe(self, node: Node) -> None:
        """Take *node* as what this machine has; what is held stays held."""
        self.node = node
        self.turn()
        self.cores: set[int] = set(node.cores)
        self.gpus: set[int] = set(node.gpus)
        self.memory = node.memory
        self.resources: dict[str, int] = dict(node.resources)
        for alloc in self.allocs.values():
            for grant in alloc.grants:
                if grant.node == node.name:
                    self.take(grant, with_cores=not alloc.lent)

    def take(self, grant: Grant, *, with_cores: bool = True) -> None:
        """Mark what *grant* holds as used."""
        self.turn()
        if with_cores:
            self.cores.difference_update(grant.cores)
        self.gpus.difference_update(grant.gpus)
        self.memory -= grant.memory
        for name, amount in grant.resources:
            self.resources[name] = self.resources.get(name, 0) - amount

    def give(self, grant: Grant, *, with_cores: bool = True) -> None:
        """Mark what *grant* held as free, as far as the machine (still) has it."""
        self.turn()
        if with_cores:
            self.cores.update(core for core in grant.cores if core in self.node.cores)
        self.gpus.update(gpu for gpu in grant.gpus if gpu in self.node.gpus)
        self.memory += grant.memory
        for name, amount in grant.resources:
            self.resources[name] = self.resources.get(name, 0) + amount

    @property
    def up(self) -> bool:
        """Whether it is connected, well, and open for work."""
        return self.session is not None and self.closed() is None

    def view(self) -> NodeView:
        """Return the node as a round sees it: the same object until something changes."""
        if self._shown is None:
            self._shown = self.looked_at()
        return self._shown

    def turn(self) -> None:
        """Take note that rounds would see something else now."""
        self._shown = None
        self._turned.add(self.node.name)

    def looked_at(self) -> NodeView:
        """Return the node as a round sees it, made anew."""
        return NodeView(
            self.seen,
            tuple(sorted(self.cores)),
            max(0, self.memory),
            tuple(sorted(self.gpus)),
            dict(self.resources),
            self.closed(),
        )

    def lend(self, grant: Grant) -> None:
        """Let others use the cores of *grant*, which is suspended."""
        self.turn()
        self.cores.update(core for core in grant.cores if core in self.node.cores)

    def take_back(self, grant: Grant) -> None:
        """Let nobody else use the cores of *grant*, which goes on."""
        self.turn()
        self.cores.difference_update(grant.cores)

    @property
    def seen(self) -> Node:
        """The node as rounds see it: one that a task keeps away from has a label for it."""
        if not self.is_shunned:
            return self.node
        return replace(self.node, labels=(*self.node.labels, shunning(self.node.name)))

    def closed(self) -> Reason | None:
        """Return why it takes no work, or None."""
        if self.session is None:
            return Reason("unreachable", "not connected", {"since": self.left_at})
        return self.drained or self.ending or self.trouble


def shunning(node: str) -> str:
    """Return the label that keeps a task away from *node*; no operator can give it."""
    return "@" + node


def grants_to_plain(grants: tuple[Grant, ...]) -> list[dict[str, Any]]:
    """Return *grants* as the API shows them: [{host, cores, gpus}]."""
    return [
        {"host": g.node, "cores": list(g.cores), "gpus": list(g.gpus)} for g in grants
    ]  # fmt: skip
