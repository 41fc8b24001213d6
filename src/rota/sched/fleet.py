"""The nodes, kept from round to round: what a server holds instead of a list of views.

    join, leave, close     a node comes, goes, is drained or opened again
    take, give             an allocation starts, ends

A ``Fleet`` is a sequence of ``NodeView`` and may stand in a ``Snapshot`` wherever a list of
them may; a round on it costs what it looks at, not what there is, and leaves it as it was.
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import NamedTuple, overload

from rota.core.reasons import Reason
from rota.core.resources import Grant, Node
from rota.sched.problem import NodeView
from rota.sched.space import Space, Take


class Holding(NamedTuple):
    """What an allocation holds of one node, and until when at the latest.

    Licences stand at the first node of an allocation only.
    """

    ends_by: int | None
    take: Take
    licences: tuple[tuple[str, int], ...] = ()


class Fleet(Sequence[NodeView]):
    """See the head of the file.

    Attributes:
        space: what is free, as counts; a round searches in it
        cores: how many there are on all nodes
    """

    def __init__(self, views: Iterable[NodeView] = ()) -> None:
        self.space = Space()
        self.cores = 0
        self._cores: list[list[int]] = []
        self._gpus: list[list[int]] = []
        self._held: list[dict[int, Holding]] = []
        for view in views:
            self.join(view)

    def __len__(self) -> int:
        return len(self.space.nodes)

    def __iter__(self) -> Iterator[NodeView]:
        return map(self._view, range(len(self)))

    @overload
    def __getitem__(self, at: int) -> NodeView: ...
    @overload
    def __getitem__(self, at: slice) -> Sequence[NodeView]: ...
    def __getitem__(self, at: int | slice) -> NodeView | Sequence[NodeView]:
        if isinstance(at, slice):
            return [self._view(spot) for spot in range(len(self))[at]]
        return self._view(range(len(self))[at])

    def join(self, view: NodeView) -> None:
        """Let in a node, as *view* shows it; one of that name that was here is replaced."""
        if view.node.name in self.space.by_name:
            self.leave(view.node.name)
        self.space.add(view)
        self._cores.append(sorted(view.cores))
        self._gpus.append(sorted(view.gpus))
        self._held.append({})
        self.cores += len(view.node.cores)

    def leave(self, name: str) -> None:
        """Forget the node *name* and all that it held.

        This is rare, so the index is simply made anew from the nodes that stay.

        Raises:
            KeyError: there is no such node.
        """
        gone = self.space.by_name[name]
        views, held = list(self), self._held
        del views[gone], held[gone]
        self.__init__(views)  # type: ignore[misc]  # the same object, begun again
        for spot, rows in enumerate(held):
            for alloc, holding in rows.items():
                moved = holding.take._replace(spot=spot)
                self._held[spot][alloc] = holding._replace(take=moved)

    def close(self, name: str, why: Reason | None) -> None:
        """Let the node *name* take nothing, because of *why*; None opens it again."""
        self.space.close(self.space.by_name[name], why)

    def node(self, name: str) -> Node:
        """Return the node called *name*."""
        return self.space.nodes[self.space.by_name[name]]

    def take(
        self,
        alloc: int,
        grants: Iterable[Grant],
        *,
        ends_by: int | None,
        licences: tuple[tuple[str, int], ...] = (),
    ) -> None:
        """Let allocation *alloc* hold *grants*, at the latest until *ends_by*."""
        for grant in grants:
            spot = self.space.by_name[grant.node]
            taken = self._take_of(grant, spot)
            _without(self._cores[spot], grant.cores)
            _without(self._gpus[spot], grant.gpus)
            self.space.take((taken,))
            self._held[spot][alloc] = Holding(ends_by, taken, licences)
            licences = ()

    def give(self, alloc: int, grants: Iterable[Grant]) -> None:
        """Free what *alloc* holds; grants on nodes that have left meanwhile are gone."""
        for grant in grants:
            spot = self.space.by_name.get(grant.node)
            if spot is None or alloc not in self._held[spot]:
                continue
            del self._held[spot][alloc]
            for core in grant.cores:
                insort(self._cores[spot], core)
            for gpu in grant.gpus:
                insort(self._gpus[spot], gpu)
            self.space.give((self._take_of(grant, spot),))

    def extend(self, alloc: int, nodes: Iterable[str], ends_by: int | None) -> None:
        """Let *alloc* hold what it has on *nodes* until another instant."""
        for name in nodes:
            held = self._held[self.space.by_name[name]]
            held[alloc] = held[alloc]._replace(ends_by=ends_by)

    def held(self, spot: int) -> Iterable[Holding]:
        """Return what allocations hold of the node at index *spot*."""
        return self._held[spot].values()

    def all_held(self) -> Iterator[Holding]:
        """Return what allocations hold of all nodes."""
        return chain.from_iterable(held.values() for held in self._held)

    def _take_of(self, grant: Grant, spot: int) -> Take:
        size = (len(grant.cores), grant.memory, len(grant.gpus))
        return Take(spot, *size, grant.resources)

    def _view(self, spot: int) -> NodeView:
        space = self.space
        return NodeView(
            node=space.nodes[spot],
            cores=tuple(self._cores[spot]),
            memory=space.rest[spot][0],
            gpus=tuple(self._gpus[spot]),
            resources=space.amounts(spot),
            closed=space.closed[spot],
        )


def _without(ids: list[int], gone: tuple[int, ...]) -> None:
    # The lowest ids are given first, so usually it is the front that goes.
    if tuple(ids[: len(gone)]) == gone:
        del ids[: len(gone)]
    else:
        for one in gone:
            ids.remove(one)
