"""What is free, indexed so that looking for a place costs shapes, not nodes.

    kind    nodes alike in everything that never changes: cores, memory, labels …
    stock   of a kind: [free cores] → {what else is free} → its nodes, lowest first

    kind 64 cores, 256 GB:   [64] {(256 GB, 0 gpus)} → 7, 8, 9 …      idle
                             [12] {(40 GB, 0 gpus)}  → 3, 5           two alike
                              [0] …                  → 1, 2, 4, 6     full

A ``Space`` counts; which core ids are meant is settled only for what really starts
(``round``).  So the same class serves for now and for any instant of the future.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from heapq import heappop, heappush
from typing import NamedTuple

from rota.core.reasons import Reason
from rota.core.resources import Node, Request
from rota.sched.eligible import eligible, sort_of
from rota.sched.problem import NodeView

Rest = tuple[int, int, tuple[int, ...]]
"""What is free besides cores: memory, gpus, and the kind's consumables by name."""

Free = tuple[int, Rest]
"""What is free on a node, cores first."""


class Take(NamedTuple):
    """So much of the node at index *spot*; a placement is a list, its nodes distinct."""

    spot: int
    cores: int
    memory: int = 0
    gpus: int = 0
    resources: tuple[tuple[str, int], ...] = ()


class Kind:
    """Nodes alike in all that never changes, sorted by what is free on them."""

    __slots__ = ("names", "node", "size", "stock")

    def __init__(self, node: Node) -> None:
        self.node = node
        self.names = tuple(sorted(node.resources))
        self.size = len(node.cores)
        self.stock: list[dict[Rest, list[int]]] = [{} for _ in range(self.size + 1)]

    @property
    def idle(self) -> Rest:
        """What is free besides cores on a node of this kind with nothing running."""
        node = self.node
        amounts = tuple(node.resources[name] for name in self.names)
        return (node.memory, len(node.gpus), amounts)


