"""What the mind holds of a node: what is free on it, and why it takes nothing.

    cores {0, 3}      taken and given back as allocations come and go
    view()            the node as a round sees it: the same object until something changes
    turned {"a"}      the names of those that changed, for rounds to look at again

These objects change in place, and only through ``state.Memory``.
"""

from __future__ import annotations

from collections import deque
from dataclasses import replace
from typing import Generic, TypeVar, cast

from rota.core.reasons import Reason
from rota.core.resources import Grant, Node
from rota.engine.live import Alloc
from rota.sched.problem import NodeView

T = TypeVar("T")


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
        "_turned", "allocs", "boot", "cores", "ends_at", "gpus", "left_often", "memory",
        "node", "resources", "seen_at",
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
        self.left_often: deque[int] = deque()
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
