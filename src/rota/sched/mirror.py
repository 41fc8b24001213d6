"""The nodes as views, followed from round to round: only those that changed are looked at.

    nodes     a  b  c  d         whoever holds the truth about them (the engine) notes
    turned       b     d         the names of those of which something changed:
                 ╰─────┴──→      these are put right in the space

A round costs what changed since the last one, however many nodes there are.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol, overload

from rota.sched.problem import NodeView
from rota.sched.releases import Releases
from rota.sched.space import Space, Take, space_of

Size = tuple[int, int, int]
"""(cores, memory, gpus) of one node."""


class Shown(Protocol):
    """A node, by whoever holds it."""

    def view(self) -> NodeView:
        """Return the node as a round sees it."""


class Mirror(Sequence[NodeView]):
    """See the head of the file; nodes stand in the order of their names.

    Attributes:
        space: what is free, as counts; a round searches in it and leaves its starts there
        cores: how many there are on all nodes
        releases: what runs there; empty whenever the nodes were put in order anew
        failed: {sort of node: sizes of requests that have no place on any of that sort}
    """

    def __init__(self) -> None:
        self.space = Space()
        self.cores = 0
        self.releases = Releases()
        self.failed: dict[object, list[Size]] = {}
        self._views: list[NodeView] = []
        self._taken: set[int] = set()
        self._changes = 0
        self._most: Size = (0, 0, 0)

    def __len__(self) -> int:
        return len(self._views)

    @overload
    def __getitem__(self, at: int) -> NodeView: ...
    @overload
    def __getitem__(self, at: slice) -> Sequence[NodeView]: ...
    def __getitem__(self, at: int | slice) -> NodeView | Sequence[NodeView]:
        return self._views[at]

    def follow(
        self, nodes: Mapping[str, Shown], licences: Mapping[str, int], turned: set[str]
    ) -> Mirror:
        """Show *nodes*, and so many free *licences*; return the mirror.

        Args:
            turned: names of all nodes that came, went, or changed since the last time;
                    they are taken out
        """
        # What moved leaves marks behind in the index: now and then it is made anew.
        self._changes += len(turned)
        alike = self._changes <= 8 * len(self._views) + 1000
        if not (alike and all(self._follow(name, nodes) for name in turned)):
            self._begin([nodes[name].view() for name in sorted(nodes)])
        turned.clear()
        for spot in self._taken:
            self._show(spot, self._views[spot])
        self._taken.clear()
        self._try_again()
        self.space.licences = dict(licences)
        return self

    def took(self, takes: Iterable[Take]) -> None:
        """Take note of what a round took: it is looked at again the next time."""
        self._taken.update(take.spot for take in takes)

    def check(self, nodes: Mapping[str, Shown], turned: set[str]) -> None:
        """Assert that nothing but *turned* is other than it is shown."""
        shown = {view.node.name: view for view in self._views}
        for name in {*nodes, *shown} - turned:
            assert name in shown and name in nodes, f"node {name} came or went unnoticed"
            assert shown[name] == nodes[name].view(), f"node {name} changed unnoticed"

    def _follow(self, name: str, nodes: Mapping[str, Shown]) -> bool:
        """Show the node *name* as it is; say whether that could be done in its place."""
        spot, node = self.space.by_name.get(name), nodes.get(name)
        if spot is None or node is None:
            return False
        before, view = self._views[spot], node.view()
        if before.node is not view.node and before.node != view.node:
            return False
        self._views[spot] = view
        self._show(spot, view)
        return True

    def _show(self, spot: int, view: NodeView) -> None:
        self.space.show(spot, view)
        if view.closed is None:
            cores, memory, gpus = self._most
            self._most = (
                max(cores, len(view.cores)), max(memory, view.memory),
                max(gpus, len(view.gpus)),
            )  # fmt: skip

    def _try_again(self) -> None:
        """Forget that a size had no place where a node that changed might be one."""
        if self._most != (0, 0, 0):
            for sort, sizes in self.failed.items():
                self.failed[sort] = [size for size in sizes if not within(size, self._most)]
            self._most = (0, 0, 0)

    def _begin(self, views: list[NodeView]) -> None:
        self._views = views
        self.space = space_of(views)
        self.releases.clear()
        self.cores = sum(len(view.node.cores) for view in views)
        self._changes = 0
        self._taken.clear()
        self.failed.clear()


def within(less: Size, more: Size) -> bool:
    """Say whether *less* has a place wherever *more* has one."""
    return less[0] <= more[0] and less[1] <= more[1] and less[2] <= more[2]
