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
    """

    def __init__(self) -> None:
        self.space = Space()
        self.cores = 0
        self.releases = Releases()
        self._views: list[NodeView] = []
        self._taken: set[int] = set()
        self._changes = 0

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
            self.space.show(spot, self._views[spot])
        self._taken.clear()
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
        self.space.show(spot, view)
        return True

    def _begin(self, views: list[NodeView]) -> None:
        self._views = views
        self.space = space_of(views)
        self.releases.clear()
        self.cores = sum(len(view.node.cores) for view in views)
        self._changes = 0
        self._taken.clear()