class Space:
    """Free amounts on every node, and of every licence."""

    def __init__(self, *, licences: Mapping[str, int] | None = None) -> None:
        self.nodes: list[Node] = []
        self.cores: list[int] = []
        self.rest: list[Rest] = []
        self.closed: list[Reason | None] = []
        self.kind_of: list[Kind] = []
        self.kinds: list[Kind] = []
        self.licences: dict[str, int] = dict(licences or {})
        self.by_name: dict[str, int] = {}
        self._kinds_by_key: dict[object, Kind] = {}
        self._able: dict[object, list[Kind]] = {}

    def add(self, view: NodeView) -> None:
        """Put in a node as *view* shows it; a closed one is known but never found."""
        node = view.node
        kind = self._kind(node)
        amounts = tuple(view.resources.get(name, 0) for name in kind.names)
        index = len(self.nodes)
        self.nodes.append(node)
        self.cores.append(len(view.cores))
        self.rest.append((view.memory, len(view.gpus), amounts))
        self.closed.append(view.closed)
        self.kind_of.append(kind)
        self.by_name[node.name] = index
        self._shelve(index)

    def _kind(self, node: Node) -> Kind:
        amounts = tuple(sorted(node.resources.items()))
        size = (len(node.cores), node.memory, len(node.gpus))
        key = (size, amounts, node.labels, node.requires, node.serves, node.uid)
        kind = self._kinds_by_key.get(key)
        if kind is None:
            kind = self._kinds_by_key[key] = Kind(node)
            self.kinds.append(kind)
            self._able.clear()
        return kind

    def able(self, request: Request) -> list[Kind]:
        """Return the kinds of node that *request* may use at all, whatever is free."""
        # Hashing a whole Request costs more.
        key = sort_of(request)
        found = self._able.get(key)
        if found is None:
            found = [kind for kind in self.kinds if eligible(kind.node, request)]
            self._able[key] = found
        return found

    def spots(self, kind: Kind, least: int) -> Iterator[tuple[int, Rest, list[int]]]:
        """Yield (free cores, rest, heap of node indexes) of *kind*, fewest cores first."""
        for cores in range(max(least, 0), kind.size + 1):
            shelf = kind.stock[cores]
            if shelf:
                for rest in sorted(shelf) if len(shelf) > 1 else tuple(shelf):
                    heap = self._trim(shelf, cores, rest)
                    if heap:
                        yield cores, rest, heap

    def members(self, cores: int, rest: Rest, heap: list[int]) -> list[int]:
        """Return the nodes that stand on one spot, lowest first."""
        alive = {i for i in heap if self._stands(i, cores, rest)}
        return sorted(alive)

    def take(self, takes: Iterable[Take]) -> None:
        """Mark *takes* as used; they must be free."""
        for take in takes:
            self._change(take, -1)

    def give(self, takes: Iterable[Take]) -> None:
        """Mark *takes* as free again."""
        for take in takes:
            self._change(take, 1)

    def take_licences(self, amounts: Iterable[tuple[str, int]], sign: int = 1) -> None:
        """Mark licences as used, or with sign −1 as free again."""
        for name, amount in amounts:
            self.licences[name] = self.licences.get(name, 0) - sign * amount

    def licensed(self, request: Request) -> bool:
        """Say whether the licences that *request* needs are free."""
        return all(self.licences.get(name, 0) >= k for name, k in request.licences)

    def set_free(self, index: int, cores: int, rest: Rest) -> None:
        """Let the node at *index* have exactly so much free."""
        self.cores[index] = cores
        self.rest[index] = rest
        self._shelve(index)

    def show(self, index: int, view: NodeView) -> None:
        """Let the node at *index* be as *view* shows it; what never changes is the same."""
        names = self.kind_of[index].names
        amounts = tuple(view.resources.get(name, 0) for name in names)
        self.closed[index] = view.closed
        self.set_free(index, len(view.cores), (view.memory, len(view.gpus), amounts))

    def close(self, index: int, why: Reason | None) -> None:
        """Take the node at *index* out of the search, or with None let it in again."""
        self.closed[index] = why
        self._shelve(index)

    def copy(self) -> Space:
        """Return a space of its own with the same amounts."""
        twin = Space(licences=self.licences)
        twin.nodes, twin.by_name = self.nodes, self.by_name
        twin.cores, twin.rest = self.cores[:], self.rest[:]
        twin.closed = self.closed[:]
        fresh = {id(kind): Kind(kind.node) for kind in self.kinds}
        twin.kinds = [fresh[id(kind)] for kind in self.kinds]
        twin.kind_of = [fresh[id(kind)] for kind in self.kind_of]
        twin._kinds_by_key = {k: fresh[id(v)] for k, v in self._kinds_by_key.items()}
        for index in range(len(twin.nodes)):
            twin._shelve(index)
        return twin

    def amounts(self, index: int) -> dict[str, int]:
        """Return {consumable: free amount} of the node at *index*."""
        names = self.kind_of[index].names
        if not names:
            return {}
        return dict(zip(names, self.rest[index][2], strict=True))

    def _change(self, take: Take, sign: int) -> None:
        index = take.spot
        free = (self.cores[index], self.rest[index])
        names = self.kind_of[index].names
        self.cores[index], self.rest[index] = moved(free, take, names=names, sign=sign)
        self._shelve(index)

    def _shelve(self, index: int) -> None:
        cores = self.cores[index]
        if self.closed[index] is None and cores > 0:
            shelf = self.kind_of[index].stock[cores]
            heappush(shelf.setdefault(self.rest[index], []), index)

    def _stands(self, index: int, cores: int, rest: Rest) -> bool:
        return (
            self.cores[index] == cores
            and self.rest[index] == rest
            and self.closed[index] is None
        )

    def _trim(self, shelf: dict[Rest, list[int]], cores: int, rest: Rest) -> list[int]:
        # Nodes that moved on are dropped when they come to the front, not before.
        heap = shelf[rest]
        while heap and not self._stands(heap[0], cores, rest):
            heappop(heap)
        if not heap:
            del shelf[rest]
        return heap


def moved(free: Free, take: Take, *, names: Sequence[str], sign: int = 1) -> Free:
    """Return what is free on a node after *take* came back to it; with sign −1: left it.

    Args:
        names: of the node's consumables, as its kind has them in order
    """
    cores, (memory, gpus, amounts) = free
    if take.resources:
        asked = dict(take.resources)
        pairs = zip(names, amounts, strict=True)
        amounts = tuple(have + sign * asked.get(name, 0) for name, have in pairs)
    rest = (memory + sign * take.memory, gpus + sign * take.gpus, amounts)
    return cores + sign * take.cores, rest


def space_of(views: Sequence[NodeView], licences: Mapping[str, int] | None = None) -> Space:
    """Return the space that *views* show."""
    space = Space(licences=licences)
    for view in views:
        space.add(view)
    return space
